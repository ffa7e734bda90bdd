// How many may pass at once, and in which order. Knows nothing of what passes.

/** Waits for a place. The promise gives the function that frees it again, which may be called twice. */
export type Gate = { enter(signal: AbortSignal): Promise<() => void> }

/**
 * Lets `limit` through at a time, first come, first served. It rejects with the signal's reason as soon as
 * that aborts, and with an error of its own when `maxQueued` already wait: a longer queue only adds callers
 * whose deadline passes before their turn.
 */
export function createGate({ limit, maxQueued }: { limit: number; maxQueued: number }): Gate {
  let free = limit
  // A set keeps the order of arrival, and lets go of any waiter without a search.
  const waiting = new Set<() => void>()

  const admit = () => {
    let held = true
    return () => {
      if (!held) return
      held = false
      const [next] = waiting
      if (next) next()
      else free++
    }
  }

  const queue = (signal: AbortSignal) =>
    new Promise<() => void>((resolve, reject) => {
      const settle = (outcome: () => void) => {
        waiting.delete(pass)
        signal.removeEventListener('abort', leave)
        outcome()
      }
      const pass = () => settle(() => resolve(admit()))
      const leave = () => settle(() => reject(signal.reason))
      waiting.add(pass)
      signal.addEventListener('abort', leave)
    })

  return {
    async enter(signal) {
      signal.throwIfAborted()
      if (free === 0) {
        if (waiting.size >= maxQueued) throw new Error('The queue is full.')
        return queue(signal)
      }
      free--
      return admit()
    },
  }
}
