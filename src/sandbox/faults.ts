// The table of faults: everything the sandbox can do wrong, by name. A rule or a magic id selects from it, and
// a test runs every row of it, so a fault that is not here does not exist.

import { bodyFaults } from './body-faults.js'
import type { Exchange } from './exchange.js'
import { wireFaults } from './wire-faults.js'

export const faults = { ...wireFaults, ...bodyFaults }

export type FaultName = keyof typeof faults

/** What a fault takes beside the exchange; `unknown`, which adds nothing, for those that take no more. */
type Arguments<Name extends FaultName> = (typeof faults)[Name] extends (
  exchange: Exchange,
  args: infer Args,
) => void
  ? Args
  : never

/** A fault with its arguments, such as `{ name: 'latency', ms: 100 }`. */
export type Fault = { [Name in FaultName]: { readonly name: Name } & Arguments<Name> }[FaultName]

/** Each fault takes its own arguments out of the `Fault` of its name. */
export function applyFault(fault: Fault, exchange: Exchange): void {
  const apply = faults[fault.name] as (exchange: Exchange, args: Fault) => void
  apply(exchange, fault)
}
