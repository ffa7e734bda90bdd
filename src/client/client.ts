// The source of truth: one look-up is one request upstream, and another only where that is worth its price.
// Knows what answers mean and how often to ask; knows nothing of sockets, caches or GraphQL.
import { FileError, type FileErrorCode } from '../errors.js'
import type { Call, FileId, FileSource } from '../file.js'
import { type Wire, WireError } from '../wire/wire.js'
import { type Reading, readAnswer } from './answer.js'
import type { Notice } from './decode.js'
import { type Failure, toFailure } from './failure.js'
import { allowsHttp } from './link.js'
import { type Persistence, persist } from './persist.js'
import { createTarget, type Dialect } from './request.js'

export type ClientOptions = {
  readonly dialect: Dialect
  readonly baseUrl: URL
  readonly key: string
  /** The deadline of one look-up, queueing and all attempts included. */
  readonly timeoutMs: number
}

/** What attempts are paid from. */
type Budget = {
  /** Takes out the price of one request; `undefined` if so much is not left. What nothing was sent for is given back. */
  reserve(): Promise<{ refund(): void } | undefined>
  /** How long it is until there is more. */
  secondsLeft(): number
}

export type ClientDependencies = Persistence & {
  readonly wire: Wire
  /** Without it, money is no object. */
  readonly spend?: Budget | undefined
  readonly notice: Notice
  /** Takes note of a request that was sent, when it has ended, and of its duration. */
  readonly record: (ending: Ending, durationMs: number) => void
}

/** `ABORTED`: nobody waited for the answer any more, which says nothing of the upstream. */
type Ending = 'OK' | 'ABORTED' | FileErrorCode

/** A `FileSource` that asks the upstream each time. Rejects with `FileError` only. */
export function createClient(dependencies: ClientDependencies, options: ClientOptions): FileSource {
  const { wire, spend, notice, record, clock } = dependencies
  const toTarget = createTarget(options.dialect, options.baseUrl)
  const headers = {
    authorization: `Bearer ${options.key}`,
    accept: 'application/json',
    'user-agent': 'minimax-files-graphql',
  }
  const allowHttp = allowsHttp(options.baseUrl)

  async function attempt(id: FileId, signal: AbortSignal, call: Call): Promise<Reading> {
    const reservation = await spend?.reserve()
    if (spend && !reservation) return { failure: toSpent(spend.secondsLeft()) }
    let sentMs: number | undefined
    const onSent = () => {
      sentMs = clock.monotonicMs()
      call.meter.sent()
    }
    try {
      const reading = await exchange(id, signal, onSent, call)
      if (sentMs !== undefined) record(toEnding(reading, call), clock.monotonicMs() - sentMs)
      return reading
    } finally {
      if (sentMs === undefined) reservation?.refund()
    }
  }

  async function exchange(id: FileId, signal: AbortSignal, onSent: () => void, call: Call): Promise<Reading> {
    try {
      const response = await wire.get(toTarget(id), headers, { signal, onSent, onTurn: call.onTurn })
      return readAnswer(response, { id, allowHttp, nowMs: clock.nowMs(), notice })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return { failure: toFailure(error, call, notice) }
    }
  }

  return async (id, call) => {
    const file = await persist(dependencies, call, options.timeoutMs, (signal) => attempt(id, signal, call))
    return { file, freshUntilMs: clock.nowMs() }
  }
}

function toEnding(reading: Reading, { signal }: Call): Ending {
  if ('file' in reading) return 'OK'
  return signal.aborted ? 'ABORTED' : reading.failure.error.code
}

function toSpent(retryAfterSeconds: number): Failure {
  const error = new FileError('SPEND_LIMIT_EXCEEDED', { retryAfterSeconds, refused: true })
  return { error, retries: 0, kind: 'other' }
}
