// The body of a request as it comes in: counted, and read no faster than it is asked for.

import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export type IncomingBody = AsyncIterable<Buffer> & {
  /** Reads so slowly from here on. */
  pace(bytesPerSecond: number): void
}

/** More than any input needs whose pictures are addresses; a picture inside must be smaller than that. */
const MAX_JSON_BYTES = 8 * 1_048_576

/** Rejects while it is read if the peer leaves. Whoever stops reading it keeps the peer waiting. */
export function createIncomingBody(
  request: IncomingMessage,
  received: (chunk: Buffer) => void,
): IncomingBody {
  let bytesPerSecond = Number.POSITIVE_INFINITY

  async function rest(length: number): Promise<void> {
    const gone = new AbortController()
    const leave = () => gone.abort()
    request.socket.once('close', leave)
    if (request.socket.destroyed) leave() // while a piece was dealt with
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
      // The request outlives whoever stops reading: its answer is still to be sent.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        received(chunk)
        yield chunk
        if (bytesPerSecond !== Number.POSITIVE_INFINITY) await rest(chunk.length)
      }
    },
  }
}

/** Reads the next `bytes` and drops them; less where there are not so many. */
export async function skip(body: IncomingBody, bytes: number): Promise<void> {
  let left = bytes
  if (left <= 0) return
  for await (const chunk of body) {
    left -= chunk.length
    if (left <= 0) return
  }
}

/** The whole body as text; undefined where it is too long, and then all of it was read and dropped. */
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
