// Single flight: whoever asks for what is already being asked for waits for the same answer.

type Flight<T> = { readonly outcome: Promise<T>; readonly abort: () => void; waiters: number }

export type Flights<T> = {
  /** Whether `join` would share what is already under way. */
  has(key: string): boolean
  /**
   * Joins the flight of this key, or starts one. Its outcome, success or failure, goes to everyone who joined.
   * Rejects with the signal's reason as soon as that aborts: a waiter who leaves changes nothing for the
   * others; with the last one the flight is aborted, and whoever comes next starts a new one.
   */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T>
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>()

  function launch(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    const outcome = start(controller.signal).finally(land)
    outcome.catch(() => {}) // everyone may have left
    const abort = () => {
      land()
      controller.abort()
    }
    const flight: Flight<T> = { outcome, abort, waiters: 0 }
    flights.set(key, flight)
    return flight
  }

  function wait(flight: Flight<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason)
        if (--flight.waiters === 0) flight.abort()
      }
      const stay = () => signal.removeEventListener('abort', leave)
      flight.waiters++
      signal.addEventListener('abort', leave, { once: true })
      flight.outcome.finally(stay).then(resolve, reject)
    })
  }

  return {
    has: (key) => flights.has(key),
    join: async (key, signal, start) => {
      signal.throwIfAborted()
      return wait(flights.get(key) ?? launch(key, start), signal)
    },
  }
}
