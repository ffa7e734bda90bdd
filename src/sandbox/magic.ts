// The magic file ids, which fail on request, like a payment provider's test cards. Each selects a fault of the table. Real
// ids have 15 digits or more, so none is taken.

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

/** Copies of the faults: uses are counted by object, and each operation counts its own. */
function createMagicFaults(): Map<string, Fault> {
  const rows = [...connectionFaults, ...statusFaults, ...baseFaults]
  return new Map(rows.map(([id, fault]) => [String(id), { ...fault }]))
}

/** The magic ids of each operation that takes file ids. */
const byTarget: Readonly<Partial<Record<Target, ReadonlyMap<string, Fault>>>> = {
  retrieve: createMagicFaults(),
  // Half of the bytes with a Content-Length that matches would look like a valid, shorter file.
  content: createMagicFaults().set('3', { name: 'reset-mid-body' }),
  delete: createMagicFaults(),
}

export function isMagicId(id: string): boolean {
  return byTarget.retrieve?.has(id) ?? false
}

/** Returns the same object each time, since uses are counted by object. */
export function findMagicFault(id: string, target: Target): Fault | undefined {
  return byTarget[target]?.get(id)
}
