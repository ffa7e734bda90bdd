// What the HTTP side gets of an operation.
import type { Summary } from './context.js'

/** What a subscription gives, each time as the JSON of a whole result. Never rejects. */
export type Events = AsyncIterableIterator<string, undefined> & {
  /** The last one, for a client that should ask again. */
  toLast(code: string, message: string): string
}

export type GraphQLResponse = {
  readonly status: number
  readonly headers: Iterable<readonly [string, string]>
  readonly body: string
  /** In place of the body: what a subscription gives. It must be ended by whoever has taken the place for it. */
  readonly events?: Events
  readonly summary: Summary
}
