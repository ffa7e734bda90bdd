// The HTTP server: who asks, within which bounds, and how it stops.
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import type { GraphQL } from '../graphql/server.js'
import { type Access, addAccessHook } from './access.js'
import { createDrain } from './drain.js'
import { addGraphQLRoute, type ParseJson } from './graphql.js'
import { addHeaders } from './headers.js'
import { addHealthRoutes, type Health } from './health.js'
import { addHostHook } from './host.js'
import { addLimits, createSlots, LIMITS, type Limits, toHttpOptions } from './limits.js'
import { addRequestLog } from './log.js'
import { addMetricsRoute, type Scrape } from './metrics.js'
import { addPlayground, type PlaygroundFacts } from './playground.js'
import { createPresence } from './presence.js'
import { createRefusal, type Refuse, type ToRefusal, toStatus } from './refusal.js'
import { answerConnect, answerUnreadable } from './unreadable.js'

export type ServerOptions = {
  readonly graphql: GraphQL
  readonly parseJson: ParseJson
  readonly metrics: Scrape
  readonly logger: FastifyBaseLogger
  readonly degradations: Health['degradations']
  /** Who may ask; without it, anybody. */
  readonly access?: Access | undefined
  /** Whether it is open to this machine only, and must not be reached by way of a browser's page from elsewhere. */
  readonly isLocal?: boolean
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins?: readonly string[]
  readonly limits?: Limits
  /** What the playground's page says; without it, there is no such page. */
  readonly playground?: PlaygroundFacts | undefined
}

export type Server = {
  /** Starts listening; resolves to the port, which the system chose where 0 was asked for. */
  listen(host: string, port: number): Promise<number>
  /** Lets what is in flight finish for so long, then aborts it. Idle connections are closed at once. */
  close(graceMs: number): Promise<void>
}

/** A client's own id is kept if it can neither break a log line nor fill it. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

export async function createServer(options: ServerOptions): Promise<Server> {
  const { graphql, metrics, logger, degradations, access, playground } = options
  const { corsOrigins = [], limits = LIMITS } = options
  const { refuse, toRefusal } = createRefusal(graphql.toCost(0))
  const app = createApp(logger, limits, refuse, toRefusal)
  const slots = createSlots(limits.operations)
  const follow = addRequestLog(app)
  const presence = createPresence(limits)
  const isShedding = () => slots.isFull() || presence.unsentBytes() >= limits.unsentBytes
  const drain = createDrain(app, presence, limits.drainLeadMs)
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 404))
  app.setErrorHandler((error: Parameters<typeof toStatus>[0], request, reply) => {
    const status = toStatus(error)
    if (status >= 500) request.log.error({ err: error }, 'a fault of ours, masked for the client')
    return refuse(request, reply, status)
  })
  // First the headers: a browser must be able to read a refusal, and its preflights carry no token.
  await addHeaders(app, corsOrigins)
  addLimits(app, limits, refuse)
  if (options.isLocal) addHostHook(app, refuse)
  if (access) addAccessHook(app, access, refuse)
  addGraphQLRoute(app, { ...options, refuse, follow, slots, presence, isShedding })
  addHealthRoutes(app, { isDraining: drain.isDraining, isShedding, degradations })
  addMetricsRoute(app, metrics)
  if (playground) await addPlayground(app, playground)
  return {
    listen: async (host, port) => {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    close: drain.close,
  }
}

function createApp(
  logger: FastifyBaseLogger,
  limits: Limits,
  refuse: Refuse,
  toRefusal: ToRefusal,
): FastifyInstance {
  const app = fastify({
    ...toHttpOptions(limits),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, toRefusal),
    frameworkErrors: (error, request, reply) => refuse(request, reply, toStatus(error)),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what comes on a connection that is still open is served
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const id = headers['x-request-id']
      return typeof id === 'string' && REQUEST_ID.test(id) ? id : randomUUID()
    },
  })
  app.server.on('connect', (_request, socket: Socket) => answerConnect(socket, toRefusal))
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  return app
}
