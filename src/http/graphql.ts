// The GraphQL endpoint: HTTP requests to GraphQL messages and back. Knows nothing of what is asked.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Events, GraphQL, Summary } from '../graphql/server.js'
import { letSend } from './continue.js'
import type { Place, Streams } from './events.js'
import { SECURITY_HEADERS } from './headers.js'
import type { Limits, Slots } from './limits.js'
import { isPlain } from './plain.js'
import type { Presence } from './presence.js'
import { type Refuse, refuseOthers } from './refusal.js'

/** With `exactUnder`, only ids that stand under that member of it are kept exact. */
export type ParseJson = (text: string, exactUnder?: string) => unknown

export type GraphQLRouteOptions = {
  readonly graphql: GraphQL
  /** Keeps ids exact that a double would round. */
  readonly parseJson: ParseJson
  readonly presence: Presence
  readonly refuse: Refuse
  readonly slots: Slots
  /** Of subscriptions, which need no slot once they have begun. */
  readonly streams: Streams
  readonly limits: Limits
  /** Whether nothing new may be run. */
  readonly isShedding: () => boolean
  /** Whether the connection is to be closed after the answer. */
  readonly isLast: (request: FastifyRequest) => boolean
  /** Whether there are headers of CORS to go with it. */
  readonly hasCors: boolean
}

type Answer = {
  readonly status: number
  readonly mediaType: string
  readonly cacheControl: string
  /** Its other headers: names and values in turn, which Node writes fastest. */
  readonly others?: readonly string[]
  readonly body: string
  /** In place of the body. */
  readonly stream?: { readonly events: Events; readonly place: Place }
  readonly summary: Summary
}

export function addGraphQLRoute(app: FastifyInstance, options: GraphQLRouteOptions): void {
  const { refuse, isShedding, limits } = options
  app.removeAllContentTypeParsers()
  // As text: a known operation is looked up by that, without parsing it.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    onRequest: (request, reply, done) => {
      if (!isPlain(request.headers)) refuse(request, reply, 415)
      else if (isShedding()) refuse(request, reply, 503)
      else {
        letSend(request.raw, reply.raw)
        if (isUsual(request, limits)) readBody(request.raw, (body) => answer(request, reply, body, options))
        else done()
      }
    },
    handler: (request, reply) => answer(request, reply, request.body, options),
  })
  refuseOthers(app, refuse, { url: '/graphql', methods: ['GET', 'POST'] })
}

/** Nearly all requests. Their bodies are read here, which is faster; Fastify reads the others, and refuses what is wrong. */
function isUsual({ method, headers }: FastifyRequest, { bodyBytes }: Limits): boolean {
  return (
    method === 'POST' &&
    headers['content-type'] === 'application/json' &&
    Number(headers['content-length']) <= bodyBytes
  )
}

/** The parser ends it after as many bytes as it announced. If its client leaves before, nobody waits for an answer. */
function readBody(message: IncomingMessage, take: (body: string) => void): void {
  const chunks: Buffer[] = []
  message.on('data', (chunk: Buffer) => chunks.push(chunk))
  message.on('end', () => {
    const [first] = chunks
    take(chunks.length === 1 && first ? first.toString() : Buffer.concat(chunks).toString())
  })
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  options: GraphQLRouteOptions,
): void {
  if (options.slots.isFull()) return void options.refuse(request, reply, 503)
  try {
    const found = run(request, body, options)
    if (found instanceof Promise) writeLater(request, reply, found, options)
    else write(request, reply, found, options)
  } catch (error) {
    reply.send(error)
  }
}

function writeLater(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Promise<Answer>,
  options: GraphQLRouteOptions,
): void {
  const { slots } = options
  const giveBack = slots.take()
  request.visit.operation = found
  found
    .finally(giveBack)
    .then((each) => write(request, reply, each, options))
    .catch((error: unknown) => reply.send(error))
}

/** A known operation directly, and without a promise if that can be; any other by way of Apollo Server. */
function run(request: FastifyRequest, body: unknown, options: GraphQLRouteOptions): Answer | Promise<Answer> {
  if (typeof body !== 'string') return execute(request, undefined, options)
  const found = options.graphql.run(body, request.headers.accept, request.visit)
  if (found === undefined) return execute(request, body, options)
  return found instanceof Promise ? found.then((each) => each ?? execute(request, body, options)) : found
}

/** Runs the operation for as long as its client is there. */
async function execute(
  { method, headers, url, visit }: FastifyRequest,
  body: string | undefined,
  { graphql, parseJson, streams }: GraphQLRouteOptions,
): Promise<Answer> {
  const place = streams.reserve()
  const request = {
    method,
    headers,
    search: toExactSearch(url, parseJson),
    body: body === undefined ? undefined : parseBody(body, parseJson),
    takeStream: place.take,
  }
  const { events, ...response } = await graphql.execute(request, visit).catch((error: unknown) => {
    place.give()
    throw error
  })
  if (events === undefined) place.give()
  const said = new Map(response.headers)
  return {
    ...response,
    ...(events && { stream: { events, place } }),
    mediaType: said.get('content-type') ?? 'application/json; charset=utf-8',
    cacheControl: said.get('cache-control') ?? 'no-store',
    others: [...said].filter(([name]) => !WRITTEN.has(name)).flat(),
  }
}

/** Headers that `write` sets. */
const WRITTEN: ReadonlySet<string> = new Set(['content-type', 'content-length', 'cache-control', 'vary'])

function parseBody(text: string, parseJson: ParseJson): unknown {
  try {
    return parseJson(text, 'variables')
  } catch {
    throw Object.assign(new Error('The body is not JSON.'), { statusCode: 400 })
  }
}

const SECURITY = SECURITY_HEADERS.flat()

/** Past Fastify, which would take each header by itself. */
function write(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, mediaType, cacheControl, others, body, stream, summary }: Answer,
  { presence, streams, isLast, hasCors }: GraphQLRouteOptions,
): void {
  const bytes = Buffer.byteLength(body)
  const head = ['content-type', mediaType, 'cache-control', cacheControl]
  if (stream === undefined) head.push('content-length', `${bytes}`)
  head.push('x-request-id', request.id, ...SECURITY)
  if (hasCors) for (const [name, value] of Object.entries(reply.getHeaders())) head.push(name, String(value))
  if (cacheControl !== 'no-store') head.push('vary', 'accept, authorization') // for caches
  if (others !== undefined) head.push(...others)
  if (isLast(request)) head.push('connection', 'close')
  request.visit.summary = summary
  reply.hijack()
  if (stream !== undefined) streams.open(request, reply, { ...stream, head })
  else {
    reply.raw.writeHead(status, head)
    reply.raw.end(body, bytes === body.length ? 'latin1' : 'utf8') // the same bytes, and faster, for a text in ASCII
    presence.answer(request.visit, bytes)
  }
}

/** The query string, with the numbers of `variables` kept exact. What is no JSON stays, to be refused later. */
function toExactSearch(url: string, parseJson: ParseJson): string {
  const start = url.indexOf('?')
  if (start < 0) return ''
  const parameters = new URLSearchParams(url.slice(start))
  const variables = parameters.getAll('variables')
  if (variables.length !== 1) return url.slice(start)
  try {
    parameters.set('variables', JSON.stringify(parseJson(String(variables[0]))))
  } catch {
    return url.slice(start)
  }
  return `?${parameters}`
}
