// The metrics, for Prometheus to fetch.
import type { FastifyInstance } from 'fastify'

/** What a scrape gets. */
export type Scrape = { readonly contentType: string; readonly render: () => Promise<string> }

export function addMetricsRoute(app: FastifyInstance, { contentType, render }: Scrape): void {
  const quiet = { config: { logged: 'debug' } } as const
  app.get('/metrics', quiet, async (_request, reply) => reply.type(contentType).send(await render()))
}
