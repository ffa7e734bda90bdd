// The HTTP server: who asks, within which bounds, and how it stops.
import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import type { Content } from '../content.js'
import type { GraphQL } from '../graphql/server.js'
import type { Access } from './access.js'
import { limitArrival } from './arrival.js'
import { addContentRoutes } from './bytes/content.js'
import { createPlaces } from './bytes/places.js'
import { createFormCheck, createSiteCheck } from './bytes/site.js'
import type { ContentTickets } from './bytes/ticket.js'
import { addUploadRoutes, type UploadRouteOptions } from './bytes/upload.js'
import { createDrain } from './drain.js'
import { createStreams } from './events.js'
import { createGate } from './gate.js'
import { addGraphQLRoute, type ParseJson } from './graphql.js'
import { addCors, SECURITY_HEADERS } from './headers.js'
import { addHealthRoutes, type Health } from './health.js'
import { createIds } from './id.js'
import { createSlots, HTTP_LIMITS, hasMuchUnread, type Limits, limitServer, toHttpOptions } from './limits.js'
import { linger } from './linger.js'
import { createRequestLog, type Log } from './log.js'
import { addMetricsRoute, countByRoute, type Metrics, toRoute } from './metrics.js'
import type { PlaygroundFacts } from './playground.js'
import { createPresence, type Presence } from './presence.js'
import { createRefusal, type Refuse, type ToRefusal, toStatus } from './refusal.js'
import { answerConnect, answerUnreadable } from './unreadable.js'
import { type Report, Visit } from './visit.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** From its first hook on. A request whose URL cannot be parsed has none. */
    visit: Visit
  }
}

export type ServerOptions = {
  readonly graphql: GraphQL
  readonly content: Content
  readonly tickets: Pick<ContentTickets, 'read'>
  readonly uploading: Pick<UploadRouteOptions, 'uploads' | 'uploadTickets' | 'useTicket' | 'audit'>
  readonly parseJson: ParseJson
  readonly metrics: Metrics
  readonly logger: Log
  readonly degradations: Health['degradations']
  /** Who may ask; without it, anybody. */
  readonly access?: Access | undefined
  /** Whether only this machine may ask: a page from elsewhere must not do so from a browser that runs here. */
  readonly isLocal?: boolean
  /** Whether those who may write can do so at all. */
  readonly writes?: boolean
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins?: readonly string[]
  /** Where clients reach this server. */
  readonly publicUrl?: URL | undefined
  readonly limits?: Limits
  /** What the playground's page says; without it, there is no such page. */
  readonly playground?: PlaygroundFacts | undefined
}

export type Server = {
  /** Starts listening; resolves to the port, which the system chose where 0 was asked for. */
  listen(host: string, port: number): Promise<number>
  /** Requests that are here, by route, and what went out of files. */
  readonly traffic: {
    readonly requests: () => ReadonlyMap<string, number>
    readonly sentBytes: () => number
  }
  /** Lets what is in flight finish for so long, then aborts it. Idle connections are closed at once. */
  close(graceMs: number): Promise<void>
}

export async function createServer(options: ServerOptions): Promise<Server> {
  const { graphql, metrics, logger, degradations, playground } = options
  const { corsOrigins = [], limits = HTTP_LIMITS } = options
  const { refuse, toRefusal } = createRefusal(graphql.toCost())
  const app = createApp(limits, refuse, toRefusal)
  const slots = createSlots(limits.operations)
  const streams = createStreams(limits)
  const traffic = createTraffic(createRequestLog(logger), metrics)
  const presence = createPresence(limits, traffic.end)
  const shed: Refuse = (request, reply, status, message) => {
    if (status === 503) metrics.countShed(toRoute(request.routeOptions))
    return refuse(request, reply, status, message)
  }
  const drain = createDrain(app, presence, limits.drainLeadMs)
  const isShedding = () => slots.isFull() || presence.unsentBytes() >= limits.unsentBytes
  const isLast = ({ raw, visit }: FastifyRequest) => hasMuchUnread(raw, limits) || drain.isLast(visit)
  const report: Report = (err, requestId) =>
    logger.error({ requestId, err }, 'internal error, masked for the client')
  limitServer(app, limits)
  limitArrival(app, presence, limits, toRefusal)
  // Bytes that are no request follow one that had another length than it said: what it brought, such as a file, is not whole.
  app.server.prependListener('clientError', (_error, socket: Socket) => presence.leave(socket))
  app.server.on('connect', (_request, socket: Socket) => answerConnect(socket, toRefusal))
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 404))
  app.setErrorHandler((error: Parameters<typeof toStatus>[0], request, reply) => {
    const status = toStatus(error)
    if (status >= 500) report(error, request.id)
    return refuse(request, reply, status)
  })
  addVisits(app, presence, limits, report)
  // Before anything is refused: a browser must be able to read a refusal, and its preflights carry no token.
  await addCors(app, corsOrigins)
  app.addHook('onRequest', createGate({ ...options, limits, refuse }))
  addHeaders(app, isLast)
  addGraphQLRoute(app, {
    ...options,
    refuse: shed,
    slots,
    streams,
    limits,
    presence,
    isShedding,
    isLast,
    hasCors: corsOrigins.length > 0,
  })
  const places = createPlaces(limits.transfers)
  const sites = { ...options, corsOrigins }
  const ofBytes = { ...options, places, refuse: shed, limits, toCost: graphql.toCost }
  const isForeign = options.access ? () => false : createSiteCheck(sites)
  addContentRoutes(app, { ...ofBytes, isForeign, isLast })
  addUploadRoutes(app, {
    ...ofBytes,
    ...options.uploading,
    isForeign: createFormCheck(sites),
  })
  addHealthRoutes(app, { isDraining: drain.isDraining, isShedding, degradations })
  addMetricsRoute(app, metrics)
  if (playground) await (await import('./playground.js')).addPlayground(app, playground, logger)
  return {
    listen: async (host, port) => {
      await app.listen({ host, port })
      const address = app.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    traffic: {
      requests: () => countByRoute(presence.all()),
      sentBytes: () => traffic.sentBytes(presence.all()),
    },
    close: (graceMs) => {
      streams.end()
      return drain.close(graceMs)
    },
  }
}

/** What is known of requests that have ended. */
function createTraffic(writeLine: ReturnType<typeof createRequestLog>, { countRequest }: Metrics) {
  let endedBytes = 0
  return {
    end: (visit: Visit): void => {
      const endMs = performance.now()
      const durationMs = endMs - visit.startMs
      visit.endMs = endMs
      const { routeOptions } = visit.request
      endedBytes += visit.sentBytes
      visit.settle((summary) => {
        writeLine(visit, summary, { routeOptions, durationMs })
        const codes = summary?.codes ?? (visit.status === 500 ? FAULT : NONE)
        countRequest(toRoute(routeOptions, summary), visit.status, durationMs, codes)
      })
    },
    /** In all, with those of requests that have not. */
    sentBytes: (present: Iterable<Visit>): number => {
      let bytes = endedBytes
      for (const visit of present) bytes += visit.sentBytes
      return bytes
    },
  }
}

const NONE: readonly string[] = []
/** Where there is no summary to name it, as of an operation that failed as a whole. */
const FAULT: readonly string[] = ['INTERNAL_SERVER_ERROR']

/** No route has a JSON Schema, so Fastify need not load its compilers, which are large. */
function compileNothing(): never {
  throw new Error('A route has a schema.')
}

/** Of one part of a path; a longer one is answered 404. A ticket to upload holds a file's name. */
const MAX_TICKET_LENGTH = 2048

/** It logs nothing by itself, which would cost a logger for each request. */
function createApp(limits: Limits, refuse: Refuse, toRefusal: ToRefusal): FastifyInstance {
  const toId = createIds()
  return fastify({
    ...toHttpOptions(limits),
    schemaController: {
      compilersFactory: { buildValidator: compileNothing, buildSerializer: compileNothing },
    },
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, toRefusal),
    frameworkErrors: (error, request, reply) => refuse(request, reply, toStatus(error)),
    forceCloseConnections: 'idle',
    return503OnClosing: false, // what comes on a connection that is still open is served
    routerOptions: { maxParamLength: MAX_TICKET_LENGTH },
    requestIdHeader: false,
    genReqId: ({ headers }) => toId(headers),
  })
}

function addVisits(app: FastifyInstance, presence: Presence, limits: Limits, report: Report): void {
  app.decorateRequest('visit')
  app.addHook('onRequest', (request, reply, done) => {
    request.visit = new Visit(request, reply, report)
    presence.enter(request.visit)
    if (hasMuchUnread(request.raw, limits)) linger(request.raw)
    done()
  })
}

/** Adds to each answer what it does not say by itself. The GraphQL route writes its own past all hooks. */
function addHeaders(app: FastifyInstance, isLast: (request: FastifyRequest) => boolean): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id)
    for (const [name, value] of SECURITY_HEADERS) if (!reply.hasHeader(name)) reply.header(name, value)
    if (isLast(request)) reply.header('connection', 'close')
    done()
  })
}
