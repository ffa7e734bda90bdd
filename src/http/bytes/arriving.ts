// The bytes of a file as a client sends them: not too slowly, and just those that it announced.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { FileError } from '../../errors.js'
import { watchIdle } from '../../idle.js'
import type { Incoming } from '../../upload.js'
import { Refused } from './failure.js'

export type Arriving = Incoming & {
  /** Of all bytes, in hexadecimal, once they are verified. */
  sha256(): string
}

export type ArrivingOptions = {
  readonly stream: Readable
  /** What the bytes should be, in hexadecimal, by whoever says so. */
  readonly digests: readonly (string | undefined)[]
  /** Called when the bytes are wanted, with what to call should anything go wrong. */
  readonly onOpen: (fail: (error: unknown) => void) => void
  /** Called when all so many have come. Rejects if they are not all, or not all that should come. */
  readonly onEnd?: (bytes: number) => Promise<void>
}

export function createArriving({ stream, digests, onOpen, onEnd }: ArrivingOptions): Arriving {
  const hash = createHash('sha256')
  let bytes = 0
  let sha256 = ''
  return {
    open: (fail) => {
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        hash.update(chunk)
      })
      onOpen(fail)
      return stream
    },
    verify: async () => {
      await onEnd?.(bytes)
      sha256 = hash.digest('hex')
      const isOther = (digest: string | undefined) => digest !== undefined && digest !== sha256
      if (digests.some(isOther)) throw new FileError('DIGEST_MISMATCH')
    },
    sha256: () => sha256,
  }
}

/** Calls back once if the client sends too little. For us who do not read it waits. What it returns ends that. */
export function watchClient(
  request: IncomingMessage,
  idleMs: number,
  onIdle: (error: Error) => void,
): () => void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  const count = () => (request.isPaused() ? undefined : bytes)
  return watchIdle({ idleMs }, count, () => onIdle(new Refused(408)))
}

/** Has a client send that waits for leave to. */
export function letSend({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined) response.writeContinue()
}
