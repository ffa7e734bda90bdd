// The bytes behind a download link. The link is all that its host is shown: no key goes there.
import type { BytesSource } from '../bytes.js'
import type { Transfers } from '../wire/transfers.js'
import { WireError } from '../wire/wire.js'
import { toBytes, toFileError, toUpstreamError } from './bytes.js'
import { toStatusCode } from './codes.js'
import type { Notice } from './decode.js'

export type LinkSourceDependencies = { readonly transfers: Transfers; readonly notice: Notice }

/** Asks a link. `FILE_NOT_FOUND`, or a refusal of the request, means that the link is dead. */
export function createLinkSource({ transfers, notice }: LinkSourceDependencies): BytesSource<string> {
  return async (link, { headers, signal }) => {
    // A link is signed for GET alone, so HEAD asks that way too, and leaves after the head.
    const get = () => transfers.get(link, { headers, signal })
    const response = await get()
      .catch((error: unknown) => (isUnanswered(error) ? get() : Promise.reject(error)))
      .catch((error: unknown) => Promise.reject(toFileError(error, notice)))
    const bytes = toBytes(response, headers, notice)
    if (bytes) return bytes
    const { status, body } = response
    body.destroy()
    notice('a download link failed', { httpStatus: status })
    const isGone = status === 404 || status === 410
    throw toUpstreamError(
      isGone ? 'FILE_NOT_FOUND' : (toStatusCode(status) ?? 'UPSTREAM_BAD_RESPONSE'),
      status,
    )
  }
}

/** Most likely an idle connection was closed as we wrote. To ask again costs nothing; what a dead link leads to does. */
function isUnanswered(error: unknown): boolean {
  return error instanceof WireError && error.failure === 'reset' && !error.answered
}
