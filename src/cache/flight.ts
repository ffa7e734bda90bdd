// Single flight: a look-up of a key that is already under way waits for the same result.
import { FileError } from '../errors.js'
import type { Asker, Lookup, Meter } from '../file.js'

export type Flights<T> = {
  /** Whether `join` would share what is already under way. */
  has(key: string): boolean
  /**
   * Joins the flight of this key, or starts one. Everyone who waits gets its outcome, success or failure. Rejects with `Left`
   * as soon as the asker leaves; the others are not affected. When the last one leaves, the flight is stopped if nothing was
   * sent yet. Once sent it goes on, and later askers join it.
   */
  join(key: string, asker: Asker, meter: Meter, deadlineMs: number): Promise<T>
  /** The next asker starts a new flight. Those who wait for the present one still get its outcome. */
  drop(key: string): void
  /** Whether this is the flight that others would join. */
  isCurrent(key: string, lookup: Lookup): boolean
}

/** The rejection for an asker who has left. */
class Left extends Error {
  override readonly name = 'Left'
}

/** Turns `Left` into a `FileError`; rethrows anything else. */
export function toLeft(error: unknown): never {
  throw error instanceof Left ? new FileError('UPSTREAM_UNAVAILABLE', { cause: error }) : error
}

/** `start` does the work of one flight. */
export function createFlights<T>(start: (key: string, lookup: Lookup) => Promise<T>): Flights<T> {
  const flights = new Map<string, Flight<T>>()

  function launch(key: string, { requestId }: Asker, meter: Meter, deadlineMs: number): Flight<T> {
    const remove = () => {
      if (flights.get(key) === flight) flights.delete(key)
    }
    const flight = new Flight<T>({ requestId, meter, deadlineMs }, remove)
    flights.set(key, flight)
    return flight
  }

  return {
    has: (key) => flights.has(key),
    drop: (key) => void flights.delete(key),
    isCurrent: (key, lookup) => flights.get(key) === lookup,
    join: (key, asker, meter, deadlineMs) => {
      if (asker.hasLeft) return Promise.reject(new Left())
      const present = flights.get(key)
      if (present) return present.wait(asker)
      const flight = launch(key, asker, meter, deadlineMs)
      const outcome = flight.wait(asker)
      flight.land(() => start(key, flight))
      return outcome
    },
  }
}

type Waiter<T> = {
  readonly asker: Asker
  readonly leave: () => void
  readonly resolve: (outcome: T) => void
  readonly reject: (error: unknown) => void
}

class Flight<T> implements Lookup {
  readonly requestId: string | undefined
  readonly meter: Meter
  readonly deadlineMs: number
  isProbe = false
  check: (() => void) | undefined
  stop: (() => void) | undefined
  readonly #remove: () => void
  #waiters: Waiter<T>[] = []

  constructor(
    { requestId, meter, deadlineMs }: Pick<Lookup, 'requestId' | 'meter' | 'deadlineMs'>,
    remove: () => void,
  ) {
    this.requestId = requestId
    this.meter = meter
    this.deadlineMs = deadlineMs
    this.#remove = remove
  }

  get isAbandoned(): boolean {
    return this.#waiters.length === 0
  }

  wait(asker: Asker): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter)
        reject(new Left())
        if (this.#waiters.length > 0 || !this.stop) return
        this.#remove() // the next asker starts a new flight
        this.stop()
      }
      const waiter: Waiter<T> = { asker, leave, resolve, reject }
      this.#waiters.push(waiter)
      asker.onLeave(leave)
    })
  }

  /** Starts the work and ends the flight with its outcome. */
  land(start: () => Promise<T>): void {
    const fail = (error: unknown) => this.#end(({ reject }) => reject(error))
    try {
      start().then((value) => this.#end(({ resolve }) => resolve(value)), fail)
    } catch (error) {
      fail(error)
    }
  }

  #end(tell: (waiter: Waiter<T>) => void): void {
    this.#remove()
    const waiters = this.#waiters
    this.#waiters = [] // the map's old tables may hold the flight for long
    for (const waiter of waiters) {
      waiter.asker.offLeave(waiter.leave)
      tell(waiter)
    }
  }
}
