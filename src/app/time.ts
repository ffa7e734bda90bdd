// Time as the rooms are given it. Tests of a room give it another.

export const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }

/** Calls back after `ms`; what it returns takes that back. */
export function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
