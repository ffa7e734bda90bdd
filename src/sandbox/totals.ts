// What the sandbox was asked for so far, in numbers, for tests.

import { type Target, targets } from './operation.js'

export type Totals = {
  /** Requests received, by what they ask for; `object` counts downloads behind links. */
  readonly calls: Readonly<Record<Target, number>>
  /** Of the bodies received, and of the answers of `retrieve_content` and of links that no fault spoiled. */
  readonly bytes: { readonly received: number; readonly sent: number }
  readonly uploads: number
  readonly deletions: number
  /** Tasks created, which is what costs money. */
  readonly creations: { readonly video: number; readonly speech: number }
}

export type RunningTotals = ReturnType<typeof createTotals>

export function createTotals() {
  return {
    calls: Object.fromEntries(targets.map((target) => [target, 0])) as Record<Target, number>,
    bytes: { received: 0, sent: 0 },
    uploads: 0,
    deletions: 0,
    creations: { video: 0, speech: 0 },
  } satisfies Totals
}
