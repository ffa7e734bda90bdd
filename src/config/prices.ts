// PRICES of known models: a price that no task of the model could ever cost is a mistake, and would be passed over in silence.
import { findVideoModel, isSpeechModel, type VideoModel } from '../models.js'
import type { Values } from './settings.js'

/** Adds the faults to the list. Models that are not known may have any prices. */
export function checkPrices({ PRICES }: Pick<Values, 'PRICES'>, faults: string[]): void {
  if (typeof PRICES !== 'object') return // unset or invalid
  for (const [name, entry] of Object.entries(PRICES)) {
    const model = findVideoModel(name)
    if (typeof entry === 'number' && model)
      faults.push(
        `PRICES has one price for ${name}, but takes one for each size of a video: ${toSizes(model)}.`,
      )
    if (typeof entry === 'object' && isSpeechModel(name))
      faults.push(`PRICES has sizes for ${name}, but takes one price for a million characters of speech.`)
    if (typeof entry === 'object' && model)
      for (const size of findForeign(entry, model))
        faults.push(`PRICES has ${size} for ${name}, which offers ${toSizes(model)}.`)
  }
}

type Entry = Readonly<Record<string, object>>

/** The sizes that the model does not offer. */
function findForeign(entry: Entry, { sizes }: VideoModel): string[] {
  return Object.entries(entry).flatMap(([resolution, bySeconds]) => {
    const offered = Object.hasOwn(sizes, resolution) ? (sizes[resolution] ?? []) : []
    const foreign = Object.keys(bySeconds).filter((seconds) => !offered.includes(Number(seconds)))
    return foreign.map((seconds) => `${resolution} of ${seconds} s`)
  })
}

function toSizes({ sizes }: VideoModel): string {
  return Object.entries(sizes)
    .map(([resolution, seconds]) => `${resolution} of ${seconds.join(' or ')} s`)
    .join(', ')
}
