// What browsers are told: who may read our answers, and that an answer is neither a page nor a script.
import type { FastifyInstance } from 'fastify'

/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = 600

/** On every answer that has no words of its own for it, in the form that Node writes with the least ado. */
export const SECURITY_HEADERS = [
  ['content-security-policy', "default-src 'none';frame-ancestors 'none'"],
  ['cross-origin-resource-policy', 'same-origin'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
] as const

/** What tells of bytes. */
const OF_BYTES = ['content-range', 'content-length', 'accept-ranges', 'etag', 'content-disposition']

/** Lets pages of these origins read the answers. */
export async function addCors(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return
  const { default: cors } = await import('@fastify/cors')
  // Never with credentials: a token is a header that a page must add itself, no cookie that comes along by itself.
  await app.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT'],
    exposedHeaders: ['x-request-id', 'retry-after', ...OF_BYTES],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  })
}
