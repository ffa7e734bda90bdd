// How long and how often one look-up asks: until an attempt succeeds, or none is worth its price any more.
import { FileError } from '../errors.js'
import type { Lookup } from '../file.js'
import { backoffMs, type RetryBudget, type RetryKind } from '../wire/retry.js'
import type { Reading } from './answer.js'
import type { Failure } from './failure.js'

/** Wall time for what an answer says, monotonic time for deadlines: a clock that is set must not end a look-up. */
type Clock = { readonly nowMs: () => number; readonly monotonicMs: () => number }

export type Persistence = {
  readonly clock: Clock
  readonly budget: RetryBudget
  /** 0 ≤ x < 1. */
  readonly random: () => number
  /** Calls back after `ms`; what it returns takes that back. */
  readonly after: (ms: number, callback: () => void) => () => void
}

/** Pause before another attempt after a 429 that did not say how long to wait. */
const THROTTLED_BASE_MS = 500

/**
 * What was asked for, or the `FileError` of the last attempt. How many attempts there are is what the failure that is worth the
 * fewest allows, so that an answer that may have been billed is followed by one more at the most. A pause that would
 * outlast the deadline is not begun, and nothing is sent once nobody waits.
 */
export function persist<T>(
  { clock, budget, random, after }: Persistence,
  lookup: Lookup,
  attempt: () => Promise<Reading<T>>,
): Promise<T> {
  let paid: RetryKind | undefined
  let before: FileError | undefined
  let retry = 0
  let retries = lookup.isProbe ? 0 : Number.POSITIVE_INFINITY

  function conclude(reading: Reading<T>): T | Promise<T> {
    // An answer that settles the matter, good or bad, shows that the upstream is alive.
    if ('value' in reading || !reading.failure.error.retryable) budget.deposit(paid)
    if ('value' in reading) return reading.value
    const { failure } = reading
    // What the first attempt met says more than that a second one could not be made.
    if (before && failure.error.refused) throw before
    before = failure.error
    retries = Math.min(retries, failure.retries)
    const pauseMs = toPauseMs(failure, retry, random)
    if (retry >= retries || pauseMs >= lookup.deadlineMs - clock.monotonicMs()) throw before
    paid = failure.kind === 'timeout' ? 'timeout' : 'other'
    if (failure.kind !== 'free' && !budget.withdraw(paid)) throw before
    retry++
    return pause(lookup, pauseMs, after).then(ask)
  }

  function ask(): Promise<T> {
    return lookup.isAbandoned ? Promise.reject(before ?? toAbandoned()) : attempt().then(conclude)
  }

  return ask()
}

/** Until it is over, or nobody waits any more. */
function pause(lookup: Lookup, ms: number, after: Persistence['after']): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      lookup.stop = undefined
      takeBack()
      resolve()
    }
    const takeBack = after(ms, end)
    lookup.stop = end
  })
}

/** Told to nobody: whoever waited has gone. */
export function toAbandoned(): FileError {
  return new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
}

/** The upstream's hint where it gave one, else full jitter; none where an idle connection was just closed. */
function toPauseMs({ kind, waitMs }: Failure, retry: number, random: () => number): number {
  if (waitMs !== undefined) return waitMs
  if (kind === 'free') return 0
  return backoffMs(retry, kind === 'throttled' ? { baseMs: THROTTLED_BASE_MS, random } : { random })
}
