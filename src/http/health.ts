// Liveness and readiness. They look at this process alone: neither calls upstream, so neither ever costs anything.
import type { FastifyInstance } from 'fastify'

export type Health = {
  /** The server is stopping: it finishes what it has and should be sent nothing new. */
  draining: boolean
}

export function addHealthRoutes(app: FastifyInstance, health: Health): void {
  app.get('/livez', { config: { public: true } }, async () => ({ status: 'ok' }))
  app.get('/readyz', { config: { public: true } }, async (_request, reply) => {
    return reply.code(health.draining ? 503 : 200).send({ status: health.draining ? 'draining' : 'ok' })
  })
}
