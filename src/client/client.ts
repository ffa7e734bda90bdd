// The source of truth: one look-up is one request upstream, and another only where that is worth its price.
// Knows what answers mean and how often to ask; knows nothing of sockets, caches or GraphQL.
import { FileError, type FileErrorCode } from '../errors.js'
import type { FileId, FileSource, Lookup } from '../file.js'
import { type Wire, type WireCall, WireError } from '../wire/wire.js'
import { type Reading, readAnswer } from './answer.js'
import type { Notice } from './decode.js'
import { type Failure, toFailure } from './failure.js'
import { allowsHttp } from './link.js'
import type { Pace } from './pace.js'
import { type Persistence, persist, toAbandoned } from './persist.js'
import { createTarget, type Dialect } from './request.js'

export type ClientOptions = {
  readonly dialect: Dialect
  readonly baseUrl: URL
}

/** What attempts are paid from. */
type Budget = {
  /** Takes out the price of one request; `undefined` if so much is not left. What nothing was sent for is given back. */
  reserve(lookup: Pick<Lookup, 'stop'>): Reservation | undefined | Promise<Reservation | undefined>
  /** How long it is until there is more. */
  secondsLeft(): number
}

export type Reservation = {
  /** `false` if it is for a day that is over: it is given back then, and nothing may be sent for it. */
  confirm(): boolean
  refund(): void
}

/** A call belongs to the day on which it is sent, and the one that it was to be paid from is over. */
export class DayOver extends Error {
  override readonly name = 'DayOver'
}

export type ClientDependencies = Persistence & {
  readonly wire: Wire
  readonly pace: Pace
  /** Without it, money is no object. */
  readonly spend?: Budget | undefined
  readonly notice: Notice
  /** Takes note of a request that was sent, when it has ended, and of its duration. */
  readonly record: (ending: CallEnding, durationMs: number) => void
}

type Observers = Pick<ClientDependencies, 'clock' | 'pace' | 'record'>

/** `ABORTED`: the server stopped before the answer came. */
type CallEnding = 'OK' | 'ABORTED' | FileErrorCode

/** A `FileSource` that asks the upstream each time. Rejects with `FileError` only. */
export function createClient(dependencies: ClientDependencies, options: ClientOptions): FileSource {
  const { wire, spend, notice, clock } = dependencies
  const toTarget = createTarget(options.dialect, options.baseUrl)
  const allowHttp = allowsHttp(options.baseUrl)

  function toReading(error: unknown): Reading {
    if (error instanceof WireError) return { failure: toFailure(error, notice) }
    // Asking was found to be useless before anything was sent.
    if (error instanceof FileError) return { failure: { error, retries: 0, kind: 'other' } }
    throw error
  }

  function send(id: FileId, lookup: Lookup, reservation: Reservation | undefined): Promise<Reading> {
    const call = new Attempt(lookup, reservation, dependencies)
    return wire.get(toTarget(id), call).then(
      (response) => call.conclude(readAnswer(response, { id, allowHttp, nowMs: clock.nowMs(), notice })),
      (error: unknown) => (error instanceof DayOver ? attempt(id, lookup) : call.conclude(toReading(error))),
    )
  }

  function attempt(id: FileId, lookup: Lookup): Promise<Reading> {
    if (spend === undefined) return send(id, lookup, undefined)
    const reserved = spend.reserve(lookup)
    return reserved instanceof Promise
      ? reserved.then((reservation) => sendFor(id, lookup, reservation, spend))
      : sendFor(id, lookup, reserved, spend)
  }

  function sendFor(id: FileId, lookup: Lookup, reservation: Reservation | undefined, budget: Budget) {
    return reservation
      ? send(id, lookup, reservation)
      : Promise.resolve<Reading>({ failure: toSpent(budget.secondsLeft()) })
  }

  return (id, lookup) => persist(dependencies, lookup, () => attempt(id, lookup))
}

/** One request: what the wire asks and tells of it. */
class Attempt implements WireCall {
  readonly #lookup: Lookup
  readonly #reservation: Reservation | undefined
  readonly #dependencies: Observers
  #sentMs: number | undefined

  constructor(lookup: Lookup, reservation: Reservation | undefined, dependencies: Observers) {
    this.#lookup = lookup
    this.#reservation = reservation
    this.#dependencies = dependencies
  }

  get deadlineMs(): number {
    return this.#lookup.deadlineMs
  }

  set stop(stop: (() => void) | undefined) {
    this.#lookup.stop = stop
  }

  /** A deadline that comes before the answer is ours: nothing is paid for it, and nobody else concludes from it. */
  onTurn(): void {
    const { clock, pace } = this.#dependencies
    if (this.#lookup.isAbandoned) throw toAbandoned()
    this.#lookup.check?.()
    if (this.#reservation?.confirm() === false) throw new DayOver()
    if (this.deadlineMs - clock.monotonicMs() < pace.neededMs())
      throw new FileError('UPSTREAM_TIMEOUT', { refused: true })
  }

  onSent(): void {
    this.#sentMs = this.#dependencies.clock.monotonicMs()
    this.#lookup.meter.sent()
  }

  /** Takes note of how it ended and how long it took, or gives the money back if it was not sent. */
  conclude(reading: Reading): Reading {
    if (this.#sentMs === undefined) this.#reservation?.refund()
    else {
      const { clock, pace, record } = this.#dependencies
      const durationMs = clock.monotonicMs() - this.#sentMs
      if (isAnswered(reading)) pace.observe(durationMs)
      record(toEnding(reading), durationMs)
    }
    return reading
  }
}

/** Whether there was an answer, good or bad. One that did not come in time may have been about to. */
function isAnswered(reading: Reading): boolean {
  return 'file' in reading || reading.failure.error.upstream !== null
}

function toEnding(reading: Reading): CallEnding {
  if ('file' in reading) return 'OK'
  const { error } = reading.failure
  return error.refused ? 'ABORTED' : error.code
}

export function toSpent(retryAfterSeconds: number): Failure {
  const error = new FileError('SPEND_LIMIT_EXCEEDED', { retryAfterSeconds, refused: true })
  return { error, retries: 0, kind: 'other' }
}
