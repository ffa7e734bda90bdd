// When to retry, and whether the retry budget allows it. Pure: clock and randomness are arguments.

const MAX_TIMER_MS = 2 ** 31 - 1
const MAX_SECONDS = Math.floor(MAX_TIMER_MS / 1000)

// The three forms of an HTTP date (RFC 9110, 5.6.7), which are all in GMT though the last does not say so.
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
]

function parseHttpDateMs(text: string): number {
  if (!httpDates.some((form) => form.test(text))) return Number.NaN
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}

/**
 * The wait that a Retry-After header asks for, in whole seconds, rounded up. A date in the past means 0. What
 * no timer could wait for is cut to 2147483 s, still far past any deadline. Anything else is `undefined`.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? ''
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((parseHttpDateMs(text) - nowMs) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), MAX_SECONDS)
}

export type BackoffOptions = {
  readonly baseMs?: number
  readonly capMs?: number
  /** 0 ≤ x < 1, as `Math.random`. */
  readonly random: () => number
}

/** The wait before retry number `attempt` (0 is the first): full jitter, so that clients do not move in step. */
export function backoffMs(attempt: number, { baseMs = 100, capMs = 1000, random }: BackoffOptions): number {
  return random() * Math.min(baseMs * 2 ** attempt, capMs)
}

/** Why the previous attempt failed. A retry after a timeout takes more from the budget, since a timeout cost the upstream more. */
export type RetryKind = 'timeout' | 'other'

export type RetryBudget = {
  /** Takes the price of one retry. `false`, and nothing is taken, if there is too little. */
  withdraw(kind: RetryKind): boolean
  /** Call it when the upstream has answered. Returns what the retry took or, without `kind`, 1 for a first attempt. */
  deposit(kind?: RetryKind): void
}

/**
 * One bucket for all callers, with the numbers of the AWS SDKs' standard mode: an upstream that is down sees
 * at most 100 extra calls (50 after time-outs), and then none until calls succeed again.
 */
export function createRetryBudget({ capacity = 500, cost = 5, timeoutCost = 10 } = {}): RetryBudget {
  const prices = { timeout: timeoutCost, other: cost }
  let tokens = capacity
  return {
    withdraw(kind) {
      if (tokens < prices[kind]) return false
      tokens -= prices[kind]
      return true
    },
    deposit(kind) {
      tokens = Math.min(capacity, tokens + (kind ? prices[kind] : 1))
    },
  }
}
