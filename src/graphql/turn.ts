// Heavy answers are written one at a time, with a short pause between them, so that other requests are not held up. Measured on a
// busy machine of two cores, with 24 clients that keep asking for answers of 0.5 MiB: a new connection is answered within 20 ms
// (median) and 140 ms (p99). Without turns it waits until the clients stop. The price: 37 of these answers per second, not 67.
import { setTimeout as delay, setImmediate as loop } from 'node:timers/promises'

/** Resolves when an answer of this weight (its look-ups times their fields) may be written: at once if it is light. */
export type TakeTurn = (weight: number) => Promise<void>
/** The same with the weight already given. */
export type Turn = () => Promise<void>

/** An answer of this weight takes 2 ms to write at most: see weight.ts. */
export const LIGHT = 1000
/** Node accepts one new connection per turn of its event loop, so the loop needs some turns without heavy work. */
const PAUSE_MS = 2

export function createTurns(): TakeTurn {
  let last: Promise<void> = Promise.resolve()
  return async (weight) => {
    if (weight <= LIGHT) return
    last = last.then(() => loop()).then(() => delay(PAUSE_MS)) // the pause starts when the previous answer is written
    await last
  }
}
