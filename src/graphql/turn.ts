// Long lists are answered one at a time, with a pause for everybody else between any two of them.
import { setTimeout as delay, setImmediate as loop } from 'node:timers/promises'

/** Resolves at once for a light list; for a heavy one when it is the only one to be answered now. */
export type TakeTurn = (weight: number) => Promise<void>
/** The same for a list whose weight is known. */
export type Turn = () => Promise<void>

/** A few milliseconds of work: so much at a time delays nobody. */
export const LIGHT = 1000
/** Node takes one new connection in each turn of its loop, so there have to be some turns without such work. */
const PAUSE_MS = 2

export function createTurns(): TakeTurn {
  let last: Promise<void> = Promise.resolve()
  return async (weight) => {
    if (weight <= LIGHT) return
    last = last.then(() => loop()).then(() => delay(PAUSE_MS)) // from the end of what the one before does
    await last
  }
}
