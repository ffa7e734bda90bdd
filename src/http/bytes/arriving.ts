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
  /** How many bytes were announced. */
  readonly bytes: number
  /** Called when the stream has ended. Rejects if something is wrong with what came around it. */
  readonly onEnd?: () => Promise<void>
}

const WRONG_SIZE = 'The file must be the last part of the form, and end it.'

export function createArriving({ stream, digests, onOpen, bytes, onEnd }: ArrivingOptions): Arriving {
  const hash = createHash('sha256')
  let left = bytes
  let sha256 = ''
  return {
    open: (fail) => {
      stream.on('data', (chunk: Buffer) => {
        left -= chunk.length
        hash.update(chunk)
        if (left < 0) fail(new Refused(400, WRONG_SIZE))
      })
      onOpen(fail)
      return stream
    },
    verify: async () => {
      await onEnd?.()
      if (left !== 0) throw new Refused(400, WRONG_SIZE)
      sha256 = hash.digest('hex')
      const isOther = (digest: string | undefined) => digest !== undefined && digest !== sha256
      if (digests.some(isOther)) throw new FileError('DIGEST_MISMATCH')
    },
    sha256: () => sha256,
  }
}

/**
 * Calls back once if the client sends too little, until it has sent all or was answered. Time in which we do not read does not
 * count.
 */
export function watchClient(
  request: IncomingMessage,
  response: ServerResponse,
  idleMs: number,
  onIdle: (error: Error) => void,
): void {
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  const count = () => (request.isPaused() ? undefined : bytes)
  const stop = watchIdle({ idleMs }, count, () => onIdle(new Refused(408)))
  request.once('end', stop)
  response.once('close', stop) // Node does not close a request that was answered before its end
}
