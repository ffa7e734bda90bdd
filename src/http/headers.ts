// What browsers are told: who may read our answers, and that an answer is neither a page nor a script.
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = 600

/** Adds its headers to every answer, refusals included; a route may say otherwise in its `helmet` option. */
export async function addHeaders(app: FastifyInstance, corsOrigins: readonly string[]): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    xFrameOptions: { action: 'deny' },
    // Whoever ends TLS in front of us knows whether every name of the domain has it.
    strictTransportSecurity: false,
  })
  if (corsOrigins.length === 0) return
  // Never with credentials: a token is a header that a page must add itself, no cookie that comes along by itself.
  await app.register(cors, {
    origin: [...corsOrigins],
    methods: ['GET', 'POST'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  })
}
