// The most that an order can cost, which is taken from the day's budget before it is sent, and what it really costs.
import type { ListedFile } from '../file.js'
import { DEFAULT_SECONDS, findVideoModel, prices as known, type PriceEntry } from '../models.js'
import type { Created, Order, Price, SpeechInput, VideoInput } from '../task.js'

/** Entries that replace or add to the known ones, as `PRICES` gives them; in millionths of a US dollar, by model. */
export type PriceList = Readonly<
  Record<string, number | Readonly<Record<string, Readonly<Record<string, number>>>>>
>

export type Prices = {
  /** `file` is that of `textFileId`, if there is one. */
  find(order: Order, file: Pick<ListedFile, 'filename' | 'bytes'> | undefined): Price
}

/** The documented limit of a text file. */
const MAX_FILE_CHARACTERS = 1_000_000
const MILLION = 1e6

export function createPrices(own: PriceList): Prices {
  const entries = merge(own)
  const all = [...entries.values()]
  // A model or size without a price counts as the most expensive one that has a price.
  const dearestVideo = Math.max(
    ...all.flatMap((entry) => (typeof entry === 'number' ? [] : [...entry.values()])),
  )
  const dearestSpeech = Math.max(...all.filter((entry) => typeof entry === 'number'))
  const findEntry = (model: string) => entries.get(model.toLowerCase())

  function findVideo({ model, resolution, duration }: VideoInput): number {
    const entry = findEntry(model)
    const size = resolution ?? Object.keys(findVideoModel(model)?.sizes ?? {})[0]
    const found = typeof entry === 'object' ? entry.get(`${size} ${duration ?? DEFAULT_SECONDS}`) : undefined
    return found ?? dearestVideo
  }

  function findSpeech(input: SpeechInput, file: Pick<ListedFile, 'filename' | 'bytes'> | undefined): Price {
    const entry = findEntry(input.model)
    const millionMicroUsd = typeof entry === 'number' ? entry : dearestSpeech
    const toMicroUsd = (characters: number) => Math.ceil((characters * millionMicroUsd) / MILLION)
    const microUsd = toMicroUsd(input.text === null ? toMost(file) : Buffer.byteLength(input.text))
    const settle = ({ usageCharacters }: Created) =>
      usageCharacters === null ? microUsd : Math.min(microUsd, toMicroUsd(usageCharacters))
    return { microUsd, settle }
  }

  return {
    find: (order, file) => {
      if (order.kind === 'speech') return findSpeech(order.input, file)
      const microUsd = findVideo(order.input)
      return { microUsd, settle: () => microUsd }
    },
  }
}

/** The prices in force, in US dollars: of a video by model, resolution and seconds; of a million characters of speech by model. */
export function toPriceTable(own: PriceList): Readonly<Record<string, number>> {
  const rows = [...merge(own)].flatMap(([model, entry]): [string, number][] =>
    typeof entry === 'number'
      ? [[model, entry]]
      : [...entry].map(([size, microUsd]) => [`${model} ${size}`, microUsd]),
  )
  return Object.fromEntries(rows.map(([name, microUsd]) => [name, microUsd / 1e6]))
}

/**
 * The most characters that may be charged for a file. The upstream says only afterwards how many it counts, and counts some scripts
 * twice, but never more than the text has bytes in UTF-8. The size of a zip says nothing of the text in it.
 */
function toMost(file: Pick<ListedFile, 'filename' | 'bytes'> | undefined): number {
  const isText = file?.filename?.toLowerCase().endsWith('.txt')
  return isText ? Math.min(file?.bytes ?? MAX_FILE_CHARACTERS, MAX_FILE_CHARACTERS) : MAX_FILE_CHARACTERS
}

function merge(own: PriceList): ReadonlyMap<string, PriceEntry> {
  const entries = new Map(known)
  for (const [name, entry] of Object.entries(own)) {
    const model = name.toLowerCase()
    const before = entries.get(model)
    if (typeof entry === 'number') entries.set(model, entry)
    else entries.set(model, new Map([...(typeof before === 'object' ? before : []), ...toSizes(entry)]))
  }
  return entries
}

function toSizes(entry: Readonly<Record<string, Readonly<Record<string, number>>>>): [string, number][] {
  return Object.entries(entry).flatMap(([resolution, bySeconds]) =>
    Object.entries(bySeconds).map(([seconds, microUsd]): [string, number] => [
      `${resolution} ${seconds}`,
      microUsd,
    ]),
  )
}
