// Records the latest requests for tests to assert on, up to a fixed number.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { StringDecoder } from 'node:string_decoder'
import type { Target } from './operation.js'

export type RecordedRequest = {
  readonly method: string
  /** Path and query, byte for byte as sent. */
  readonly target: string
  /** What it asked for; undefined for an unknown path. */
  readonly operation: Target | undefined
  readonly headers: IncomingHttpHeaders
  /** Unix time in milliseconds. */
  readonly timeMs: number
  /** How many bytes of the body were read. */
  readonly bodyBytes: number
  /** The first 4 KiB of the body. */
  readonly body: string
  /** Whether the client disconnected before its answer was complete. */
  readonly abandoned: boolean
}

/** A bound, since the sandbox may run for days as the upstream of a server without a key. */
const MAX_RECORDS = 1_000
const MAX_BODY_BYTES = 4_096

export type RecordHandle = {
  /** From now on the end of the connection does not count as the client's. */
  conclude(): void
  /** Adds a chunk of the body that was read. */
  received(chunk: Buffer): void
}

export function createRecords() {
  const list: RecordedRequest[] = []
  let stopped = false

  return {
    /** One array for the life of the sandbox, always up to date. */
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
          decoder ??= new StringDecoder() // a character may be split between two chunks
          if (room > 0) record.body += decoder.write(chunk.subarray(0, room))
          record.bodyBytes += chunk.length
        },
      }
    },

    /** From now on it is the sandbox that ends connections. */
    stop(): void {
      stopped = true
    },
  }
}
