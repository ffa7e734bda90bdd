// The attempts of one look-up: how many, and how far apart. guard.ts decides whether a look-up may begin at all; what one failed
// attempt allows, `retries` and `kind`, is decided in failure.ts.
//
// An attempt that failed is followed by another one only if all of these hold:
// 1. the look-up has made fewer retries than the lowest `retries` of its failures so far (a probe makes none);
// 2. the pause before the retry ends before the deadline of the look-up;
// 3. the retry budget, which all look-ups share, allows it (a `free` failure needs none: nothing was sent);
// 4. somebody still waits.
import type { After, Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { Lookup } from '../file.js'
import { backoffMs, type RetryBudget, type RetryKind } from '../wire/retry.js'
import type { Reading } from './answer.js'
import { type Failure, isFault } from './failure.js'

export type Persistence = {
  /** Wall time for dates in answers; monotonic time for deadlines, since setting the clock must not end a look-up. */
  readonly clock: Clock
  readonly budget: RetryBudget
  /** 0 ≤ x < 1. */
  readonly random: () => number
  readonly after: After
}

/** Pause before another attempt after a 429 that did not say how long to wait. */
const THROTTLED_BASE_MS = 500

/** Resolves to what was asked for, or rejects with the `FileError` of the last attempt that was made. */
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
    if ('value' in reading || isAnswer(reading.failure.error)) budget.deposit(paid)
    if ('value' in reading) return reading.value
    const { failure } = reading
    // If the retry was refused by a limit of ours, the failure of the attempt before says more.
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

/** A final answer, though a bad one, shows that the upstream is alive. Silence does not, nor does a limit of ours. */
function isAnswer(error: FileError): boolean {
  return !error.refused && !error.retryable && !isFault(error)
}

/** Waits `ms`, or until the look-up is stopped. */
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

/** For a look-up that nobody waits for any more. Nobody sees it. */
export function toAbandoned(): FileError {
  return new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
}

/** As long as the upstream said, else exponential backoff with full jitter; none if only an idle connection was closed. */
function toPauseMs({ kind, waitMs }: Failure, retry: number, random: () => number): number {
  if (waitMs !== undefined) return waitMs
  if (kind === 'free') return 0
  return backoffMs(retry, kind === 'throttled' ? { baseMs: THROTTLED_BASE_MS, random } : { random })
}
