// The metrics: what is counted of each request, and the route at which Prometheus fetches them.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Summary } from '../graphql/server.js'
import type { Visit } from './visit.js'

export type Metrics = {
  readonly contentType: string
  /** The text for a scrape. */
  readonly render: () => Promise<string>
  /** `codes` are of the failures that the answer told. */
  readonly countRequest: (
    route: string,
    status: number | 'left',
    durationMs: number,
    codes: readonly string[],
  ) => void
  /** A request was turned away, since there is too much to do. */
  readonly countShed: (route: string) => void
}

export function addMetricsRoute(
  app: FastifyInstance,
  { contentType, render }: Pick<Metrics, 'contentType' | 'render'>,
): void {
  const quiet = { config: { logged: 'debug' } } as const
  app.get('/metrics', quiet, async (_request, reply) => reply.type(contentType).send(await render()))
}

/** Where a request went: a route's pattern, never a path, and one name for all that the playground is made of. */
export function toRoute({ url, config }: FastifyRequest['routeOptions'], summary?: Summary): string {
  if (summary?.way === 'events') return `${url} (events)` // which takes as long as there is something to follow
  return config?.logged === 'none' ? 'playground' : (url ?? 'none')
}

/** How many requests are at each route. */
export function countByRoute(visits: Iterable<Visit>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const visit of visits) {
    const route = toRoute(visit.request.routeOptions, visit.summary)
    counts.set(route, (counts.get(route) ?? 0) + 1)
  }
  return counts
}
