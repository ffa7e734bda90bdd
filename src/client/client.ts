// The source of truth: one look-up is one request upstream, and another only where that is worth its price.
// Knows what answers mean and how often to ask; knows nothing of sockets, caches or GraphQL.
import type { FileErrorCode } from '../errors.js'
import type { Call, FileId, FileSource } from '../file.js'
import { type Wire, WireError } from '../wire/wire.js'
import { type Reading, readAnswer } from './answer.js'
import type { Notice } from './decode.js'
import { toFailure } from './failure.js'
import { type Persistence, persist } from './persist.js'
import { createTarget, type Dialect } from './request.js'

export type ClientOptions = {
  readonly dialect: Dialect
  readonly baseUrl: URL
  readonly key: string
  /** The deadline of one look-up, queueing and all attempts included. */
  readonly timeoutMs: number
}

export type ClientDependencies = Persistence & {
  readonly wire: Wire
  readonly notice: Notice
  /** Takes note of a request that was sent, when it has ended: `OK` or the code of its failure, and its duration. */
  readonly record: (code: FileErrorCode | 'OK', durationMs: number) => void
}

/** A `FileSource` that asks the upstream each time. Rejects with `FileError` only. */
export function createClient(dependencies: ClientDependencies, options: ClientOptions): FileSource {
  const { wire, notice, record, clock } = dependencies
  const toTarget = createTarget(options.dialect, options.baseUrl)
  const headers = {
    authorization: `Bearer ${options.key}`,
    accept: 'application/json',
    'user-agent': 'minimax-files-graphql',
  }
  // `http:` links are fit for a client only where the upstream is a stand-in on this very machine.
  const allowHttp = isLoopback(options.baseUrl.hostname)

  async function attempt(id: FileId, signal: AbortSignal, call: Call): Promise<Reading> {
    let sentMs: number | undefined
    const onSent = () => {
      sentMs = clock.monotonicMs()
      call.meter.sent()
    }
    const reading = await exchange(id, signal, onSent, call)
    const code = 'file' in reading ? 'OK' : reading.failure.error.code
    if (sentMs !== undefined) record(code, clock.monotonicMs() - sentMs)
    return reading
  }

  async function exchange(id: FileId, signal: AbortSignal, onSent: () => void, call: Call): Promise<Reading> {
    try {
      const response = await wire.get(toTarget(id), headers, { signal, onSent })
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

/** Host names of this machine, as a parsed URL spells them. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
