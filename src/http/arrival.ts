// How long a request may take to arrive. Node's own limit is one for all of a server, and would hold for uploads as well.
import type { FastifyInstance } from 'fastify'
import type { Limits } from './limits.js'
import type { Presence } from './presence.js'
import type { ToRefusal } from './refusal.js'
import { answerUnreadable } from './unreadable.js'
import type { Visit } from './visit.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body may be of any size, and its route watches how fast it comes, until it is answered. */
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
  /** What is left of a request once it was answered has all of the time again: an answer is lost where a connection is cut. */
  const isLate = ({ startMs, endMs, request }: Visit) => {
    const isWatched = request.routeOptions.config?.upload
    const fromMs = endMs ?? (isWatched ? Number.POSITIVE_INFINITY : startMs)
    return performance.now() - fromMs > requestTimeoutMs
  }
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
