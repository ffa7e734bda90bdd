// Which requests are in flight on which connection: so that work ends when nobody waits for it any more, and so that
// clients that do not take their answers can not fill our memory with them.
import { setMaxListeners } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export type Presence = {
  /** A request begins. Its signal aborts when its connection closes, or on `abort`. */
  enter(socket: Socket): Visit
  /** Of answers that have not gone out yet. */
  unsentBytes(): number
  /** Whether more than one request is in flight on this connection. */
  isShared(socket: Socket): boolean
  /** Aborts whatever is in flight. */
  abort(): void
}

export type Visit = {
  readonly signal: AbortSignal
  /** The request has its answer, of so many bytes, and ends when that has gone out. */
  answer(response: ServerResponse, bytes: number): void
  /** It ends without one. */
  leave(): void
}

type Stay = { readonly controller: AbortController; bytes: number }

/**
 * The connection, not the response, is what tells that a client is gone: requests may wait their turn on it. Each has
 * one listener, however many requests come on it.
 */
export function createPresence({ stallTimeoutMs }: { readonly stallTimeoutMs: number }): Presence {
  const present = new Map<Socket, Set<Stay>>()
  let unsentBytes = 0

  function follow(socket: Socket): Set<Stay> {
    const stays = new Set<Stay>()
    present.set(socket, stays)
    socket.once('close', () => {
      present.delete(socket)
      for (const { controller, bytes } of stays) {
        unsentBytes -= bytes
        controller.abort()
      }
      stays.clear()
    })
    return stays
  }

  return {
    enter: (socket) => {
      const stay: Stay = { controller: new AbortController(), bytes: 0 }
      const { signal } = stay.controller
      // Each look-up listens, and there may be a hundred: Node's warning about more than ten does not apply.
      setMaxListeners(0, signal)
      // It may have been closed before we listen.
      if (socket.destroyed) stay.controller.abort()
      const stays = socket.destroyed ? undefined : (present.get(socket) ?? follow(socket))
      stays?.add(stay)
      const leave = () => {
        if (stays?.delete(stay)) unsentBytes -= stay.bytes
      }
      return {
        signal,
        leave,
        answer: (response, bytes) => {
          if (!stays?.has(stay)) return // nobody is there to take it
          stay.bytes = bytes
          unsentBytes += bytes
          response.once('finish', leave)
          response.setTimeout(stallTimeoutMs, () => socket.destroy())
        },
      }
    },
    unsentBytes: () => unsentBytes,
    isShared: (socket) => (present.get(socket)?.size ?? 0) > 1,
    abort: () => {
      for (const stays of present.values()) for (const { controller } of stays) controller.abort()
    },
  }
}
