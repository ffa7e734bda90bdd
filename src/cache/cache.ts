// Pay once: a file is looked up once at a time, and its answer is reused for as long as it allows.

import type { Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { Call, FileAnswer, FileId, FileSource, Files } from '../file.js'
import { createFlights, type Flights, toLeft } from './flight.js'
import { type Lifetimes, withLifetime } from './lifetime.js'
import { createMemory, type Kept } from './memory.js'
import type { Anew, Outcome, OutcomeSource } from './outcome.js'
import type { Tombstones } from './tombstones.js'

/**
 * Where the answer of a look-up came from. `memory`: this process's cache. `shared`: Redis. `joined`: a look-up that another
 * operation or another process had begun. `upstream`: a call of this look-up. `stale`: an expired answer, since the upstream
 * fails. `refused`: a limit of ours, so no call was made.
 */
type Origin = 'memory' | 'shared' | 'joined' | 'upstream' | 'stale' | 'refused'

export type CacheDependencies = {
  readonly clock: Clock
  /** Called once for each look-up, unless its asker leaves first. */
  readonly count: (origin: Origin) => void
  readonly tombstones: Pick<Tombstones, 'has' | 'onLoss'>
  /** Wraps the source in the tier that processes share. */
  readonly share?: ((source: OutcomeSource) => OutcomeSource) | undefined
}

export type CacheOptions = Lifetimes & {
  readonly maxEntries: number
  /** The deadline of one look-up. */
  readonly timeoutMs: number
}

export type Cache = Pick<Files, 'find' | 'peek' | 'recall' | 'refresh' | 'await'>

/** Calls `source` as rarely as possible. */
export function createCache(
  source: FileSource,
  { clock, count, tombstones, share = (unshared) => unshared }: CacheDependencies,
  { maxEntries, timeoutMs, ...lifetimes }: CacheOptions,
): Cache {
  const memory = createMemory(clock, { maxEntries })
  const askUpstream = withLifetime(source, clock, lifetimes)
  /** A look-up may have waited for another process. What has come to memory meanwhile is as new as what it would pay for. */
  const ask = share((id, lookup, anew) => {
    const kept = anew === 'wrong' ? undefined : findFresh(id, anew)
    return kept ? Promise.resolve({ ...kept, origin: 'joined' }) : askUpstream(id, lookup, anew)
  })
  const flights = createLookups()
  /** Look-ups that ignore what is cached. */
  const refreshes = createLookups('wrong')
  const arrivals = createLookups('expected')
  tombstones.onLoss((ids) => {
    for (const id of ids) {
      memory.delete(id)
      flights.drop(id)
      refreshes.drop(id)
      arrivals.drop(id)
    }
  })

  /** Where a file is expected, that it was not there is no answer. */
  function findFresh(id: FileId, anew?: 'expected'): Kept | undefined {
    const kept = memory.getFresh(id)
    return anew && kept?.answer instanceof FileError ? undefined : kept
  }

  /** The result for a file that was deleted meanwhile is `FILE_NOT_FOUND`, and is not kept. */
  function createLookups(anew?: Anew): Flights<Landed> {
    const lookups: Flights<Landed> = createFlights((key, lookup) => {
      const id = key as FileId
      const settle = (landed: Landed) => (tombstones.has(id) ? toDeleted(landed) : landed)
      return ask(id, lookup, anew).then(
        (outcome) => {
          if (lookups.isCurrent(key, lookup) && !tombstones.has(id)) memory.set(id, outcome)
          return settle({ outcome, origin: isStale(outcome, clock.nowMs()) ? 'stale' : outcome.origin })
        },
        (error: unknown) => settle(toFailed(id, error)),
      )
    })
    return lookups
  }

  /** If it failed with a retryable error, a stale answer is served. */
  function toFailed(id: FileId, error: unknown): Landed {
    const isKnown = error instanceof FileError
    const stale = isKnown && error.retryable ? memory.get(id) : undefined
    if (stale) return { outcome: stale, origin: 'stale' }
    return { error, origin: isKnown ? toOrigin(error) : 'upstream' }
  }

  /** Waits for the answer of a look-up, unless the file is known to be deleted. */
  function join(lookups: Flights<Landed>, id: FileId, { asker, meter }: Call): Promise<FileAnswer> {
    if (tombstones.has(id)) {
      count('memory')
      return Promise.reject(new FileError('FILE_NOT_FOUND'))
    }
    const isJoined = lookups.has(id)
    return lookups.join(id, asker, meter, clock.monotonicMs() + timeoutMs).then((landed) => {
      count(isJoined && !KEPT.has(landed.origin) ? 'joined' : landed.origin)
      if ('error' in landed) throw landed.error
      return open(landed.outcome)
    }, toLeft)
  }

  function find(lookups: Flights<Landed>, id: FileId, call: Call, anew?: 'expected'): Promise<FileAnswer> {
    const kept = findFresh(id, anew)
    if (kept === undefined) return join(lookups, id, call)
    count('memory')
    const { answer } = kept
    return answer instanceof FileError ? Promise.reject(answer) : Promise.resolve(open(kept))
  }

  return {
    peek: (id) => {
      const kept = memory.getFresh(id)
      if (kept === undefined || kept.answer instanceof FileError) return undefined
      count('memory')
      return { file: kept.answer, freshUntilMs: kept.freshUntilMs }
    },
    find: (id, call) => find(flights, id, call),
    recall: (id) => {
      const answer = memory.get(id)?.answer
      return answer instanceof FileError ? undefined : answer
    },
    refresh: (id, call) => join(refreshes, id, call),
    await: (id, call) => find(arrivals, id, call, 'expected'),
  }
}

/** Origins that say the same for those who joined a look-up: they made no call, and would have made none alone. */
const KEPT: ReadonlySet<Origin> = new Set(['stale', 'refused'])

/** How a look-up ended, for everyone who waited for it. */
type Landed =
  | { readonly origin: Origin; readonly outcome: Kept }
  | { readonly origin: Origin; readonly error: unknown }

function toDeleted({ origin }: Landed): Landed {
  return { origin, error: new FileError('FILE_NOT_FOUND') }
}

/** Whether a stored answer is past its freshness. A new answer that must not be reused is not stale. */
function isStale({ origin, freshUntilMs, staleUntilMs }: Outcome, nowMs: number): boolean {
  return origin === 'shared' && freshUntilMs <= nowMs && staleUntilMs > freshUntilMs
}

function toOrigin({ refused, learnt }: FileError): Origin {
  return refused ? 'refused' : learnt ? 'joined' : 'upstream'
}

function open({ answer, freshUntilMs }: Kept): FileAnswer {
  if (answer instanceof FileError) throw answer
  return { file: answer, freshUntilMs }
}
