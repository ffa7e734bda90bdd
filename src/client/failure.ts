// A failed attempt, and what it means when no answer arrived at all.
import { FileError, type FileErrorCode } from '../errors.js'
import type { WireError } from '../wire/wire.js'

/** A failed attempt. `retries` is how many more attempts this kind of failure is worth, in money and in hope. */
export type Failure = {
  readonly error: FileError
  readonly retries: 0 | 1 | 2
  /** What the retry budget and the pause are chosen by. */
  readonly kind: 'timeout' | 'throttled' | 'free' | 'other'
  /** An answer says that nothing was done. */
  readonly isRefusal?: boolean
  /** How long the upstream asks us to wait, in milliseconds. */
  readonly waitMs?: number | undefined
}

/** What a broken exchange means. What was sent may have been billed, so it is repeated less readily. */
export function toFailure(cause: WireError): Failure {
  const { failure, sent, answered, idleClose } = cause
  switch (failure) {
    // Ours: nobody waits, the server stops, our queue was too long.
    case 'aborted':
    case 'overloaded':
      return {
        error: new FileError('UPSTREAM_UNAVAILABLE', { cause, refused: true }),
        retries: 0,
        kind: 'other',
      }
    case 'expired':
      return { error: new FileError('UPSTREAM_TIMEOUT', { cause, refused: true }), retries: 0, kind: 'other' }
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
  return { error: new FileError(code, { cause }), retries: 0, kind: 'other' }
}
