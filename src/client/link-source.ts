// The bytes behind a download link. The link is all that its host is shown: no key goes there.
import type { BytesSource } from '../bytes.js'
import type { FileError } from '../errors.js'
import type { Transfers } from '../wire/transfers.js'
import { toBytes, toFileError, toUpstreamError } from './bytes.js'
import { toStatusCode } from './codes.js'
import type { Notice } from './decode.js'
import { noteFailure } from './note.js'

export type LinkSourceDependencies = { readonly transfers: Transfers; readonly notice: Notice }

/** Asks a link. `FILE_NOT_FOUND`, or a refusal of the request, means that the link is dead. */
export function createLinkSource({ transfers, notice }: LinkSourceDependencies): BytesSource<string> {
  return async (link, { headers, signal, asker: { requestId } }) => {
    const note = (error: FileError) => noteFailure(notice, error, requestId)
    // A link is signed for GET alone, so HEAD asks that way too, and leaves after the head.
    const response = await transfers.get(link, { headers, signal }).catch((error: unknown) => {
      throw toFileError(error, note)
    })
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
