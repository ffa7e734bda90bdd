// How long a response may be cached by its receiver, and the tags by which a router can drop it.
import type { ApolloServerPlugin } from '@apollo/server'
import { type FileId, parseFileId } from '../file.js'

/** Collected while an operation runs. */
export type Reuse = {
  /** A file went into the response; its answer is fresh until this time, in Unix ms. */
  served(freshUntilMs: number): void
  /** A look-up failed, and the failure is data: the response must not be cached. */
  failed(): void
  /** The ids that a root field asks for: of files, unless another type is given. */
  tagRoot(ids: readonly unknown[], typename?: string): void
  /** The representations of one `_entities` field. */
  tagEntities(representations: readonly unknown[]): void
  /** A task is answered with its file: whoever drops the file by its tag must drop the task too. */
  tagFileOf(typename: string, id: string, fileId: FileId): void
  /** How many whole seconds it may be cached; 0 or less: not at all. */
  toMaxAgeSeconds(nowMs: number): number
  toTags(): Tags
}

/** The names and shapes that Apollo's and Cosmo's routers read from `extensions`. */
type Tags = {
  readonly apolloCacheTags?: readonly string[]
  /** One list per representation, in their order. */
  readonly apolloEntityCacheTags?: readonly (readonly string[])[]
}

export function createReuse(): Reuse {
  // Undefined for an operation without a look-up, which may not be cached.
  let freshUntilMs: number | undefined
  let failed = false
  const roots = new Set<string>()
  const entities: string[][][] = []
  /** The tags of tasks' files, by the tags of the tasks. */
  const files = new Map<string, string[]>()
  const withFiles = (tags: Iterable<string>) => [...tags].flatMap((tag) => [tag, ...(files.get(tag) ?? [])])
  return {
    served: (untilMs) => {
      freshUntilMs = Math.min(untilMs, freshUntilMs ?? untilMs)
    },
    failed: () => {
      failed = true
    },
    tagRoot: (ids, typename = 'File') => {
      for (const tag of ids.flatMap((id) => toRouterTags(id, typename))) roots.add(tag)
    },
    tagEntities: (representations) => {
      entities.push(representations.map(toEntityTags))
    },
    tagFileOf: (typename, id, fileId) => {
      for (const tag of toRouterTags(id, typename)) files.set(tag, toRouterTags(fileId, 'File'))
    },
    toMaxAgeSeconds: (nowMs) => {
      if (failed || freshUntilMs === undefined) return 0
      return Math.floor((freshUntilMs - nowMs) / 1000)
    },
    toTags: () => ({
      ...(roots.size > 0 ? { apolloCacheTags: [...new Set(withFiles(roots))] } : {}),
      // With two `_entities` fields nothing would say which list is whose. No router asks so.
      ...(entities.length === 1 && entities[0] ? { apolloEntityCacheTags: entities[0].map(withFiles) } : {}),
    }),
  }
}

const PREFIXES: ReadonlyMap<unknown, string> = new Map([
  ['File', 'file'],
  ['VideoTask', 'video-task'],
  ['SpeechTask', 'speech-task'],
])

/** All ids are of one kind. */
function toRouterTags(id: unknown, typename: unknown): string[] {
  const parsed = parseFileId(id)
  const prefix = PREFIXES.get(typename)
  return parsed === undefined || prefix === undefined ? [] : [`${prefix}-${parsed}`]
}

function toEntityTags(representation: unknown): string[] {
  const { __typename, id } = (representation ?? {}) as {
    readonly __typename?: unknown
    readonly id?: unknown
  }
  return toRouterTags(id, __typename)
}

/** Sets the headers for browsers and routers. Only the response to a query may be cached, privately and if it has no errors. */
export function createReusePlugin(nowMs: () => number): ApolloServerPlugin<{ readonly reuse: Reuse }> {
  return {
    requestDidStart: async ({ contextValue: { reuse } }) => ({
      willSendResponse: async ({ operation, response: { http, body } }) => {
        http.headers.set('cache-control', 'no-store')
        if (operation?.operation !== 'query' || body.kind !== 'single' || body.singleResult.errors) return
        const seconds = reuse.toMaxAgeSeconds(nowMs())
        if (!(seconds > 0)) return
        http.headers.set('cache-control', `private, max-age=${seconds}`)
        http.headers.set('vary', 'accept, authorization')
        body.singleResult.extensions = { ...body.singleResult.extensions, ...reuse.toTags() }
      },
    }),
  }
}
