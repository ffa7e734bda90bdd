// Counts of what the sandbox was asked for, for tests.

import { type Target, targets } from './operation.js'

export type Totals = {
  /** Requests received, by what they ask for; `object` counts downloads by link. */
  readonly calls: Readonly<Record<Target, number>>
  /** The bytes of all bodies received, and of file contents sent without a fault. */
  readonly bytes: { readonly received: number; readonly sent: number }
  readonly uploads: number
  readonly deletions: number
  /** Tasks created: at the upstream each costs money. */
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
