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
  const flights = new Table<T>()
  return {
    has: (key) => flights.get(key) !== undefined,
    drop: (key) => {
      const flight = flights.get(key)
      if (flight) flights.delete(flight)
    },
    isCurrent: (key, lookup) => flights.get(key) === lookup,
    join: (key, asker, meter, deadlineMs) => {
      if (asker.hasLeft) return Promise.reject(new Left())
      const present = flights.get(key)
      if (present) return present.wait(asker)
      const { requestId } = asker
      const flight = new Flight<T>(key, { requestId, meter, deadlineMs }, flights)
      flights.add(flight)
      const outcome = flight.wait(asker)
      flight.land(start)
      return outcome
    },
  }
}

const SLOTS = 1024

/** Flights by key. Not a `Map`: `createDeadlines` says what is wrong with one that changes all the time. */
class Table<T> {
  readonly #slots: (Flight<T> | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

  get(key: string): Flight<T> | undefined {
    let flight = this.#slots[toSlot(key)]
    while (flight !== undefined && flight.key !== key) flight = flight.next
    return flight
  }

  /** There must be none of its key. */
  add(flight: Flight<T>): void {
    const slot = toSlot(flight.key)
    flight.next = this.#slots[slot]
    this.#slots[slot] = flight
  }

  /** If it is there. */
  delete(flight: Flight<T>): void {
    const slot = toSlot(flight.key)
    let before: Flight<T> | undefined
    let each = this.#slots[slot]
    while (each !== undefined && each !== flight) {
      before = each
      each = each.next
    }
    if (each === undefined) return
    if (before) before.next = flight.next
    else this.#slots[slot] = flight.next
    flight.next = undefined
  }
}

function toSlot(key: string): number {
  let hash = 0
  for (let at = 0; at < key.length; at++) hash = (31 * hash + key.charCodeAt(at)) | 0
  return hash & (SLOTS - 1)
}

type Waiter<T> = {
  readonly asker: Asker
  readonly leave: () => void
  readonly resolve: (outcome: T) => void
  readonly reject: (error: unknown) => void
}

class Flight<T> implements Lookup {
  readonly key: string
  readonly requestId: string | undefined
  readonly meter: Meter
  readonly deadlineMs: number
  isProbe = false
  check: (() => void) | undefined
  stop: (() => void) | undefined
  /** Of those in the same slot. */
  next: Flight<T> | undefined
  readonly #flights: Table<T>
  #waiters: Waiter<T>[] = []

  constructor(
    key: string,
    { requestId, meter, deadlineMs }: Pick<Lookup, 'requestId' | 'meter' | 'deadlineMs'>,
    flights: Table<T>,
  ) {
    this.key = key
    this.requestId = requestId
    this.meter = meter
    this.deadlineMs = deadlineMs
    this.#flights = flights
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
        this.#flights.delete(this) // the next asker starts a new flight
        this.stop()
      }
      const waiter: Waiter<T> = { asker, leave, resolve, reject }
      this.#waiters.push(waiter)
      asker.onLeave(leave)
    })
  }

  /** Starts the work and ends the flight with its outcome. */
  land(start: (key: string, lookup: Lookup) => Promise<T>): void {
    const fail = (error: unknown) => this.#end(({ reject }) => reject(error))
    try {
      start(this.key, this).then((value) => this.#end(({ resolve }) => resolve(value)), fail)
    } catch (error) {
      fail(error)
    }
  }

  #end(tell: (waiter: Waiter<T>) => void): void {
    this.#flights.delete(this)
    for (const waiter of this.#waiters) {
      waiter.asker.offLeave(waiter.leave)
      tell(waiter)
    }
  }
}
