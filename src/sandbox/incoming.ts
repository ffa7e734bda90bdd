// The body of a request as a stream: counted, and read only as fast as its reader takes it.

import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export type IncomingBody = AsyncIterable<Buffer> & {
  /** Limits how fast the rest is read. */
  pace(bytesPerSecond: number): void
}

/** Enough for any JSON input; a picture given as a data URL must fit into it. */
const MAX_JSON_BYTES = 8 * 1_048_576

/** Reading it rejects if the client disconnects. If the reader stops, the client has to wait. */
export function createIncomingBody(
  request: IncomingMessage,
  received: (chunk: Buffer) => void,
): IncomingBody {
  let bytesPerSecond = Number.POSITIVE_INFINITY

  async function rest(length: number): Promise<void> {
    const gone = new AbortController()
    const leave = () => gone.abort()
    request.socket.once('close', leave)
    if (request.socket.destroyed) leave() // it may have closed while a chunk was processed
    try {
      await delay((1_000 * length) / bytesPerSecond, undefined, { signal: gone.signal })
    } finally {
      request.socket.off('close', leave)
    }
  }

  return {
    pace(rate) {
      bytesPerSecond = rate
    },
    async *[Symbol.asyncIterator]() {
      // A reader that stops must not destroy the request, whose answer is still to be sent.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        received(chunk)
        yield chunk
        if (bytesPerSecond !== Number.POSITIVE_INFINITY) await rest(chunk.length)
      }
    },
  }
}

/** Reads and drops the next `bytes`, or all that is left. */
export async function skip(body: IncomingBody, bytes: number): Promise<void> {
  let left = bytes
  if (left <= 0) return
  for await (const chunk of body) {
    left -= chunk.length
    if (left <= 0) return
  }
}

/** The whole body as text; undefined if it is too long. It is read to its end either way. */
export async function readText(body: IncomingBody): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length <= MAX_JSON_BYTES) chunks.push(chunk)
    else chunks.length = 0
  }
  return length <= MAX_JSON_BYTES ? Buffer.concat(chunks).toString() : undefined
}
