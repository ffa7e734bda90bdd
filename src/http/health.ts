// Liveness and readiness. They look at this process alone: neither calls upstream, so neither ever costs anything, and
// neither waits for a service that may be down.
import type { FastifyInstance } from 'fastify'

export type Health = {
  /** The server is stopping: it finishes what it has and should be sent nothing new. */
  readonly isDraining: () => boolean
  /** The server is at its limit and refuses more work. */
  readonly isShedding: () => boolean
  /** What does not work while the server goes on without it: one word each, such as `redis`. */
  readonly degradations: () => readonly string[]
}

export function addHealthRoutes(app: FastifyInstance, health: Health): void {
  const open = { config: { public: true, logged: 'debug' } } as const
  app.get('/livez', open, async (_request, reply) => {
    return reply.header('cache-control', 'no-store').send({ status: 'ok' })
  })
  app.get('/readyz', open, async (_request, reply) => {
    const status = health.isDraining() ? 'draining' : health.isShedding() ? 'overloaded' : 'ok'
    const degraded = health.degradations()
    return reply
      .code(status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status, ...(degraded.length > 0 && { degraded }) })
  })
}
