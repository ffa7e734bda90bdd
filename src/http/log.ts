// One log line per request: what was asked by name and number and how it ended, never with what.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Summary } from '../graphql/server.js'

/** Asked every few seconds by machines: logged at `debug`. */
const QUIET_ROUTES: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz', '/metrics'])

/** Says that a request runs an operation, whose summary its line waits for. */
export type Follow = (request: FastifyRequest, operation: Promise<{ readonly summary: Summary }>) => void

export function addRequestLog(app: FastifyInstance): Follow {
  const operations = new WeakMap<FastifyRequest, Parameters<Follow>[1]>()

  async function write(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { method, routeOptions } = request
    const left = !reply.raw.writableFinished
    const outcome = left ? {} : { status: reply.statusCode }
    const durationMs = Math.round(reply.elapsedTime)
    // An operation that failed as a whole has had its line, with the fault.
    const operation = await operations.get(request)?.catch(() => undefined)
    const level = QUIET_ROUTES.has(routeOptions.url) ? 'debug' : 'info'
    request.log[level](
      { method, route: routeOptions.url, ...outcome, durationMs, ...operation?.summary },
      left ? 'the client left' : 'answered',
    )
  }

  app.addHook('onRequest', (request, reply, done) => {
    // Emitted once for each response, also where Fastify's own hook is not called, since the client has left.
    reply.raw.once('close', () => void write(request, reply))
    done()
  })
  return (request, operation) => {
    operations.set(request, operation)
  }
}
