// What the sandbox remembers of the requests it got: enough to assert on, and never more than so many.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

export type RecordedRequest = {
  readonly method: string
  /** Path and query, byte for byte as sent. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** Unix time in milliseconds. */
  readonly timeMs: number
  /** Whether the peer went away before its answer was complete. */
  readonly abandoned: boolean
}

/** The sandbox also runs for days, as what a server without a key asks. */
const MAX_RECORDS = 1_000

export function createRecords() {
  const list: RecordedRequest[] = []
  let stopped = false

  return {
    /** Live: the same array for as long as the sandbox runs. */
    list: list as readonly RecordedRequest[],

    /** The function it returns says that what ends the answer from here on is not the peer. */
    add(request: IncomingMessage, response: ServerResponse, timeMs: number): () => void {
      const { method = '', url: target = '', headers } = request
      const record = { method, target, headers, timeMs, abandoned: false }
      let concluded = false
      response.once('close', () => {
        record.abandoned = !(response.writableFinished || concluded || stopped)
      })
      list.push(record)
      if (list.length > MAX_RECORDS) list.shift()
      return () => {
        concluded = true
      }
    },

    /** From here on it is the sandbox that ends connections. */
    stop(): void {
      stopped = true
    },
  }
}
