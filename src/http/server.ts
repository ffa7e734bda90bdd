// The HTTP server: who asks, within which bounds, and how it stops.
import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { GraphQL } from '../graphql/server.js'
import { type Authenticate, addAccessHook } from './access.js'
import { createDrain } from './drain.js'
import { addGraphQLRoute, type ParseJson } from './graphql.js'
import { addHeaders } from './headers.js'
import { addHealthRoutes, type Health } from './health.js'
import { addRequestLog } from './log.js'
import { addMetricsRoute, type Scrape } from './metrics.js'
import { createRefuse, toStatus } from './refusal.js'

export type ServerOptions = {
  readonly graphql: GraphQL
  readonly parseJson: ParseJson
  readonly metrics: Scrape
  readonly logger: FastifyBaseLogger
  readonly degradations: Health['degradations']
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
/** A client's own id is kept if it can neither break a log line nor fill it. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

export async function createServer(options: ServerOptions): Promise<Server> {
  const { graphql, parseJson, metrics, logger, degradations, authenticate, corsOrigins = [] } = options
  const stop = new AbortController()
  setMaxListeners(0, stop.signal) // each request in flight listens
  const app = createApp(logger)
  const follow = addRequestLog(app)
  const drain = createDrain(app, () => stop.abort())
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
  addGraphQLRoute(app, { graphql, parseJson, refuse, follow, signal: stop.signal })
  addHealthRoutes(app, { isDraining: drain.isDraining, isShedding: () => false, degradations })
  addMetricsRoute(app, metrics)
  app.addHook('onSend', async (request, reply) => {
    // Else the connection would stay open to read all of a large body.
    if (hasMuchUnread(request.raw)) reply.header('connection', 'close')
  })
  return {
    listen: async (host, port) => {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: drain.close,
  }
}

function createApp(logger: FastifyBaseLogger): FastifyInstance {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what comes on a connection that is still open is served
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const id = headers['x-request-id']
      return typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID()
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
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
