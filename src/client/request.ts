// How each upstream wants to be asked. The query is written by hand: order and spelling are part of the promise.
import type { FileId } from '../file.js'

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

const PATH = '/v1/files/retrieve'

/**
 * Makes path and query for an id: `…?model=minimax-files-retrieve&file_id=1` for CometAPI, whose gateway routes
 * and bills by `model`; `…?file_id=1` for MiniMax, with `GroupId` before it for legacy accounts only, since with
 * a newer key it is refused.
 */
export function createTarget(dialect: Dialect, baseUrl: URL, operation = PATH): (id: FileId) => string {
  const path = baseUrl.pathname.replace(/\/+$/, '') + operation
  const first = toFirstParameter(dialect)
  return (id) => `${path}?${first}file_id=${id}`
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
