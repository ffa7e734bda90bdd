// How long the upstream has recently needed. A request with less time left is not sent: it would be paid for nothing.

export type Pace = {
  /** The least time that a request must have left. */
  neededMs(): number
  /** Records how long an answer took. */
  observe(durationMs: number): void
}

/** The weight of a new duration against the earlier ones, so that a change shows within a few answers. */
const WEIGHT = 1 / 8
/** The part of an attempt's deadline that counts as needed before the first answer. */
const UNKNOWN = 1 / 8

/** Never more than `attemptTimeoutMs`, after which an attempt is cut off. */
export function createPace(attemptTimeoutMs: number): Pace {
  let meanMs: number | undefined
  return {
    neededMs: () => meanMs ?? attemptTimeoutMs * UNKNOWN,
    observe: (durationMs) => {
      const sampleMs = Math.min(durationMs, attemptTimeoutMs)
      meanMs = meanMs === undefined ? sampleMs : meanMs + (sampleMs - meanMs) * WEIGHT
    },
  }
}
