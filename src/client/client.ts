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
  reserve(): Promise<Reservation | undefined>
  /** How long it is until there is more. */
  secondsLeft(): number
}

type Reservation = { refund(): void }

export type ClientDependencies = Persistence & {
  readonly wire: Wire
  readonly pace: Pace
  /** Without it, money is no object. */
  readonly spend?: Budget | undefined
  readonly notice: Notice
  /** Takes note of a request that was sent, when it has ended, and of its duration. */
  readonly record: (ending: CallEnding, durationMs: number) => void
}

/** `ABORTED`: the server stopped before the answer came. */
type CallEnding = 'OK' | 'ABORTED' | FileErrorCode

/** A `FileSource` that asks the upstream each time. Rejects with `FileError` only. */
export function createClient(dependencies: ClientDependencies, options: ClientOptions): FileSource {
  const { wire, spend, notice, clock } = dependencies
  const toTarget = createTarget(options.dialect, options.baseUrl)
  const allowHttp = allowsHttp(options.baseUrl)

  async function exchange(id: FileId, call: Attempt): Promise<Reading> {
    try {
      const response = await wire.get(toTarget(id), call)
      return readAnswer(response, { id, allowHttp, nowMs: clock.nowMs(), notice })
    } catch (error) {
      if (error instanceof WireError) return { failure: toFailure(error, notice) }
      // Asking was found to be useless before anything was sent.
      if (error instanceof FileError) return { failure: { error, retries: 0, kind: 'other' } }
      throw error
    }
  }

  async function attempt(id: FileId, lookup: Lookup): Promise<Reading> {
    const reservation = spend && (await spend.reserve())
    if (spend && !reservation) return { failure: toSpent(spend.secondsLeft()) }
    const call = new Attempt(lookup, dependencies)
    try {
      const reading = await exchange(id, call)
      call.conclude(reading)
      return reading
    } finally {
      if (!call.isSent) reservation?.refund()
    }
  }

  return async (id, lookup) => {
    const file = await persist(dependencies, lookup, () => attempt(id, lookup))
    return { file, freshUntilMs: clock.nowMs() }
  }
}

/** One request: what the wire asks and tells of it. */
class Attempt implements WireCall {
  readonly #lookup: Lookup
  readonly #dependencies: Pick<ClientDependencies, 'clock' | 'pace' | 'record'>
  #sentMs: number | undefined

  constructor(lookup: Lookup, dependencies: Pick<ClientDependencies, 'clock' | 'pace' | 'record'>) {
    this.#lookup = lookup
    this.#dependencies = dependencies
  }

  get isSent(): boolean {
    return this.#sentMs !== undefined
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
    if (this.deadlineMs - clock.monotonicMs() < pace.neededMs())
      throw new FileError('UPSTREAM_TIMEOUT', { refused: true })
  }

  onSent(): void {
    this.#sentMs = this.#dependencies.clock.monotonicMs()
    this.#lookup.meter.sent()
  }

  /** Takes note of how long it took and how it ended, if it was sent. */
  conclude(reading: Reading): void {
    if (this.#sentMs === undefined) return
    const { clock, pace, record } = this.#dependencies
    const durationMs = clock.monotonicMs() - this.#sentMs
    if (isAnswered(reading)) pace.observe(durationMs)
    record(toEnding(reading), durationMs)
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

function toSpent(retryAfterSeconds: number): Failure {
  const error = new FileError('SPEND_LIMIT_EXCEEDED', { retryAfterSeconds, refused: true })
  return { error, retries: 0, kind: 'other' }
}
