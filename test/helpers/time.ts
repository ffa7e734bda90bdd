// Time that a test holds in its hand, for code that sets its own timers: what takes 50 ms is counted, not measured.
// Sockets, promises and turns of the event loop go on as ever.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'

/** Node's own word that a server in this process has got the head of a request. */
const STARTS = 'http.server.request.start'

/** From now on no timer goes off by itself, until the test ends. `eventually` lets time pass while it waits. */
export function holdTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  return {
    /** Lets time pass, and everybody who waited for that take notice. */
    pass: async (ms: number): Promise<void> => {
      await turn()
      vi.advanceTimersByTime(ms)
      for (let i = 0; i < 3; i++) await turn()
    },
    /** How many timers run. */
    count: () => vi.getTimerCount(),
  }
}

/** Whether a promise has been kept, or broken. */
export function watch<T>(promise: Promise<T>): { readonly promise: Promise<T>; isOver: boolean } {
  const watched = { promise, isOver: false }
  const end = () => {
    watched.isOver = true
  }
  promise.then(end, end)
  return watched
}

/**
 * Resolves when so many requests have come to `/graphql` in this process, and each has had time to be looked into: turns
 * of the loop, which come later on a busy machine.
 */
export function arrivals(count: number): Promise<void> {
  return new Promise((resolve) => {
    let ended = 0
    const settle = async () => {
      for (let i = 0; i < 200; i++) await turn()
      resolve()
    }
    const onStart = (message: unknown) => {
      const { request } = message as { readonly request: IncomingMessage }
      if (request.url !== '/graphql') return
      request.once('end', () => {
        if (++ended < count) return
        unsubscribe(STARTS, onStart)
        void settle()
      })
    }
    subscribe(STARTS, onStart)
  })
}
