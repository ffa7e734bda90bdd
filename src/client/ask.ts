// How anything is asked of the upstream: one request, and another only where that is worth its price. Knows neither what is
// asked, nor how requests go out, nor what the answers hold.
import { FileError, type FileErrorCode } from '../errors.js'
import type { Lookup } from '../file.js'
import { type WireCall, WireError, type WireResponse } from '../wire/wire.js'
import type { Reading } from './answer.js'
import type { Notice } from './decode.js'
import { type Failure, toFinal, toTransportFailure } from './failure.js'
import { noteFailure } from './note.js'
import type { Pace } from './pace.js'
import { type Persistence, persist, toAbandoned } from './persist.js'

/** One operation with its arguments. */
type Question<T, R> = {
  /** Path and query. */
  readonly target: string
  /** The JSON body of an operation that writes. */
  readonly body?: string
  /** The limit for a large answer. Such answers are left out of the estimate of how long the upstream takes. */
  readonly maxBytes?: number
  /** Never rejects. */
  readonly read: (response: R) => Reading<T> | Promise<Reading<T>>
  /** In millionths of a US dollar; that of a call, if left out. */
  readonly priceMicroUsd?: number
  /** Of an operation that is paid for by what it makes. */
  readonly creation?: {
    /** What a failure is called that leaves open whether anything was made. */
    readonly unknown: FileErrorCode
    /** The part of the price that is charged, as the answer tells. Never more than the price. */
    readonly toMicroUsd: (made: T) => number
  }
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

/** The budget that attempts are paid from. */
type Budget = {
  /** Reserves the price of one request; `undefined` if the budget is used up. Refund it if nothing was sent. */
  reserve(
    lookup: Pick<Lookup, 'stop'>,
    priceMicroUsd: number,
  ): Reservation | undefined | Promise<Reservation | undefined>
  /** How long until there may be so much. */
  secondsLeft(priceMicroUsd: number): number
}

type Reservation = {
  /** `false` if its day has ended: it is refunded, and nothing may be sent for it. */
  confirm(): boolean
  /** All of it, or so much; nothing, too, once it is known that all of a price was charged that might not have been. */
  refund(microUsd?: number): void
}

/** The day for which the price was reserved has ended: a call is paid from the day on which it is sent. */
class DayOver extends Error {
  override readonly name = 'DayOver'
}

export type AskDependencies = Persistence & {
  readonly pace: Pace
  /** If absent, there is no budget. */
  readonly spend?: Budget | undefined
  /** What a call costs, in millionths of a US dollar. */
  readonly priceMicroUsd: number
  readonly notice: Notice
  /** Records a request that was sent, with its outcome, its duration and its cost. */
  readonly record: (ending: CallEnding, durationMs: number, microUsd: number) => void
}

type Observers = Pick<AskDependencies, 'clock' | 'pace' | 'notice' | 'record' | 'priceMicroUsd'>

/** `ABORTED`: the server stopped before the answer came. */
type CallEnding = 'OK' | 'ABORTED' | FileErrorCode

export function createAsk<R, More>(dependencies: AskDependencies, request: Send<R, More>): Ask<R, More> {
  const { spend } = dependencies

  function toReading(error: unknown): Reading<never> {
    if (error instanceof WireError) return { failure: toTransportFailure(error) }
    // The guard found meanwhile that a call is useless. Nothing was sent.
    if (error instanceof FileError) return { failure: toFinal(error) }
    throw error
  }

  function send<T>(
    question: Question<T, R> & More,
    lookup: Lookup,
    paid: Reservation | undefined,
  ): Promise<Reading<T>> {
    const call = new Attempt<T>(lookup, paid, dependencies, question)
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
    const priceMicroUsd = question.priceMicroUsd ?? dependencies.priceMicroUsd
    const reserved = spend.reserve(lookup, priceMicroUsd)
    const toFailure = () => toSpent(spend.secondsLeft(priceMicroUsd))
    return reserved instanceof Promise
      ? reserved.then((reservation) => sendFor(question, lookup, reservation, toFailure))
      : sendFor(question, lookup, reserved, toFailure)
  }

  function sendFor<T>(
    question: Question<T, R> & More,
    lookup: Lookup,
    reservation: Reservation | undefined,
    toFailure: () => Failure,
  ): Promise<Reading<T>> {
    return reservation
      ? send(question, lookup, reservation)
      : Promise.resolve<Reading<T>>({ failure: toFailure() })
  }

  return (question, lookup) => persist(dependencies, lookup, () => attempt(question, lookup))
}

type AttemptQuestion<T> = Pick<Question<T, unknown>, 'body' | 'maxBytes' | 'priceMicroUsd' | 'creation'>

/** One request, as the wire sees it. */
class Attempt<T> implements WireCall {
  readonly #lookup: Lookup
  readonly #reservation: Reservation | undefined
  readonly #dependencies: Observers
  readonly #question: AttemptQuestion<T>
  readonly #priceMicroUsd: number
  #sentMs: number | undefined

  constructor(
    lookup: Lookup,
    reservation: Reservation | undefined,
    dependencies: Observers,
    question: AttemptQuestion<T>,
  ) {
    this.#question = question
    this.#priceMicroUsd = question.priceMicroUsd ?? dependencies.priceMicroUsd
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

  /** If the deadline comes before sending, the failure is ours: it costs nothing and says nothing about the upstream. */
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
    this.#lookup.meter.sent(this.#priceMicroUsd)
  }

  /** Records outcome and duration, or refunds the money if nothing was sent. */
  conclude(reading: Reading<T>): Reading<T> {
    const { clock, pace, notice, record } = this.#dependencies
    if ('failure' in reading) noteFailure(notice, reading.failure.error, this.#lookup.requestId)
    if (this.#sentMs === undefined) {
      this.#reservation?.refund()
      return reading
    }
    const { body, maxBytes, creation } = this.#question
    const durationMs = clock.monotonicMs() - this.#sentMs
    if (isAnswered(reading) && maxBytes === undefined && creation === undefined) pace.observe(durationMs)
    record(toEnding(reading), durationMs, this.#settle(reading))
    if (creation) return toMade(reading, creation.unknown)
    return body === undefined ? reading : onlyOnce(reading)
  }

  /** What it cost. Nothing is charged for what was refused; what is not known to be, may be. */
  #settle(reading: Reading<T>): number {
    const { creation } = this.#question
    if (creation === undefined) return this.#priceMicroUsd
    const refusedMicroUsd = 'failure' in reading && isRefused(reading.failure) ? 0 : this.#priceMicroUsd
    const microUsd = 'value' in reading ? creation.toMicroUsd(reading.value) : refusedMicroUsd
    const savedMicroUsd = this.#priceMicroUsd - microUsd
    this.#reservation?.refund(savedMicroUsd)
    if (savedMicroUsd > 0) this.#lookup.meter.refunded(savedMicroUsd)
    return microUsd
  }
}

/** A creation is sent once, whatever the answer says: a retry might make, and cost, another. */
function toMade<T>(reading: Reading<T>, unknown: FileErrorCode): Reading<T> {
  if ('value' in reading) return reading
  const { failure } = reading
  const { error } = failure
  const told = isRefused(failure) ? error : new FileError(unknown, { upstream: error.upstream, cause: error })
  return { failure: toFinal(told) }
}

/** Whether it is certain that nothing was made. An upstream that ran out of time does not know that itself. */
function isRefused({ error, isRefusal = false }: Failure): boolean {
  return isRefusal && error.code !== 'UPSTREAM_TIMEOUT'
}

/** A write that was sent may have been carried out, so it is only retried if the answer says that it was refused. */
function onlyOnce<T>(reading: Reading<T>): Reading<T> {
  if ('value' in reading || reading.failure.kind === 'throttled') return reading
  return { failure: { ...reading.failure, retries: 0 } }
}

/** Whether an answer arrived, good or bad. */
function isAnswered(reading: Reading<unknown>): boolean {
  return 'value' in reading || reading.failure.error.upstream !== null
}

function toEnding(reading: Reading<unknown>): CallEnding {
  if ('value' in reading) return 'OK'
  const { error } = reading.failure
  return error.refused ? 'ABORTED' : error.code
}

function toSpent(retryAfterSeconds: number): Failure {
  return toFinal(new FileError('SPEND_LIMIT_EXCEEDED', { retryAfterSeconds, refused: true }))
}
