// A failed attempt, and what it means when no answer arrived at all.
import { FileError, type FileErrorCode } from '../errors.js'
import type { WireError } from '../wire/wire.js'

/** A failed attempt. `retries` is how many retries this kind of failure is worth. */
export type Failure = {
  readonly error: FileError
  readonly retries: 0 | 1 | 2
  /** Decides the price of a retry and the pause before it. */
  readonly kind: 'timeout' | 'throttled' | 'free' | 'other'
  /** An answer says that nothing was done. */
  readonly isRefusal?: boolean
  /** How long the upstream asks us to wait, in milliseconds. */
  readonly waitMs?: number | undefined
}

/** The failure that a broken exchange means. A request that was sent may have been billed, so it gets fewer retries. */
export function toTransportFailure(cause: WireError): Failure {
  const { failure, sent, answered, idleClose } = cause
  switch (failure) {
    // Our own: nobody waits any more, the server stops, or our queue is full.
    case 'aborted':
    case 'overloaded':
      return toFinal(new FileError('UPSTREAM_UNAVAILABLE', { cause, refused: true }))
    case 'expired':
      return toFinal(new FileError('UPSTREAM_TIMEOUT', { cause, refused: true }))
    case 'timeout':
      return { ...toFault('UPSTREAM_TIMEOUT', cause), retries: sent ? 1 : 2, kind: 'timeout' }
    case 'connect':
    case 'reset':
      return {
        ...toFault('UPSTREAM_UNAVAILABLE', cause),
        retries: answered ? 1 : 2,
        kind: idleClose ? 'free' : 'other',
      }
    case 'dns':
    case 'tls':
      return toFault('UPSTREAM_UNAVAILABLE', cause)
    case 'too-large':
    case 'encoded':
    case 'malformed':
    case 'barred':
      return toFault('UPSTREAM_BAD_RESPONSE', cause)
    default:
      throw new Error('A failure of the wire that the client does not know.', {
        cause: failure satisfies never,
      })
  }
}

function toFault(code: FileErrorCode, cause: WireError): Failure {
  return toFinal(new FileError(code, { cause }))
}

/** A failure that another attempt would not mend. */
export function toFinal(error: FileError): Failure {
  return { error, retries: 0, kind: 'other' }
}

/**
 * Whether the failure may mean that the upstream is down. Any other answer, even a refusal, is a sign of life. What left an
 * outcome unknown is the cause of that.
 */
export function isFault({ code, cause }: FileError): boolean {
  if (cause instanceof FileError) return isFault(cause)
  return code === 'UPSTREAM_TIMEOUT' || code === 'UPSTREAM_UNAVAILABLE' || code === 'UPSTREAM_BAD_RESPONSE'
}
