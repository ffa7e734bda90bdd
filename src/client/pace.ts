// How long the upstream has lately needed: a request with less time left would be paid for nothing.

export type Pace = {
  /** With less than so much time left, asking is useless. */
  neededMs(): number
  /** An answer took so long. */
  observe(durationMs: number): void
}

/** What one more duration weighs against those before: an upstream that has become slow is known within some answers. */
const WEIGHT = 1 / 8
/** Before the first answer, for a look-up that has waited for most of its time already. */
const UNKNOWN = 1 / 8

/** An attempt is cut off after `attemptTimeoutMs`, so no more than that is ever needed. */
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
