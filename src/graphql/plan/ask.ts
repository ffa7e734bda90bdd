// What one run of a script asks for: the files of each field, within the limits of an operation.
import { ASKED_PER_LOOKUP, WEIGHT_PER_LOOKUP } from '../context.js'
import type { Lookups } from './lookups.js'
import type { Choice } from './plan.js'
import type { LookupField } from './script.js'

export type Ask = {
  readonly fields: readonly Asked[]
  /** The sum of the weights of its lists. */
  readonly weight: number
}

type Asked = {
  readonly before: string
  readonly lookup: LookupField | undefined
  /** The places of its files in the operation's look-ups, in order. */
  readonly places: readonly number[]
  readonly purpose: unknown
}

const NONE: readonly number[] = []

/** `undefined` if a limit is reached or anything is unusual. Nothing has been looked up yet. */
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
    // A list that is far too long is not even iterated.
    if (asked > maxLookups * ASKED_PER_LOOKUP || weight > maxLookups * WEIGHT_PER_LOOKUP) return undefined
    fields.push({ before, lookup, places: ids.map((id) => lookups.place(id)), purpose })
  }
  return lookups.ids.length > maxLookups ? undefined : { fields, weight }
}
