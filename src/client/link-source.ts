// A file's content by its download link. No key is sent there.
import type { BytesSource } from '../bytes.js'
import type { FileError } from '../errors.js'
import type { Transfers } from '../wire/transfers.js'
import { WireError } from '../wire/wire.js'
import { toBytes, toFileError, toUpstreamError } from './bytes.js'
import { toStatusCode } from './codes.js'
import type { Notice } from './decode.js'
import { noteFailure } from './note.js'

export type LinkSourceDependencies = { readonly transfers: Transfers; readonly notice: Notice }

/** Requests a link. `FILE_NOT_FOUND`, or a refusal, means that the link is no longer valid. */
export function createLinkSource({ transfers, notice }: LinkSourceDependencies): BytesSource<string> {
  return async (link, { headers, signal, asker: { requestId } }) => {
    const note = (error: FileError) => noteFailure(notice, error, requestId)
    // A link is signed for GET only, so HEAD sends a GET and stops after the head.
    const get = () => transfers.get(link, { headers, signal })
    const response = await get()
      .catch((error: unknown) => (isUnanswered(error) ? get() : Promise.reject(error)))
      .catch((error: unknown) => Promise.reject(toFileError(error, note)))
    const bytes = toBytes(response, headers, note)
    if (bytes) return bytes
    const { status, body } = response
    body.destroy()
    notice('a download link failed', { httpStatus: status }, { requestId })
    const isGone = status === 404 || status === 410
    throw toUpstreamError(
      isGone ? 'FILE_NOT_FOUND' : (toStatusCode(status) ?? 'UPSTREAM_BAD_RESPONSE'),
      status,
    )
  }
}

/**
 * Most likely an idle connection was closed as we wrote. To follow the link again is free; to take it for dead leads to a call
 * that is paid for.
 */
function isUnanswered(error: unknown): boolean {
  return error instanceof WireError && error.failure === 'reset' && !error.answered
}
