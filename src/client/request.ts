// The requests of each upstream. The query is written by hand, since its order and spelling are part of the contract.
import type { FileId } from '../file.js'
import type { TaskId, TaskKind } from '../task.js'

export type Dialect =
  | { readonly kind: 'cometapi'; readonly model: string }
  | { readonly kind: 'minimax'; readonly groupId?: string | undefined }

/** What every request carries. */
export function toHeaders(key: string): Readonly<Record<string, string>> {
  return {
    authorization: `Bearer ${key}`,
    accept: 'application/json',
    'user-agent': 'minimax-files-graphql',
  }
}

export type Targets = {
  readonly retrieve: (id: FileId) => string
  /** All files, or those of a purpose, in the upstream's own word. */
  readonly list: (purposeName: string | undefined) => string
  readonly delete: string
  readonly content: (id: FileId) => string
  readonly create: Readonly<Record<TaskKind, string>>
  readonly query: (kind: TaskKind, id: TaskId) => string
}

/**
 * Makes path and query of each operation: `…/retrieve?model=minimax-files-retrieve&file_id=1` for CometAPI, whose
 * gateway routes and bills by `model`; `…/retrieve?file_id=1` for MiniMax, with `GroupId` before it for legacy accounts
 * only, since with a newer key it is refused. A creation names its model in its body, and by that it is routed and billed.
 */
export function createTargets(dialect: Dialect, baseUrl: URL): Targets {
  const root = `${baseUrl.pathname.replace(/\/+$/, '')}/v1`
  const path = `${root}/files`
  const first = toFirstParameter(dialect)
  const query = first === '' ? '' : `?${first.slice(0, -1)}`
  const ownQuery = dialect.kind === 'cometapi' ? '' : query
  return {
    retrieve: (id) => `${path}/retrieve?${first}file_id=${id}`,
    list: (purposeName) =>
      purposeName === undefined
        ? `${path}/list${query}`
        : `${path}/list?${first}purpose=${encodeURIComponent(purposeName)}`,
    delete: `${path}/delete${query}`,
    content: (id) => `${path}/retrieve_content?${first}file_id=${id}`,
    create: {
      video: `${root}/video_generation${ownQuery}`,
      speech: `${root}/t2a_async_v2${ownQuery}`,
    },
    query: (kind, id) =>
      kind === 'video'
        ? `${root}/query/video_generation?${first}task_id=${id}`
        : `${root}/query/t2a_async_query_v2?${first}task_id=${id}`,
  }
}

function toFirstParameter(dialect: Dialect): string {
  switch (dialect.kind) {
    case 'cometapi':
      return `model=${encodeURIComponent(dialect.model)}&`
    case 'minimax':
      return dialect.groupId === undefined ? '' : `GroupId=${encodeURIComponent(dialect.groupId)}&`
    default:
      return dialect satisfies never
  }
}
