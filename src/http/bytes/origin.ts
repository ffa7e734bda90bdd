// Whether a form was sent by a page of ours: a browser sends forms of any page anywhere, with no question before.
import type { IncomingHttpHeaders } from 'node:http'

export type OriginOptions = {
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins: readonly string[]
  /** Where clients reach this server. */
  readonly toPublicUrl: () => URL | undefined
}

/** What says nothing of where it comes from is from no browser of our days. */
export function isForeign(
  headers: IncomingHttpHeaders,
  { corsOrigins, toPublicUrl }: OriginOptions,
): boolean {
  const { 'sec-fetch-site': site, origin, host } = headers
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  if (origin === undefined || corsOrigins.includes('*') || corsOrigins.includes(origin)) return false
  return origin !== `http://${host}` && origin !== toPublicUrl()?.origin
}
