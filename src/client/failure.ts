// A failed attempt, and what it means when no answer arrived at all.
import { FileError } from '../errors.js'
import type { Call } from '../file.js'
import type { WireError } from '../wire/wire.js'
import type { Notice } from './decode.js'

/** A failed attempt. `retries` is how many more attempts this kind of failure is worth, in money and in hope. */
export type Failure = {
  readonly error: FileError
  readonly retries: 0 | 1 | 2
  /** What the retry budget and the pause are chosen by. */
  readonly kind: 'timeout' | 'throttled' | 'free' | 'other'
  /** How long the upstream asks us to wait, in milliseconds. */
  readonly waitMs?: number | undefined
}

/** What a broken exchange means. What was sent may have been billed, so it is repeated less readily. */
export function toFailure(error: WireError, { signal }: Call, notice: Notice): Failure {
  // Our own end of it is no news.
  if (error.failure !== 'aborted')
    notice('upstream call failed', { failure: error.failure, ...toReason(error) })
  const cause = error
  switch (error.failure) {
    case 'aborted':
      // Either the caller left, or the server stops; or it is our own deadline.
      return {
        error: new FileError(signal.aborted ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_TIMEOUT', { cause }),
        retries: 0,
        kind: 'timeout',
      }
    case 'timeout':
      return {
        error: new FileError('UPSTREAM_TIMEOUT', { cause }),
        retries: error.sent ? 1 : 2,
        kind: 'timeout',
      }
    case 'connect':
    case 'reset':
      return {
        error: new FileError('UPSTREAM_UNAVAILABLE', { cause }),
        retries: error.answered ? 1 : 2,
        kind: error.idleClose ? 'free' : 'other',
      }
    case 'dns':
    case 'tls':
      return { error: new FileError('UPSTREAM_UNAVAILABLE', { cause }), retries: 0, kind: 'other' }
    case 'overloaded':
      return {
        error: new FileError('UPSTREAM_UNAVAILABLE', { cause, refused: true }),
        retries: 0,
        kind: 'other',
      }
    case 'too-large':
    case 'encoded':
    case 'malformed':
      return { error: new FileError('UPSTREAM_BAD_RESPONSE', { cause }), retries: 0, kind: 'other' }
    default:
      throw new Error('A failure of the wire that the client does not know.', {
        cause: error.failure satisfies never,
      })
  }
}

/** The code of what is behind it, such as `ECONNREFUSED`: its words may hold host names and bytes that came. */
function toReason({ cause }: WireError): { readonly reason?: string } {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? { reason: code } : {}
}
