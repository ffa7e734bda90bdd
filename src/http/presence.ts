// Which requests are in flight on which connection: so that work ends when nobody waits for it any more, and so that
// clients that do not take their answers can not fill our memory with them.
import type { Socket } from 'node:net'
import type { Visit } from './visit.js'

export type Presence = {
  /** A request begins. It leaves when its connection closes, or on `abort`, and has ended when its answer is out. */
  enter(visit: Visit): void
  /** It has its answer, of so many bytes, which was written just now. */
  answer(visit: Visit, bytes: number): void
  /** Of answers that have not gone out yet. */
  unsentBytes(): number
  /** Whether no request has come after it on its connection. */
  isNewest(visit: Visit): boolean
  /** The last request of each connection whose last one has not arrived whole. */
  arriving(): Iterable<Visit>
  /** Makes whatever is in flight leave. */
  abort(): void
}

// A list: most often of one. See `createDeadlines` for what is wrong with a `Set`.
type Connection = { readonly visits: Visit[]; newest: Visit | undefined }

/**
 * The connection, not the response, is what tells that a client is gone: requests may wait their turn on it. Each has
 * one listener, however many requests come on it. `ended` is called once for each of them.
 */
export function createPresence(
  { stallTimeoutMs }: { readonly stallTimeoutMs: number },
  ended: (visit: Visit) => void,
): Presence {
  const connections = new Map<Socket, Connection>()
  let unsentBytes = 0

  function follow(socket: Socket): Connection {
    const connection: Connection = { visits: [], newest: undefined }
    connections.set(socket, connection)
    socket.once('close', () => {
      connections.delete(socket)
      for (const visit of [...connection.visits]) end(visit, connection)
    })
    return connection
  }

  function end(visit: Visit, { visits }: Connection): void {
    const place = visits.indexOf(visit)
    if (place < 0) return
    visits.splice(place, 1)
    unsentBytes -= visit.unsentBytes
    if (!visit.reply.raw.writableFinished) visit.leave()
    ended(visit)
  }

  return {
    enter: (visit) => {
      const { socket } = visit.request.raw
      const connection = connections.get(socket) ?? follow(socket)
      connection.visits.push(visit)
      connection.newest = visit
      visit.reply.raw.on('close', () => end(visit, connection))
    },
    answer: (visit, bytes) => {
      const { raw: response } = visit.reply
      const { socket } = visit.request.raw
      // Nearly always all of it is the system's by now. Where the connection is closed, nobody is there to take it.
      if (response.writableLength === 0 || !connections.get(socket)?.visits.includes(visit)) return
      visit.unsentBytes = bytes
      unsentBytes += bytes
      response.setTimeout(stallTimeoutMs, () => socket.destroy())
    },
    unsentBytes: () => unsentBytes,
    isNewest: (visit) => connections.get(visit.request.raw.socket)?.newest === visit,
    *arriving() {
      for (const { newest } of connections.values()) if (newest?.request.raw.complete === false) yield newest
    },
    abort: () => {
      for (const { visits } of connections.values()) for (const visit of visits) visit.leave()
    },
  }
}
