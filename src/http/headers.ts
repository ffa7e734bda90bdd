// Headers for browsers: CORS, and the security headers of all answers but the playground's files.
import type { FastifyInstance } from 'fastify'

/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = 600

/** Of every answer that has no others of its own by these names. */
export const SECURITY_HEADERS = [
  ['content-security-policy', "default-src 'none';frame-ancestors 'none'"],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
] as const

/** Response headers of downloads that pages may read. */
const OF_BYTES = ['content-range', 'content-length', 'accept-ranges', 'etag', 'content-disposition']

/** Lets pages of these origins read the answers. */
export async function addCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return
  const { default: cors } = await import('@fastify/cors')
  // Never with credentials: a page must add the token itself; cookies are not used.
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT'],
    exposedHeaders: ['x-request-id', 'retry-after', ...OF_BYTES],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  })
}
