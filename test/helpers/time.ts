// Time that a test holds in its hand, for code that sets its own timers: what takes 50 ms is counted, not measured.
// Sockets, promises and turns of the event loop go on as ever.
import { setImmediate as turn } from 'node:timers/promises'
import { onTestFinished, vi } from 'vitest'

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
