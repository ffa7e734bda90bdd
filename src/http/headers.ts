// What browsers are told: who may read our answers, and that an answer is neither a page nor a script.
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import helmet from 'helmet'

/** How long a browser may remember a preflight. */
const PREFLIGHT_SECONDS = 600

/** By directive, what a page may load. */
type ContentSecurityPolicy = Readonly<Record<string, readonly string[]>>

const NOTHING: ContentSecurityPolicy = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] }

/** Adds its headers to every answer to a request that can be read. A route may set its own over them. */
export async function addHeaders(app: FastifyInstance, corsOrigins: readonly string[]): Promise<void> {
  const headers = toSecurityHeaders(NOTHING)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
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

/** Helmet's headers under this policy. They say the same on each answer, so they are made once. */
export function toSecurityHeaders(contentSecurityPolicy: ContentSecurityPolicy): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  const setHeaders = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    xFrameOptions: { action: 'deny' },
    // Whoever ends TLS in front of us knows whether every name of the domain has it.
    strictTransportSecurity: false,
  })
  setHeaders(request, response, (error?: unknown) => {
    if (error) throw error
  })
  return { ...response.getHeaders() }
}
