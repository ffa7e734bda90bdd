// How anything is asked of the upstream: one request, and another only where that is worth its price. Knows neither what is
// asked, nor how requests go out, nor what the answers hold.
import { FileError, type FileErrorCode } from '../errors.js'
import type { Lookup } from '../file.js'
import { type WireCall, WireError, type WireResponse } from '../wire/wire.js'
import type { Reading } from './answer.js'
import type { Notice } from './decode.js'
import { type Failure, toFailure } from './failure.js'
import type { Pace } from './pace.js'
import { type Persistence, persist, toAbandoned } from './persist.js'

/** One operation of the upstream, with what it is asked for. */
type Question<T, R> = {
  /** Path and query. */
  readonly target: string
  /** Of an operation that writes: JSON. */
  readonly body?: string
  /** Of the answer, where it may be larger than others. What is so large says nothing of how long others take. */
  readonly maxBytes?: number
  /** Never rejects. */
  readonly read: (response: R) => Reading<T> | Promise<Reading<T>>
}

/** Rejects with a `FileError`, and with nothing else. `More` is what its requests need to know besides. */
export type Ask<R = WireResponse, More = unknown> = <T>(
  question: Question<T, R> & More,
  lookup: Lookup,
) => Promise<T>

/** Sends one request. It rejects with a `WireError`, or with what the call throws. */
type Send<R, More> = (
  question: Pick<Question<unknown, R>, 'target' | 'body' | 'maxBytes'> & More,
  call: WireCall,
) => Promise<R>

/** What attempts are paid from. */
type Budget = {
  /** Takes out the price of one request; `undefined` if so much is not left. What nothing was sent for is given back. */
  reserve(lookup: Pick<Lookup, 'stop'>): Reservation | undefined | Promise<Reservation | undefined>
  /** How long it is until there is more. */
  secondsLeft(): number
}

type Reservation = {
  /** `false` if it is for a day that is over: it is given back then, and nothing may be sent for it. */
  confirm(): boolean
  refund(): void
}

/** A call belongs to the day on which it is sent, and the one that it was to be paid from is over. */
class DayOver extends Error {
  override readonly name = 'DayOver'
}

export type AskDependencies = Persistence & {
  readonly pace: Pace
  /** Without it, money is no object. */
  readonly spend?: Budget | undefined
  readonly notice: Notice
  /** Takes note of a request that was sent, when it has ended, and of its duration. */
  readonly record: (ending: CallEnding, durationMs: number) => void
}

type Observers = Pick<AskDependencies, 'clock' | 'pace' | 'record'>

/** `ABORTED`: the server stopped before the answer came. */
type CallEnding = 'OK' | 'ABORTED' | FileErrorCode

export function createAsk<R, More>(dependencies: AskDependencies, request: Send<R, More>): Ask<R, More> {
  const { spend, notice } = dependencies

  function toReading(error: unknown): Reading<never> {
    if (error instanceof WireError) return { failure: toFailure(error, notice) }
    // Asking was found to be useless before anything was sent.
    if (error instanceof FileError) return { failure: { error, retries: 0, kind: 'other' } }
    throw error
  }

  function send<T>(
    question: Question<T, R> & More,
    lookup: Lookup,
    paid: Reservation | undefined,
  ): Promise<Reading<T>> {
    const call = new Attempt(lookup, paid, dependencies, question)
    return request(question, call).then(
      (response) => {
        const reading = question.read(response)
        return reading instanceof Promise
          ? reading.then((each) => call.conclude(each))
          : call.conclude(reading)
      },
      (error: unknown) =>
        error instanceof DayOver ? attempt(question, lookup) : call.conclude(toReading(error)),
    )
  }

  function attempt<T>(question: Question<T, R> & More, lookup: Lookup): Promise<Reading<T>> {
    if (spend === undefined) return send(question, lookup, undefined)
    const reserved = spend.reserve(lookup)
    return reserved instanceof Promise
      ? reserved.then((reservation) => sendFor(question, lookup, reservation, spend))
      : sendFor(question, lookup, reserved, spend)
  }

  function sendFor<T>(
    question: Question<T, R> & More,
    lookup: Lookup,
    reservation: Reservation | undefined,
    budget: Budget,
  ): Promise<Reading<T>> {
    return reservation
      ? send(question, lookup, reservation)
      : Promise.resolve<Reading<T>>({ failure: toSpent(budget.secondsLeft()) })
  }

  return (question, lookup) => persist(dependencies, lookup, () => attempt(question, lookup))
}

/** One request: what the wire asks and tells of it. */
class Attempt implements WireCall {
  readonly #lookup: Lookup
  readonly #reservation: Reservation | undefined
  readonly #dependencies: Observers
  readonly #question: Pick<Question<unknown, unknown>, 'body' | 'maxBytes'>
  #sentMs: number | undefined

  constructor(
    lookup: Lookup,
    reservation: Reservation | undefined,
    dependencies: Observers,
    question: Pick<Question<unknown, unknown>, 'body' | 'maxBytes'>,
  ) {
    this.#question = question
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
    this.#lookup.check?.(this.#lookup)
    if (this.#reservation?.confirm() === false) throw new DayOver()
    if (this.deadlineMs - clock.monotonicMs() < pace.neededMs())
      throw new FileError('UPSTREAM_TIMEOUT', { refused: true })
  }

  onSent(): void {
    this.#sentMs = this.#dependencies.clock.monotonicMs()
    this.#lookup.meter.sent()
  }

  /** Takes note of how it ended and how long it took, or gives the money back if it was not sent. */
  conclude<T>(reading: Reading<T>): Reading<T> {
    if (this.#sentMs === undefined) {
      this.#reservation?.refund()
      return reading
    }
    const { clock, pace, record } = this.#dependencies
    const { body, maxBytes } = this.#question
    const durationMs = clock.monotonicMs() - this.#sentMs
    if (isAnswered(reading) && maxBytes === undefined) pace.observe(durationMs)
    record(toEnding(reading), durationMs)
    return body === undefined ? reading : onlyOnce(reading)
  }
}

/** What was written may have been done, and is not sent again, unless the answer says that it was turned away. */
function onlyOnce<T>(reading: Reading<T>): Reading<T> {
  if ('value' in reading || reading.failure.kind === 'throttled') return reading
  return { failure: { ...reading.failure, retries: 0 } }
}

/** Whether there was an answer, good or bad. One that did not come in time may have been about to. */
function isAnswered(reading: Reading<unknown>): boolean {
  return 'value' in reading || reading.failure.error.upstream !== null
}

function toEnding(reading: Reading<unknown>): CallEnding {
  if ('value' in reading) return 'OK'
  const { error } = reading.failure
  return error.refused ? 'ABORTED' : error.code
}

function toSpent(retryAfterSeconds: number): Failure {
  const error = new FileError('SPEND_LIMIT_EXCEEDED', { retryAfterSeconds, refused: true })
  return { error, retries: 0, kind: 'other' }
}
