// What one run of a script asks for: each field's files, within the limits of an operation.
import { ASKED_PER_LOOKUP, WEIGHT_PER_LOOKUP } from '../context.js'
import type { Lookups } from './lookups.js'
import type { Choice } from './plan.js'
import type { LookupField } from './script.js'

export type Ask = {
  readonly fields: readonly Asked[]
  /** Of its lists. */
  readonly weight: number
}

type Asked = {
  readonly before: string
  readonly lookup: LookupField | undefined
  /** Of its files, in their order, in the operation's look-ups. */
  readonly places: readonly number[]
  readonly purpose: unknown
}

const NONE: readonly number[] = []

/** `undefined` where a limit is reached, or anything is not plain. Nothing is looked up by then. */
export function toAsk({ script, values }: Choice, lookups: Lookups, maxLookups: number): Ask | undefined {
  const fields: Asked[] = []
  let asked = 0
  let weight = 0
  for (const { before, lookup } of script.fields) {
    if (lookup === undefined) {
      fields.push({ before, lookup, places: NONE, purpose: null })
      continue
    }
    const ids = lookup.readIds(values)
    const purpose = lookup.readPurpose(values)
    if (ids === undefined || purpose === undefined || purpose === 'OTHER') return undefined
    if (lookup.kind !== 'one') {
      asked += ids.length
      weight += ids.length * lookup.weight
    }
    // A list out of all proportion is not even gone through.
    if (asked > maxLookups * ASKED_PER_LOOKUP || weight > maxLookups * WEIGHT_PER_LOOKUP) return undefined
    fields.push({ before, lookup, places: ids.map((id) => lookups.place(id)), purpose })
  }
  return lookups.ids.length > maxLookups ? undefined : { fields, weight }
}
