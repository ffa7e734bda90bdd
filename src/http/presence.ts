// Which requests are in flight on which connection, so that work ends when nobody waits for it any more.
import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'

export type Presence = {
  /** A request begins. Its signal aborts when its connection closes, or on `abort`. */
  enter(socket: Socket): Visit
  /** Aborts whatever is in flight. */
  abort(): void
}

type Visit = {
  readonly signal: AbortSignal
  /** The request has ended. */
  leave(): void
}

/**
 * The connection, not the response, is what tells that a client is gone: requests may wait their turn on it. Each has
 * one listener, however many requests come on it.
 */
export function createPresence(): Presence {
  const present = new Map<Socket, Set<AbortController>>()

  function follow(socket: Socket): Set<AbortController> {
    const visits = new Set<AbortController>()
    present.set(socket, visits)
    socket.once('close', () => {
      present.delete(socket)
      for (const visit of visits) visit.abort()
    })
    return visits
  }

  return {
    enter: (socket) => {
      const controller = new AbortController()
      // Each look-up listens, and there may be a hundred: Node's warning about more than ten does not apply.
      setMaxListeners(0, controller.signal)
      // It may have been closed before we listen.
      if (socket.destroyed) controller.abort()
      const visits = socket.destroyed ? undefined : (present.get(socket) ?? follow(socket))
      visits?.add(controller)
      return { signal: controller.signal, leave: () => void visits?.delete(controller) }
    },
    abort: () => {
      for (const visits of present.values()) for (const visit of visits) visit.abort()
    },
  }
}
