// When a transfer counts as idle: a floor under its speed in place of a deadline, since a large file may take hours.

/** Calls back again and again, each time after so long; what it returns ends that. */
export type Every = (ms: number, callback: () => void) => () => void

const every: Every = (ms, callback) => {
  const timer = setInterval(callback, ms)
  return () => clearInterval(timer)
}

/** What moves less than this over the whole of `idleMs` is idle. */
const FLOOR_BYTES_PER_SECOND = 1024

/** A socket takes up to 64 KiB in one piece: what it is given can not be measured in less time, at the floor of its speed. */
const MEASURED_MS = 128_000

/** Of what is written: so long is needed to tell its speed. */
export function toWritingIdle({ idleMs, ...options }: IdleOptions): IdleOptions {
  return { ...options, idleMs: Math.max(idleMs, MEASURED_MS) }
}

export type IdleOptions = { readonly idleMs: number; readonly every?: Every }

/**
 * Looks every `idleMs` at how many bytes have moved in all, `undefined` while it is others that must move; `onIdle` is
 * called once. What it returns ends the watch. Who was waited for in between has all of that time again.
 */
export function watchIdle(
  { idleMs, every: repeat = every }: IdleOptions,
  countBytes: () => number | undefined,
  onIdle: () => void,
): () => void {
  const floor = (FLOOR_BYTES_PER_SECOND * idleMs) / 1000
  let seen: number | undefined = 0
  const stop = repeat(idleMs, () => {
    const bytes = countBytes()
    if (bytes === undefined || seen === undefined || bytes - seen >= floor) seen = bytes
    else {
      stop()
      onIdle()
    }
  })
  return stop
}
