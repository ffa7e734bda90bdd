// The HTTP server: who asks, within which bounds, and how it stops.
import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { GraphQL } from '../graphql/server.js'
import { type Authenticate, addAccessHook } from './access.js'
import { addGraphQLRoute, type ParseJson } from './graphql.js'
import { addHeaders } from './headers.js'
import { addHealthRoutes } from './health.js'
import { addMetricsRoute, type Scrape } from './metrics.js'
import { createRefuse, toStatus } from './refusal.js'

export type ServerOptions = {
  readonly graphql: GraphQL
  readonly parseJson: ParseJson
  readonly metrics: Scrape
  readonly logger: FastifyBaseLogger
  /** Who may ask; without it, anybody. */
  readonly authenticate?: Authenticate | undefined
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins?: readonly string[]
}

export type Server = {
  /** Starts listening; resolves to the port, which the system chose where 0 was asked for. */
  listen(host: string, port: number): Promise<number>
  /** Lets what is in flight finish for so long, then aborts it. Idle connections are closed at once. */
  close(graceMs: number): Promise<void>
}

/** Room for a thousand representations of an entity, the most that one operation may carry by default. */
const MAX_BODY_BYTES = 100 * 1024
/** How long an aborted request may take to answer before its connection is cut. */
const LAST_WORDS_MS = 250
/** A client's own id is kept if it can neither break a log line nor fill it. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

export async function createServer(options: ServerOptions): Promise<Server> {
  const { graphql, parseJson, metrics, logger, authenticate, corsOrigins = [] } = options
  const stop = new AbortController()
  setMaxListeners(0, stop.signal) // each request in flight listens
  const health = { draining: false }
  const app = createApp(logger)
  const refuse = createRefuse(graphql.toCost(0))
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 404))
  app.setErrorHandler((error: Parameters<typeof toStatus>[0], request, reply) => {
    const status = toStatus(error)
    if (status >= 500) request.log.error({ err: error }, 'a fault of ours, masked for the client')
    return refuse(request, reply, status)
  })
  // First the headers: a browser must be able to read a refusal, and its preflights carry no token.
  await addHeaders(app, corsOrigins)
  if (authenticate) addAccessHook(app, authenticate, refuse)
  addGraphQLRoute(app, { graphql, parseJson, refuse, signal: stop.signal })
  addHealthRoutes(app, health)
  addMetricsRoute(app, metrics)
  app.addHook('onSend', async (request, reply) => {
    // Else the connection would stay open for the next request: the process with it, or to read all of a large body.
    if (health.draining || hasMuchUnread(request.raw)) reply.header('connection', 'close')
  })
  return {
    listen: async (host, port) => {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: async (graceMs) => {
      health.draining = true
      const abort = setTimeout(() => stop.abort(), graceMs)
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs + LAST_WORDS_MS)
      await app.close()
      clearTimeout(abort)
      clearTimeout(cut)
    },
  }
}

function createApp(logger: FastifyBaseLogger): FastifyInstance {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const id = headers['x-request-id']
      return typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID()
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const durationMs = Math.round(reply.elapsedTime)
    request.log.info({ method, route: routeOptions.url, status: reply.statusCode, durationMs }, 'answered')
  })
  return app
}

/** It was answered before its body had arrived, and the rest may be more than is worth waiting for. */
function hasMuchUnread({ complete, headers }: IncomingMessage): boolean {
  const length = headers['transfer-encoding']
    ? Number.POSITIVE_INFINITY
    : Number(headers['content-length'] ?? 0)
  return !complete && length > MAX_BODY_BYTES
}
