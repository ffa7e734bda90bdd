// Time, which every room is given, so that its tests can give it another.

export type Clock = {
  /** Wall time in Unix ms. It jumps when the clock is set. */
  readonly nowMs: () => number
  /** Monotonic time in ms. It never jumps. */
  readonly monotonicMs: () => number
}

/** Calls back after `ms`; what it returns takes that back. */
export type After = (ms: number, callback: () => void) => () => void

export const clock: Clock = { nowMs: Date.now, monotonicMs: () => performance.now() }

export const after: After = (ms, callback) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
