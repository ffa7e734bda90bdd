// How long and how often one look-up asks: until an attempt succeeds, or none is worth its price any more.
import type { Call, File } from '../file.js'
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
  /** Resolves after `ms`, or rejects when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Pause before another attempt after a 429 that did not say how long to wait. */
const THROTTLED_BASE_MS = 500

/**
 * The file, or the `FileError` of the last attempt. Each attempt gets a signal that aborts at the deadline or when
 * the caller leaves; a pause that would outlast the deadline is not begun.
 */
export async function persist(
  { clock, budget, random, sleep }: Persistence,
  call: Pick<Call, 'signal' | 'deadlineMs' | 'isProbe'>,
  timeoutMs: number,
  attempt: (signal: AbortSignal) => Promise<Reading>,
): Promise<File> {
  const deadline = createDeadline(call, timeoutMs, clock)
  try {
    let paid: RetryKind | undefined
    let before: Failure | undefined
    for (let retry = 0; ; retry++) {
      const reading = await attempt(deadline.signal)
      // An answer that settles the matter, good or bad, shows that the upstream is alive.
      if ('file' in reading || !reading.failure.error.retryable) budget.deposit(paid)
      if ('file' in reading) return reading.file
      const { failure } = reading
      // What the first attempt met says more than that a second one could not be paid.
      if (before && failure.error.code === 'SPEND_LIMIT_EXCEEDED') throw before.error
      before = failure
      const pauseMs = toPauseMs(failure, retry, random)
      if (call.isProbe || retry >= failure.retries || pauseMs >= deadline.leftMs()) throw failure.error
      paid = failure.kind === 'timeout' ? 'timeout' : 'other'
      if (failure.kind !== 'free' && !budget.withdraw(paid)) throw failure.error
      await sleep(pauseMs, deadline.signal).catch(() => {
        throw failure.error
      })
    }
  } finally {
    deadline.clear()
  }
}

type Deadline = { readonly signal: AbortSignal; leftMs(): number; clear(): void }

/** Ends after the time-out, or with the look-up that began further up, if that is earlier. */
function createDeadline(
  { signal: caller, deadlineMs = Number.POSITIVE_INFINITY }: Pick<Call, 'signal' | 'deadlineMs'>,
  timeoutMs: number,
  { monotonicMs }: Clock,
): Deadline {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const endMs = Math.min(monotonicMs() + timeoutMs, deadlineMs)
  const timer = setTimeout(abort, Math.max(0, endMs - monotonicMs()))
  caller.addEventListener('abort', abort, { once: true })
  if (caller.aborted) abort()
  return {
    signal: controller.signal,
    leftMs: () => endMs - monotonicMs(),
    clear: () => {
      clearTimeout(timer)
      caller.removeEventListener('abort', abort)
    },
  }
}

/** The upstream's hint where it gave one, else full jitter; none where an idle connection was just closed. */
function toPauseMs({ kind, waitMs }: Failure, retry: number, random: () => number): number {
  if (waitMs !== undefined) return waitMs
  if (kind === 'free') return 0
  return backoffMs(retry, kind === 'throttled' ? { baseMs: THROTTLED_BASE_MS, random } : { random })
}
