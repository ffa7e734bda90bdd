// The GraphQL endpoint: HTTP requests to GraphQL messages and back. Knows nothing of what is asked.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FastResponse, GraphQL, Summary } from '../graphql/server.js'
import { SECURITY_HEADERS } from './headers.js'
import type { Slots } from './limits.js'
import type { Presence } from './presence.js'
import type { Refuse } from './refusal.js'

export type ParseJson = (text: string) => unknown

export type GraphQLRouteOptions = {
  readonly graphql: GraphQL
  /** Keeps ids exact that a double would round. */
  readonly parseJson: ParseJson
  readonly presence: Presence
  readonly refuse: Refuse
  readonly slots: Slots
  /** Whether nothing new may be run. */
  readonly isShedding: () => boolean
  /** Whether the connection is to be closed after the answer. */
  readonly isLast: (request: FastifyRequest) => boolean
}

type Answer = {
  readonly status: number
  /** Names and values in turn, as Node writes them with the least ado. */
  readonly headers: readonly string[]
  readonly body: string
  readonly summary: Summary
}

export function addGraphQLRoute(app: FastifyInstance, options: GraphQLRouteOptions): void {
  const { refuse, slots, isShedding } = options
  app.removeAllContentTypeParsers()
  // Its text is all that a known operation is looked up by.
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
      else done()
    },
    handler: (request, reply) => {
      if (!slots.take()) return refuse(request, reply, 503)
      const answer = giveBack(slots, () => run(request, options))
      if (!(answer instanceof Promise)) return write(request, reply, answer, options)
      request.visit.operation = answer
      return answer.then((each) => write(request, reply, each, options))
    },
  })
  app.route({
    method: ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'],
    url: '/graphql',
    handler: (request, reply) => refuse(request, reply.header('allow', 'GET, POST'), 405),
  })
}

/** In UTF-8 and not compressed: a hundred bytes may unpack to a gigabyte, and other charsets hide what is said. */
function isPlain(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = headers
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type) ?? []
  return /^utf-?8$/i.test(charset) && /^identity$/i.test(encoding)
}

/** Gives the place back when that has ended for which it was taken. */
function giveBack<T>({ give }: Slots, work: () => T | Promise<T>): T | Promise<T> {
  let later = false
  try {
    const result = work()
    later = result instanceof Promise
    return result instanceof Promise ? result.finally(give) : result
  } finally {
    if (!later) give()
  }
}

/** The fast way, at once if it can be; else the whole way. */
function run(request: FastifyRequest, options: GraphQLRouteOptions): Answer | Promise<Answer> {
  const { body, headers, visit } = request
  if (typeof body !== 'string') return execute(request, options)
  const found = options.graphql.run(body, headers.accept, visit)
  if (found === undefined) return execute(request, options)
  if (!(found instanceof Promise)) return toAnswer(found)
  return found.then((each) => (each ? toAnswer(each) : execute(request, options)))
}

function toAnswer({ mediaType, cacheControl, ...rest }: FastResponse): Answer {
  return { ...rest, headers: toHeaders(mediaType, cacheControl) }
}

/** Both ways say the same: an answer that may be kept is only for who asks so. */
function toHeaders(mediaType: string, cacheControl: string): string[] {
  const headers = ['content-type', mediaType, 'cache-control', cacheControl]
  return cacheControl === 'no-store' ? headers : [...headers, 'vary', 'accept, authorization']
}

/** Runs the operation for as long as its client is there. */
async function execute(
  { method, headers, url, body, visit }: FastifyRequest,
  { graphql, parseJson }: GraphQLRouteOptions,
): Promise<Answer> {
  const { requestId, signal } = visit
  const request = {
    method,
    headers,
    search: toExactSearch(url, parseJson),
    body: typeof body === 'string' ? parseBody(body, parseJson) : undefined,
  }
  const report = (fault: unknown) => visit.report(fault)
  const response = await graphql.execute(request, { requestId, signal, report })
  const said = new Map([['cache-control', 'no-store'], ...response.headers])
  said.delete('content-length') // it is counted where the body is written
  return { ...response, headers: [...said].flat() }
}

function parseBody(text: string, parseJson: ParseJson): unknown {
  try {
    return parseJson(text)
  } catch {
    throw Object.assign(new Error('The body is not JSON.'), { statusCode: 400 })
  }
}

const SECURITY = SECURITY_HEADERS.flat()

/** Past Fastify, which would take each header by itself. */
function write(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, headers, body, summary }: Answer,
  { presence, isLast }: GraphQLRouteOptions,
): void {
  const bytes = Buffer.byteLength(body)
  const head: string[] = []
  for (const [name, value] of Object.entries(reply.getHeaders())) head.push(name, String(value)) // by CORS
  head.push(...headers, 'content-length', `${bytes}`, 'x-request-id', request.id, ...SECURITY)
  if (isLast(request)) head.push('connection', 'close')
  request.visit.summary = summary
  reply.raw.writeHead(status, head)
  reply.hijack()
  reply.raw.end(body)
  presence.answer(request.visit, bytes)
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
