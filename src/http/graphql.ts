// The GraphQL endpoint: HTTP requests to GraphQL messages and back. Knows nothing of what is asked.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphQL } from '../graphql/server.js'
import type { Slots } from './limits.js'
import type { Follow } from './log.js'
import { isPlain } from './plain.js'
import type { Presence, Visit } from './presence.js'
import type { Refuse } from './refusal.js'

/** With `exactUnder`, only ids that stand under that member of it are kept exact. */
export type ParseJson = (text: string, exactUnder?: string) => unknown

export type GraphQLRouteOptions = {
  readonly graphql: GraphQL
  /** Keeps ids exact that a double would round. */
  readonly parseJson: ParseJson
  readonly presence: Presence
  readonly refuse: Refuse
  readonly follow: Follow
  readonly slots: Slots
  /** Whether nothing new may be run. */
  readonly isShedding: () => boolean
}

export function addGraphQLRoute(app: FastifyInstance, options: GraphQLRouteOptions): void {
  const { parseJson, refuse, slots, isShedding, presence } = options
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(String(body), 'variables'))
    } catch {
      done(Object.assign(new Error('The body is not JSON.'), { statusCode: 400 }))
    }
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    onRequest: (request, reply, done) => {
      if (!isPlain(request.headers)) refuse(request, reply, 415)
      else if (isShedding()) refuse(request, reply, 503)
      else done()
    },
    handler: async (request, reply) => {
      if (!slots.take()) return refuse(request, reply, 503)
      const visit = presence.enter(request.raw.socket)
      const response = await execute(request, visit, options)
        .catch((error: unknown) => {
          visit.leave()
          throw error
        })
        .finally(slots.give)
      visit.answer(reply.raw, Buffer.byteLength(response.body))
      reply.header('cache-control', 'no-store') // unless it says otherwise
      for (const [name, value] of response.headers)
        reply.header(name, name === 'vary' ? extend(reply, name, value) : value)
      return reply.code(response.status).send(response.body)
    },
  })
  app.route({
    method: ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'],
    url: '/graphql',
    handler: (request, reply) => refuse(request, reply.header('allow', 'GET, POST'), 405),
  })
}

/** Runs the operation for as long as its client is there. */
async function execute(
  request: FastifyRequest,
  { asker }: Visit,
  { graphql, parseJson, follow }: GraphQLRouteOptions,
): ReturnType<GraphQL['execute']> {
  const operation = graphql.execute(
    {
      method: request.method,
      headers: request.headers,
      search: toExactSearch(request.url, parseJson),
      body: request.body,
    },
    {
      requestId: request.id,
      asker,
      report: (fault) => request.log.error({ err: fault }, 'a fault of ours, masked for the client'),
    },
  )
  follow(request, operation)
  return operation
}

/** The value beside what stands there already: CORS says `vary` too. */
function extend(reply: FastifyReply, name: string, value: string): string {
  const present = reply.getHeader(name)
  return present === undefined ? value : `${present}, ${value}`
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
