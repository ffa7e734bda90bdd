// When a transfer counts as idle. It has a minimum speed instead of a deadline, since a large file may take hours.

/** Calls back every `ms`. Returns a function that stops it. */
export type Every = (ms: number, callback: () => void) => () => void

const every: Every = (ms, callback) => {
  const timer = setInterval(callback, ms)
  return () => clearInterval(timer)
}

/** A transfer that is slower than this, on average over `idleMs`, is idle. */
const FLOOR_BYTES_PER_SECOND = 1024

export type IdleOptions = { readonly idleMs: number; readonly every?: Every }

/**
 * Calls `onIdle` once the transfer is idle. `countBytes` returns the bytes moved so far, or `undefined` while the transfer waits for
 * the other side, which does not count. Returns a function that ends the watch.
 */
export function watchIdle(
  { idleMs, every: repeat = every }: IdleOptions,
  countBytes: () => number | undefined,
  onIdle: () => void,
): () => void {
  const floor = (FLOOR_BYTES_PER_SECOND * idleMs) / 1000
  let seen = 0
  const stop = repeat(idleMs, () => {
    const bytes = countBytes()
    if (bytes === undefined || bytes - seen >= floor) seen = bytes ?? seen
    else {
      stop()
      onIdle()
    }
  })
  return stop
}

/** A socket takes so much in one piece, and shows nothing before all of it has gone. */
export const PIECE_BYTES = 65_536
const LOOK_MS = 1000

/**
 * The same for a client, whose socket moves in pieces: each byte that goes pays for its time at the floor, and what was
 * paid lasts for one piece, or for `idleMs`, whichever is more. So who keeps above the floor is never cut off, however
 * the pieces fall, and a burst buys nobody more than that.
 */
export function watchPieces(
  { idleMs, every: repeat = every }: IdleOptions,
  countBytes: () => number | undefined,
  onIdle: () => void,
): () => void {
  const most = Math.max(PIECE_BYTES, (FLOOR_BYTES_PER_SECOND * idleMs) / 1000)
  const price = (FLOOR_BYTES_PER_SECOND * LOOK_MS) / 1000
  let seen = 0
  let paid = most
  const stop = repeat(LOOK_MS, () => {
    const bytes = countBytes()
    if (bytes === undefined) return
    paid = Math.min(most, paid + bytes - seen) - price
    seen = bytes
    if (paid >= -price) return
    stop()
    onIdle()
  })
  return stop
}
