// The shared tier, in Redis: a file that one process has looked up, or is looking up, is not looked up by another. If Redis
// does not answer, look-ups go on as if this tier did not exist.
//
// What a look-up does depends on what `find` reads in the store (lease.ts has the states of a lease):
//
// | finding   | the look-up                                                                                    |
// | --------- | ---------------------------------------------------------------------------------------------- |
// | none      | asks the upstream by itself, since Redis did not answer                                         |
// | `fresh`   | answers with the entry; if it is of no use (`isUsable`), finds again, `anew`                     |
// | `landed`  | answers as the look-up that it waited for; if that is unreadable, finds again                    |
// | `deleted` | answers FILE_NOT_FOUND                                                                          |
// | `leased`  | asks the upstream, renews the lease meanwhile, then lands the result                             |
// | `held`    | waits until the holder lands, 100 ms at most, then finds again                                   |

import type { Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { FileId, Lookup } from '../file.js'
import { decodeEntry, type Entry, encodeEntry } from './entry.js'
import { createLeases, type Landing, type Question } from './lease.js'
import type { Anew, Outcome, OutcomeSource } from './outcome.js'
import type { Redis } from './redis.js'

export type SharedDependencies = {
  readonly redis: Redis
  readonly clock: Clock
  /** A name of this process, unique over all processes. */
  readonly owner: string
  /** Whether a link may be handed out. */
  readonly isLink: (link: string) => boolean
}

export type SharedOptions = {
  /** Where the account's deleted files are listed. */
  readonly tombstonesKey: string
  /** What all keys begin with. */
  readonly prefix: string
  /** How long a process that died holds up the others. One whose event loop blocks for longer loses its lease. */
  readonly leaseMs: number
}

/** A lease is renewed three times before it would expire, so one lost message does not lose it. */
const RENEWALS = 3
/** Those who wait for another process look again after so long, in case its message is lost. */
const POLL_MS = 100
/** The times of an entry that is shown to those who wait, but not reused. */
const USED_UP = { freshUntilMs: 0, staleUntilMs: 0 }

/** Asks `source` only if no other process has the answer or is asking for it. Rejects with `FileError` only. */
export function createShared(
  source: OutcomeSource,
  { redis, clock, owner, isLink }: SharedDependencies,
  { prefix, leaseMs, tombstonesKey }: SharedOptions,
): OutcomeSource {
  const leases = createLeases(redis, { prefix, leaseMs, tombstonesKey })
  const active = new Set<string>()
  let count = 0
  // If Redis hangs, our look-up gives up on it, but Redis still runs the script later and sets a lease that no look-up
  // holds. Such a lease has a token of this process that is not among the active ones: it may be taken at once.
  const isOrphan = (token: string) => token.startsWith(`${owner}.`) && !active.has(token)

  async function look(id: FileId, question: Question, isExpected: boolean): Promise<Sight> {
    const finding = await leases.find(id, question)
    if (finding === undefined) return {}
    if (finding.kind === 'deleted') return { outcome: toDeleted() }
    const entry = decodeEntry(finding.entry, { id, isLink })
    if (finding.kind === 'landed') return entry ? toSight(entry) : look(id, { token: question.token }, false)
    const kept = entry && toKept(entry, finding.leftMs, clock.nowMs())
    if (finding.kind === 'leased') return { stale: kept }
    if (finding.kind === 'held') {
      const { token: holder } = finding
      if (isOrphan(holder) && !question.orphan) return look(id, { ...question, orphan: holder }, isExpected)
      return { stale: kept, holder }
    }
    if (kept && isUsable(kept, isExpected)) return { outcome: kept }
    return look(id, { ...question, anew: true }, isExpected)
  }

  /** Whether what is fresh by the clock of Redis answers: if it is fresh by ours, and is a file where one is expected. */
  function isUsable({ answer, freshUntilMs }: Outcome, isExpected: boolean): boolean {
    return freshUntilMs > clock.nowMs() && !(isExpected && answer instanceof FileError)
  }

  /** Asks the source on behalf of all processes that wait, and lands the outcome. */
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

  /** Waits until the holder lands, until it is time to look again, or until the look-up is stopped. */
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
        // After a wait, what others have found out meanwhile is new enough.
        const reason = awaited === undefined ? anew : undefined
        const sight = await look(id, { token, awaited, anew: reason === 'wrong' }, reason === 'expected')
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

/** What a finding means: an outcome, a failure, or the holder to wait for. With none of these, we ask the upstream. */
type Sight = {
  readonly outcome?: Outcome
  readonly failure?: FileError
  readonly holder?: string
  /** Served only if the look-up fails. */
  readonly stale?: Outcome | undefined
}

/** Not to be stored: the tombstone stays. */
function toDeleted(): Outcome {
  return { answer: new FileError('FILE_NOT_FOUND'), ...USED_UP, origin: 'shared' }
}

/** The result of the look-up that we waited for. */
function toSight({ answer, ...times }: Entry): Sight {
  if (answer instanceof FileError && answer.code !== 'FILE_NOT_FOUND') return { failure: answer }
  return { outcome: { answer, ...times, origin: 'shared' } }
}

/**
 * An entry in the times of our clock. Redis says how old it is, with one clock for all processes; links end by the wall clock.
 * The earlier of the two counts, so that a wrong clock never makes an answer live longer.
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

/** Only what the upstream said is shared. Limits, deadlines and connections are the process's own. */
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
