// The table of all faults, by name. Rules and magic ids select from it, and a test runs every row.

import { bodyFaults } from './body-faults.js'
import type { Exchange } from './exchange.js'
import { wireFaults } from './wire-faults.js'

export const faults = { ...wireFaults, ...bodyFaults }

export type FaultName = keyof typeof faults

/** The arguments of a fault; `unknown`, which adds nothing to a type, if it has none. */
type Arguments<Name extends FaultName> = (typeof faults)[Name] extends (
  exchange: Exchange,
  args: infer Args,
) => void
  ? Args
  : never

/** A fault with its arguments, such as `{ name: 'latency', ms: 100 }`. */
export type Fault = { [Name in FaultName]: { readonly name: Name } & Arguments<Name> }[FaultName]

/** Each fault reads its own arguments from the `Fault` with its name. */
export function applyFault(fault: Fault, exchange: Exchange): void {
  const apply = faults[fault.name] as (exchange: Exchange, args: Fault) => void
  apply(exchange, fault)
}
