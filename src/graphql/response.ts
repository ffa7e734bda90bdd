// The result of an operation, as the HTTP side gets it.
import type { Summary } from './context.js'

/** The results of a subscription, each as JSON. Never rejects. */
export type Events = AsyncIterableIterator<string, undefined> & {
  /** A last result with this error, after which the client should subscribe again. */
  toLast(code: string, message: string): string
}

export type GraphQLResponse = {
  readonly status: number
  readonly headers: Iterable<readonly [string, string]>
  readonly body: string
  /** In place of the body. Call `return` when the client has left. */
  readonly events?: Events
  readonly summary: Summary
}
