// The shared tier: what one process has asked for, no other asks for again while it holds, nor while it is on its way.
// Without Redis, or with one that does not answer, look-ups go on as if this tier were not there.
import { FileError } from '../errors.js'
import type { FileId, Lookup } from '../file.js'
import { decodeEntry, type Entry, encodeEntry } from './entry.js'
import { createLeases, type Landing, type Question } from './lease.js'
import type { Clock } from './memory.js'
import type { Anew, Outcome, OutcomeSource } from './outcome.js'
import type { Redis } from './redis.js'

export type SharedDependencies = {
  readonly redis: Redis
  readonly clock: Clock
  /** Tells this process from all others. */
  readonly owner: string
  /** Whether a link may be handed out. */
  readonly isLink: (link: string) => boolean
}

export type SharedOptions = {
  /** Where the account's deleted files are listed. */
  readonly tombstonesKey: string
  /** What all keys begin with. */
  readonly prefix: string
  /** For so long a process that died holds up the others; and one whose loop is blocked for longer loses its place. */
  readonly leaseMs: number
}

/** A lease is renewed three times in its life, so that one lost message does not cost it. */
const RENEWALS = 3
/** Whoever waits for another process asks again after so long, should its message not come through. */
const POLL_MS = 100
/** Told to those who wait, and reused by nobody. */
const USED_UP = { freshUntilMs: 0, staleUntilMs: 0 }

/** Asks `source` only where no other process has the answer, or will have it soon. Rejects with `FileError` only. */
export function createShared(
  source: OutcomeSource,
  { redis, clock, owner, isLink }: SharedDependencies,
  { prefix, leaseMs, tombstonesKey }: SharedOptions,
): OutcomeSource {
  const leases = createLeases(redis, { prefix, leaseMs, tombstonesKey })
  const active = new Set<string>()
  let count = 0
  // A Redis that hung does what it was asked when nobody waits for it any more, and so gives out leases to nobody.
  const isOrphan = (token: string) => token.startsWith(`${owner}.`) && !active.has(token)

  async function look(id: FileId, question: Question): Promise<Sight> {
    const finding = await leases.find(id, question)
    if (finding === undefined) return {}
    if (finding.kind === 'deleted') return { outcome: toDeleted() }
    const entry = decodeEntry(finding.entry, { id, isLink })
    if (finding.kind === 'landed') return entry ? toSight(entry) : look(id, { token: question.token })
    const kept = entry && toKept(entry, finding.leftMs, clock.nowMs())
    if (finding.kind === 'leased') return { stale: kept }
    if (finding.kind === 'held') {
      const { token: holder } = finding
      if (isOrphan(holder) && !question.orphan) return look(id, { ...question, orphan: holder })
      return { stale: kept, holder }
    }
    // Fresh by the store's clock. If it is not by ours, or can not be used, it is asked for all the same.
    if (kept && kept.freshUntilMs > clock.nowMs()) return { outcome: kept }
    return look(id, { ...question, anew: true })
  }

  /** Asks the source, on behalf of every process that waits. */
  async function lead(id: FileId, token: string, lookup: Lookup, anew?: Anew): Promise<Outcome> {
    const renewal = setInterval(() => leases.renew(id, token), leaseMs / RENEWALS)
    try {
      const outcome = await source(id, lookup, anew)
      leases.land(id, token, toLanding(outcome, clock.nowMs()))
      return outcome
    } catch (error) {
      leases.land(id, token, toFailedLanding(error))
      throw error
    } finally {
      clearInterval(renewal)
    }
  }

  /** Until the flight has landed, or it is time to ask, or nobody waits any more. */
  function wait(holder: string, lookup: Lookup): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        forget()
        lookup.stop = undefined
        resolve()
      }
      const timer = setTimeout(end, POLL_MS)
      lookup.stop = end
      const forget = leases.onLanding(holder, end)
    })
  }

  return async (id, lookup, anew) => {
    const token = `${owner}.${++count}`
    let awaited: string | undefined
    let stale: Outcome | undefined
    active.add(token)
    try {
      for (;;) {
        checkTime(lookup, clock)
        // What others have found out meanwhile is new enough.
        const sight = await look(id, { token, awaited, anew: anew !== undefined && awaited === undefined })
        if (sight.failure) throw sight.failure
        if (sight.outcome) return awaited ? { ...sight.outcome, origin: 'joined' } : sight.outcome
        stale = sight.stale ?? stale
        if (sight.holder === undefined) return await lead(id, token, lookup, anew)
        awaited = sight.holder
        await wait(awaited, lookup)
      }
    } catch (error) {
      const mayPass = error instanceof FileError && error.retryable
      if (mayPass && stale && stale.staleUntilMs > clock.nowMs()) return stale
      throw error
    } finally {
      active.delete(token)
    }
  }
}

/** What a look into the store shows: how the matter ends, or who has the lease; if nobody else does, we ask. */
type Sight = {
  readonly outcome?: Outcome
  readonly failure?: FileError
  readonly holder?: string
  /** Of use only if asking fails. */
  readonly stale?: Outcome | undefined
}

/** There is no need to keep it: the tombstone is kept. */
function toDeleted(): Outcome {
  return { answer: new FileError('FILE_NOT_FOUND'), ...USED_UP, origin: 'shared' }
}

/** How the flight that we waited for ended. */
function toSight({ answer, ...times }: Entry): Sight {
  if (answer instanceof FileError && answer.code !== 'FILE_NOT_FOUND') return { failure: answer }
  return { outcome: { answer, ...times, origin: 'shared' } }
}

/**
 * An entry by our clock. Its age is what the store says, which has one clock for all; its links end by the wall clock.
 * The earlier end counts, so that a clock that is wrong makes no answer live longer.
 */
function toKept({ answer, ...ends }: Entry, leftMs: number, nowMs: number): Outcome | undefined {
  if (answer instanceof FileError && answer.code !== 'FILE_NOT_FOUND') return undefined
  const staleMs = ends.staleUntilMs - ends.freshUntilMs
  return {
    answer,
    freshUntilMs: Math.min(ends.freshUntilMs, nowMs + leftMs - staleMs),
    staleUntilMs: Math.min(ends.staleUntilMs, nowMs + leftMs),
    origin: 'shared',
  }
}

function toLanding(outcome: Outcome, nowMs: number): Landing {
  if (outcome.freshUntilMs <= nowMs) return { keepMs: 0, entry: encodeEntry({ ...outcome, ...USED_UP }) }
  return { keepMs: outcome.staleUntilMs - nowMs, entry: encodeEntry(outcome) }
}

/** Only what the upstream said is shared: the limits, the deadlines and the connections of one process are its own. */
function toFailedLanding(error: unknown): Landing {
  if (!(error instanceof FileError) || error.refused || !isOfUpstream(error)) return {}
  return { entry: encodeEntry({ answer: error, ...USED_UP }) }
}

function isOfUpstream({ upstream, code }: FileError): boolean {
  return upstream !== null || code === 'UPSTREAM_BAD_RESPONSE'
}

function checkTime({ isAbandoned, deadlineMs }: Lookup, { monotonicMs }: Clock): void {
  if (isAbandoned) throw new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
  if (monotonicMs() >= deadlineMs) throw new FileError('UPSTREAM_TIMEOUT', { refused: true })
}
