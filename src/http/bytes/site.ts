// Whose page a browser asks for. A download may have to be paid for, and an open server asks for no token: without this,
// an image on any page would do to make us pay, and a form on any page to make us keep a file.
import type { FastifyRequest } from 'fastify'

export type SiteOptions = {
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins: readonly string[]
  /** Where clients reach this server. */
  readonly publicUrl?: URL | undefined
}

type IsForeign = (request: FastifyRequest) => boolean

/**
 * Whether a page of another origin asks, which is none of those that may. Browsers say it by `Sec-Fetch-Site`; those that
 * are too old for it, or that do not trust the address, by `Origin` at best. Other clients send neither.
 */
export function createSiteCheck(options: SiteOptions): IsForeign {
  const isAllowed = createOriginCheck(options)
  return (request) => {
    const { origin, 'sec-fetch-site': site } = request.headers
    if (origin !== undefined && isAllowed(origin)) return false
    return site === undefined ? origin !== undefined && !isOwn(origin, request) : isOfOthers(site)
  }
}

/** The same for forms, which browsers send from any page with no question before: what they say of the site counts alone. */
export function createFormCheck(options: SiteOptions): IsForeign {
  const isAllowed = createOriginCheck(options)
  return (request) => {
    const { origin, 'sec-fetch-site': site } = request.headers
    if (site !== undefined) return isOfOthers(site)
    return origin !== undefined && !isAllowed(origin) && !isOwn(origin, request)
  }
}

function createOriginCheck({ corsOrigins, publicUrl }: SiteOptions): (origin: string) => boolean {
  const allowed = new Set(publicUrl ? [...corsOrigins, publicUrl.origin] : corsOrigins)
  return (origin) => allowed.has(origin) || allowed.has('*')
}

function isOwn(origin: string, { host }: FastifyRequest): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

function isOfOthers(site: string | string[]): boolean {
  return site !== 'same-origin' && site !== 'none'
}
