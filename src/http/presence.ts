// Which requests are in flight on which connection: so that work ends when nobody waits for it any more, and so that
// clients that do not take their answers can not fill our memory with them.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Asker } from '../file.js'

export type Presence = {
  /** A request begins. Its asker leaves when its connection closes, or on `abort`. */
  enter(socket: Socket): Visit
  /** Of answers that have not gone out yet. */
  unsentBytes(): number
  /** Whether more than one request is in flight on this connection. */
  isShared(socket: Socket): boolean
  /** Aborts whatever is in flight. */
  abort(): void
}

export type Visit = {
  readonly asker: Asker
  /** The request has its answer, of so many bytes, and ends when that has gone out. */
  answer(response: ServerResponse, bytes: number): void
  /** It ends without one. */
  leave(): void
}

/** A request in flight. */
class Stay implements Asker {
  hasLeft = false
  /** Of its answer, while that has not gone out. */
  bytes = 0
  #callbacks: Set<() => void> | undefined

  onLeave(callback: () => void): void {
    this.#callbacks ??= new Set()
    this.#callbacks.add(callback)
  }

  offLeave(callback: () => void): void {
    this.#callbacks?.delete(callback)
  }

  leave(): void {
    if (this.hasLeft) return
    this.hasLeft = true
    for (const callback of this.#callbacks ?? []) callback()
  }
}

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
      for (const stay of stays) {
        unsentBytes -= stay.bytes
        stay.leave()
      }
      stays.clear()
    })
    return stays
  }

  return {
    enter: (socket) => {
      const stay = new Stay()
      // It may have been closed before we listen.
      if (socket.destroyed) stay.leave()
      const stays = socket.destroyed ? undefined : (present.get(socket) ?? follow(socket))
      stays?.add(stay)
      const leave = () => {
        if (stays?.delete(stay)) unsentBytes -= stay.bytes
      }
      return {
        asker: stay,
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
      for (const stays of present.values()) for (const stay of stays) stay.leave()
    },
  }
}
