// How often the upstream may be asked about speeches: it takes ten queries a second, over all tasks of an account.
import { FileError } from '../errors.js'

/** Eight a second: what is left of the ten is for second attempts. */
const SPACING_MS = 125

export type PaceDependencies = {
  readonly monotonicMs: () => number
  readonly after: After
}

/** Calls back after `ms`; what it returns takes that back. */
export type After = (ms: number, callback: () => void) => () => void

/** Resolves when it is the caller's turn. Rejects at once where that would come after the deadline. */
export function createPace({ monotonicMs, after }: PaceDependencies): (deadlineMs: number) => Promise<void> {
  let nextMs = Number.NEGATIVE_INFINITY
  return async (deadlineMs) => {
    const nowMs = monotonicMs()
    const turnMs = Math.max(nowMs, nextMs)
    if (turnMs >= deadlineMs) {
      const retryAfterSeconds = Math.ceil((turnMs - nowMs) / 1000)
      throw new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds, refused: true })
    }
    nextMs = turnMs + SPACING_MS
    if (turnMs > nowMs) await new Promise<void>((resolve) => after(turnMs - nowMs, resolve))
  }
}
