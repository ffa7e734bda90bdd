// Whose page a browser asks for. A download may have to be paid for, and an open server asks for no token: without this,
// an image on any page would do to make us pay.
import type { FastifyRequest } from 'fastify'

export type SiteOptions = {
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins: readonly string[]
  /** Where clients reach this server. */
  readonly publicUrl?: URL | undefined
}

/**
 * Whether a page of another origin asks, which is none of those that may. Browsers say it by `Sec-Fetch-Site`; those that
 * are too old for it, or find the address not trustworthy enough, by `Origin` at best. Others than browsers say neither.
 */
export function createSiteCheck({
  corsOrigins,
  publicUrl,
}: SiteOptions): (request: FastifyRequest) => boolean {
  const allowed = new Set(publicUrl ? [...corsOrigins, publicUrl.origin] : corsOrigins)
  return ({ headers: { origin, 'sec-fetch-site': site }, host }) => {
    if (origin !== undefined && (allowed.has(origin) || allowed.has('*'))) return false
    if (site !== undefined) return site !== 'same-origin' && site !== 'none'
    return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
  }
}
