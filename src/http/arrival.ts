// How long a request may take to arrive. Node's own limit is one for all of a server, and would hold for uploads as well.
import type { FastifyInstance } from 'fastify'
import type { Limits } from './limits.js'
import type { Presence } from './presence.js'
import type { ToRefusal } from './refusal.js'
import { answerUnreadable } from './unreadable.js'
import type { Visit } from './visit.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body may be of any size, and is watched by its route. */
    readonly upload?: true
  }
}

/** What Node's parser says of such a request. */
const LATE = { code: 'ERR_HTTP_REQUEST_TIMEOUT' }

export function limitArrival(
  app: FastifyInstance,
  presence: Presence,
  { requestTimeoutMs, checkIntervalMs }: Limits,
  toRefusal: ToRefusal,
): void {
  const isLate = ({ startMs, request, reply }: Visit) =>
    performance.now() - startMs > requestTimeoutMs &&
    !(request.routeOptions.config?.upload && !reply.raw.writableFinished)
  const look = () => {
    for (const visit of presence.arriving()) {
      const { socket } = visit.request.raw
      if (!isLate(visit)) continue
      if (visit.reply.raw.headersSent) socket.destroy()
      else answerUnreadable(LATE, socket, toRefusal)
    }
  }
  const timer = setInterval(look, checkIntervalMs).unref()
  app.addHook('onClose', async () => clearInterval(timer))
}
