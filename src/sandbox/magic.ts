// The file ids that ask for a failure, like a payment provider's test cards: each selects a fault of the table.
// They are out of the way of real ids, which have 15 digits or more.

import { baseFailures } from './codes.js'
import type { Fault } from './faults.js'
import type { Target } from './operation.js'

const connectionFaults: readonly [id: number, fault: Fault][] = [
  [1, { name: 'reset' }],
  [2, { name: 'silence' }],
  [3, { name: 'truncate-json' }],
  [4, { name: 'html' }],
  [5, { name: 'drip', intervalMs: 1_000, bytes: 1 }],
  [6, { name: 'huge' }],
  [7, { name: 'redirect', location: 'https://elsewhere.invalid/v1/files/retrieve' }],
  [8, { name: 'flap', code: 1000, failures: 2 }],
  [9, { name: 'no-file', value: null }],
]

const statusFaults = Array.from({ length: 125 }, (_, i): [number, Fault] => [
  400 + i,
  { name: 'status', status: 400 + i },
])

const baseFaults = Object.keys(baseFailures).map((code): [number, Fault] => [
  Number(code),
  { name: 'base', code: Number(code) },
])

/** The same faults under other identities, by which those that count are counted. */
function createMagicFaults(): Map<string, Fault> {
  const rows = [...connectionFaults, ...statusFaults, ...baseFaults]
  return new Map(rows.map(([id, fault]) => [String(id), { ...fault }]))
}

/** What takes file ids. */
const byTarget: Readonly<Partial<Record<Target, ReadonlyMap<string, Fault>>>> = {
  retrieve: createMagicFaults(),
  // Bytes cut in the middle under a length that agrees would be another file, and no fault that anyone sees.
  content: createMagicFaults().set('3', { name: 'reset-mid-body' }),
  delete: createMagicFaults(),
}

export function isMagicId(id: string): boolean {
  return byTarget.retrieve?.has(id) ?? false
}

/** The same object each time, so that a fault which counts can be counted by it. */
export function findMagicFault(id: string, target: Target): Fault | undefined {
  return byTarget[target]?.get(id)
}
