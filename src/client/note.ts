// A failure of the upstream's, or of the way there, as the log has it: what it was, and which request met it.
import type { FileError } from '../errors.js'
import { WireError } from '../wire/wire.js'
import type { Notice } from './decode.js'

/** "No such file" is an answer, and what a limit of ours ended is no failure of the upstream's: neither is noted. */
export function noteFailure(notice: Notice, error: FileError, requestId: string | undefined): void {
  const { code, refused, upstream, cause } = error
  if (refused || code === 'FILE_NOT_FOUND' || code === 'TASK_NOT_FOUND') return
  const detail = {
    code,
    ...(cause instanceof WireError ? { failure: cause.failure, ...toCauseCode(cause) } : {}),
    ...(upstream ? { httpStatus: upstream.httpStatus ?? 0, statusCode: upstream.statusCode ?? 0 } : {}),
  }
  notice('an upstream call failed', detail, { requestId, upstreamTraceId: upstream?.traceId ?? undefined })
}

/** The code of what is behind it, such as `ECONNREFUSED`: its words may hold host names and bytes that came. */
function toCauseCode({ cause }: WireError): { readonly reason?: string } {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? { reason: code } : {}
}
