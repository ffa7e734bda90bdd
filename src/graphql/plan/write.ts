// A response as JSON text, from what an operation asks for and the files that were found.
import type { FileId } from '../../file.js'
import { toPurpose } from '../purpose.js'
import type { Ask } from './ask.js'
import type { Lookups } from './lookups.js'

/** `undefined` if a file is missing, has another purpose than expected, or cannot be written. */
export function writeData({ fields }: Ask, lookups: Lookups, isNew: boolean): string | undefined {
  let text = '{'
  for (const { before, lookup, places, purpose } of fields) {
    text += before
    if (lookup === undefined) continue
    if (lookup.kind !== 'one') text += '['
    for (let index = 0; index < places.length; index++) {
      const file = lookups.answer(places[index] ?? -1)?.file
      if (file === undefined || (purpose !== null && toPurpose(file.purposeName) !== purpose))
        return undefined
      const value = lookup.write(file, isNew)
      if (value === undefined) return undefined
      text += index === 0 ? value : `,${value}`
    }
    if (lookup.kind !== 'one') text += ']'
  }
  return `${text}}`
}

/** Until when the whole response is fresh, in Unix ms; `undefined` without a look-up. */
export function toFreshUntilMs(lookups: Lookups): number | undefined {
  let freshUntilMs: number | undefined
  for (let place = 0; place < lookups.ids.length; place++) {
    const untilMs = lookups.answer(place)?.freshUntilMs ?? Number.NaN
    freshUntilMs = freshUntilMs === undefined ? untilMs : Math.min(freshUntilMs, untilMs)
  }
  return freshUntilMs
}

/** The cache tags for routers, as members of `extensions`. */
export function writeTags({ fields }: Ask, { ids }: Lookups): string {
  const entities = fields.filter(({ lookup }) => lookup?.kind === 'entities')
  const roots = entities.length === 0 ? ids : collectRoots(fields, ids)
  const ofRoots = roots.length > 0 ? `,"apolloCacheTags":[${roots.map(toTag)}]` : ''
  const [first] = entities
  // The lists belong to fields by their position only, so two of them would say nothing.
  if (first === undefined || entities.length > 1) return ofRoots
  return `${ofRoots},"apolloEntityCacheTags":[${first.places.map((place) => `[${toTag(ids[place])}]`)}]`
}

/** The distinct files of all fields but `_entities`. */
function collectRoots(fields: Ask['fields'], ids: readonly FileId[]): readonly FileId[] {
  const places = fields.flatMap(({ lookup, places }) => (lookup?.kind === 'entities' ? [] : places))
  return [...new Set(places)].flatMap((place) => ids[place] ?? [])
}

function toTag(id: FileId | undefined): string {
  return `"file-${id}"`
}
