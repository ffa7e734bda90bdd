// Pay once: an answer is asked for once at a time, and reused for as long as it says that it may be.
import { FileError } from '../errors.js'
import type { Call, FileAnswer, FileId, FileSource } from '../file.js'
import { createFlights } from './flight.js'
import { type Lifetimes, withLifetime } from './lifetime.js'
import { type Clock, createMemory, type Memory } from './memory.js'
import type { Outcome, OutcomeSource } from './outcome.js'

/**
 * Where a look-up's answer came from: this process's memory, the shared tier, a look-up of another operation that
 * was under way, the upstream, an answer past its lifetime since the upstream fails; or none, since a limit of
 * ours said no.
 */
type Origin = 'memory' | 'shared' | 'joined' | 'upstream' | 'stale' | 'refused'

export type CacheDependencies = {
  readonly clock: Clock
  /** Called once for each look-up whose asker stays to the end. */
  readonly count: (origin: Origin) => void
  /** The tier that processes share, put around the source. */
  readonly share?: ((source: OutcomeSource) => OutcomeSource) | undefined
}

export type CacheOptions = Lifetimes & {
  readonly maxEntries: number
  /** The deadline of one look-up. */
  readonly timeoutMs: number
}

/** A `FileSource` that asks `source` for as little as it can. Rejects with `FileError` only, as that does. */
export function createCache(
  source: FileSource,
  { clock, count, share = (unshared) => unshared }: CacheDependencies,
  { maxEntries, timeoutMs, ...lifetimes }: CacheOptions,
): FileSource {
  const memory = createMemory(clock, { maxEntries })
  const flights = createFlights<Landed>()
  const ask = createAsk(share(withLifetime(source, clock, lifetimes)), memory, clock)

  return async (id, { signal, meter }) => {
    const kept = memory.get(id)
    if (kept && kept.freshUntilMs > clock.nowMs()) {
      count('memory')
      return open(kept)
    }
    const joined = flights.has(id)
    const deadlineMs = clock.monotonicMs() + timeoutMs
    const landed = await flights
      .join(id, signal, (flight) => ask(id, { signal: flight, meter, deadlineMs }))
      .catch((cause: unknown) => {
        throw new FileError('UPSTREAM_UNAVAILABLE', { cause }) // the asker left, or the server stops
      })
    count(joined && !KEPT.has(landed.origin) ? 'joined' : landed.origin)
    if ('error' in landed) throw landed.error
    return open(landed.outcome)
  }
}

/** Whoever joined would have made no call alone either, so these keep their names. */
const KEPT: ReadonlySet<Origin> = new Set(['stale', 'refused'])

/** How a flight ended, the same for everyone on it. */
type Landed =
  | { readonly origin: Origin; readonly outcome: Outcome }
  | { readonly origin: Origin; readonly error: unknown }

/** Asks the source and keeps what it says; while it fails in a way that may pass, what it said before still holds. */
function createAsk(source: OutcomeSource, memory: Memory, clock: Clock) {
  return async (id: FileId, call: Call): Promise<Landed> => {
    try {
      const outcome = await source(id, call)
      memory.set(id, outcome)
      const { freshUntilMs, staleUntilMs } = outcome
      // What was just asked for and may not be reused at all is neither.
      const isPast = freshUntilMs <= clock.nowMs() && staleUntilMs > freshUntilMs
      const isStale = outcome.origin === 'shared' && isPast
      return { outcome, origin: isStale ? 'stale' : outcome.origin }
    } catch (error) {
      const isKnown = error instanceof FileError
      const stale = isKnown && error.retryable ? memory.get(id) : undefined
      if (stale) return { outcome: stale, origin: 'stale' }
      return { error, origin: isKnown && error.refused ? 'refused' : 'upstream' }
    }
  }
}

function open({ answer, freshUntilMs }: Outcome): FileAnswer {
  if (answer instanceof FileError) throw answer
  return { file: answer, freshUntilMs }
}
