// Which requests are in flight on which connection. So work ends when its client has left, and clients that do not read their
// answers cannot fill our memory.
import type { Socket } from 'node:net'
import type { Visit } from './visit.js'

export type Presence = {
  /** A request begins. It leaves when its connection closes, or on `abort`, and has ended when its answer is out. */
  enter(visit: Visit): void
  /** Its answer, of so many bytes, was just written. */
  answer(visit: Visit, bytes: number): void
  /** Bytes of answers that have not been sent yet. */
  unsentBytes(): number
  /** Whether no request has come after it on its connection. */
  isNewest(visit: Visit): boolean
  /** The last request of each connection whose last one has not arrived whole. */
  arriving(): Iterable<Visit>
  /** All that are in flight. */
  all(): Iterable<Visit>
  /** Makes whatever is in flight on this connection leave. */
  leave(socket: Socket): void
  /** Makes whatever is in flight leave. */
  abort(): void
}

// A list: most often of one. See `createDeadlines` for what is wrong with a `Set`.
type Connection = {
  /** Those that have not ended. */
  readonly visits: Visit[]
  /** The last that came, until all have ended and it has arrived whole. */
  newest: Visit | undefined
}

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

  function end(visit: Visit, connection: Connection): void {
    const { visits } = connection
    const place = visits.indexOf(visit)
    if (place < 0) return
    visits.splice(place, 1)
    forget(connection)
    unsentBytes -= visit.unsentBytes
    if (!visit.reply.raw.writableFinished) visit.leave()
    ended(visit)
  }

  function* all(): Iterable<Visit> {
    for (const { visits } of connections.values()) yield* visits
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
      // Usually the operating system has taken all of it by now. If the connection is closed, nobody will read it.
      if (response.writableLength === 0 || !connections.get(socket)?.visits.includes(visit)) return
      visit.unsentBytes = bytes
      unsentBytes += bytes
      response.setTimeout(stallTimeoutMs, () => socket.destroy())
    },
    unsentBytes: () => unsentBytes,
    isNewest: (visit) => connections.get(visit.request.raw.socket)?.newest === visit,
    *arriving() {
      for (const connection of connections.values()) {
        forget(connection)
        if (connection.newest?.request.raw.complete === false) yield connection.newest
      }
    },
    all,
    leave: (socket) => {
      for (const visit of [...(connections.get(socket)?.visits ?? [])]) visit.leave()
    },
    abort: () => {
      for (const visit of all()) visit.leave()
    },
  }
}

/** A connection that is idle holds on to no request. One that was answered may still be arriving. */
function forget(connection: Connection): void {
  const { visits, newest } = connection
  if (visits.length === 0 && newest?.request.raw.complete) connection.newest = undefined
}
