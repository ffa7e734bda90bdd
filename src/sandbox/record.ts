// What the sandbox remembers of the requests it got: enough to assert on, and never more than so much.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import type { Target } from './operation.js'

export type RecordedRequest = {
  readonly method: string
  /** Path and query, byte for byte as sent. */
  readonly target: string
  /** What it asked for; undefined for a path that is not known. */
  readonly operation: Target | undefined
  readonly headers: IncomingHttpHeaders
  /** Unix time in milliseconds. */
  readonly timeMs: number
  /** How much of a body was read. */
  readonly bodyBytes: number
  /** The first 4 KiB of it. */
  readonly body: string
  /** Whether the peer went away before its answer was complete. */
  readonly abandoned: boolean
}

/** The sandbox also runs for days, as what a server without a key asks. */
const MAX_RECORDS = 1_000
const MAX_BODY_BYTES = 4_096

export type RecordHandle = {
  /** Says that what ends the answer from here on is not the peer. */
  conclude(): void
  /** Says that so much of the body was read. */
  received(chunk: Buffer): void
}

export function createRecords() {
  const list: RecordedRequest[] = []
  let stopped = false

  return {
    /** Live: the same array for as long as the sandbox runs. */
    list: list as readonly RecordedRequest[],

    add(
      request: IncomingMessage,
      response: ServerResponse,
      { operation, timeMs }: Pick<RecordedRequest, 'operation' | 'timeMs'>,
    ): RecordHandle {
      const { method = '', url: target = '', headers } = request
      const record = { method, target, operation, headers, timeMs, bodyBytes: 0, body: '', abandoned: false }
      let decoder: StringDecoder | undefined
      let concluded = false
      response.once('close', () => {
        record.abandoned = !(response.writableFinished || concluded || stopped)
      })
      list.push(record)
      if (list.length > MAX_RECORDS) list.shift()
      return {
        conclude: () => {
          concluded = true
        },
        received: (chunk) => {
          const room = MAX_BODY_BYTES - record.bodyBytes
          decoder ??= new StringDecoder() // a character may come in two pieces
          if (room > 0) record.body += decoder.write(chunk.subarray(0, room))
          record.bodyBytes += chunk.length
        },
      }
    },

    /** From here on it is the sandbox that ends connections. */
    stop(): void {
      stopped = true
    },
  }
}
