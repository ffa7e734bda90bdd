// How the server stops: it is no longer ready, finishes what it has been asked, and keeps nobody waiting who asks
// nothing.
import type { Server, Socket } from 'node:net'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Presence } from './presence.js'
import type { Visit } from './visit.js'

/** How often to see whether answers have gone out: Node takes a connection for idle that still writes one. */
const POLL_MS = 20
/** How long an aborted request may take to answer before its connection is cut. */
const LAST_WORDS_MS = 250

export type Drain = {
  readonly isDraining: () => boolean
  /** Whether the connection is to be closed after this answer. Only after its last one: the others would be lost. */
  readonly isLast: (visit: Visit) => boolean
  /** Lets what is in flight finish for so long, then aborts it. Resolves when every connection is closed. */
  close(graceMs: number): Promise<void>
}

/**
 * `leadMs` is how long the port stays open after readiness went off: whoever sends requests here needs as long to
 * notice. A client that already picked one of its idle connections is answered on it, and told to close it; to close
 * it at once would meet its request half way.
 */
export function createDrain(app: FastifyInstance, presence: Presence, leadMs: number): Drain {
  let draining = false
  const connections = trackConnections(app.server)
  return {
    isDraining: () => draining,
    isLast: (visit) => draining && presence.isNewest(visit),
    close: async (graceMs) => {
      draining = true
      const endMs = performance.now() + graceMs
      const abortion = setTimeout(presence.abort, graceMs)
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs + LAST_WORDS_MS)
      await delay(Math.min(leadMs, graceMs))
      while (presence.unsentBytes() > 0 && performance.now() < endMs) await delay(POLL_MS)
      await turn() // what has arrived is read before idle connections are told from others
      connections.closeSilent()
      await app.close() // stops listening, and closes connections that wait for their next request
      clearTimeout(abortion)
      clearTimeout(cut)
    },
  }
}

function trackConnections(server: Server) {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return {
    /** Closes those on which nothing was ever asked. Node counts them as busy until its timeout for headers. */
    closeSilent: () => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}
