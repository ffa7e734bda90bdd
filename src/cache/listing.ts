// The list of all files of the account, shared by everyone who asks within some seconds, whatever purpose they ask for.
import { setImmediate as turn } from 'node:timers/promises'
import { FileError } from '../errors.js'
import {
  type Call,
  compareNewest,
  type FileId,
  type Files,
  type ListedFile,
  type ListSource,
} from '../file.js'
import { createFlights, type Flights, toLeft } from './flight.js'
import type { Tombstones } from './tombstones.js'

export type Listing = {
  readonly list: Files['list']
  /** What the last listing said of a file. */
  recall(id: FileId): ListedFile | undefined
  /** A file has come to be. Whoever asks from now on is shown it. */
  add(file: ListedFile): void
  /** Whoever asks from now on for those of a purpose, or for all, has the upstream asked. */
  forget(purposeName: string): void
}

type ListingDependencies = {
  readonly monotonicMs: () => number
  readonly tombstones: Pick<Tombstones, 'has' | 'onLoss'>
}

export type ListingOptions = {
  /** For how long one is reused. */
  readonly keepMs: number
  readonly timeoutMs: number
}

type Kept = {
  readonly files: readonly ListedFile[]
  /** Those of each purpose that somebody has asked for. Clients can only name purposes that the schema has, so they are few. */
  readonly byPurpose: Map<string, readonly ListedFile[]>
  readonly untilMs: number
}

/** All files at once: the key that no purpose has. */
const ALL = ''
/** How long it is remembered that the upstream lists by purpose only. */
const PURPOSE_NEEDED_MS = 3_600_000
/** About a millisecond of work. */
const SORTED_AT_ONCE = 2048

export function createListing(
  source: ListSource,
  { monotonicMs, tombstones }: ListingDependencies,
  { keepMs, timeoutMs }: ListingOptions,
): Listing {
  const kept = new Map<string, Kept>()
  let purposeNeededUntilMs = Number.NEGATIVE_INFINITY

  const flights: Flights<Kept> = createFlights(async (key, lookup) => {
    const listed = await source(key === ALL ? undefined : key, lookup)
    const sorted = await sortNewest(listed)
    // Some upstreams show for a while what was deleted.
    const files = sorted.filter(({ id }) => !tombstones.has(id))
    const listing = { files, byPurpose: new Map(), untilMs: monotonicMs() + keepMs }
    if (flights.isCurrent(key, lookup)) kept.set(key, listing)
    return listing
  })

  async function find(key: string, { asker, meter }: Call): Promise<Kept> {
    const present = kept.get(key)
    if (present && present.untilMs > monotonicMs()) return present
    return flights.join(key, asker, meter, monotonicMs() + timeoutMs).catch(toLeft)
  }

  async function list(purposeName: string | undefined, call: Call): Promise<readonly ListedFile[]> {
    if (purposeName === undefined) return (await find(ALL, call)).files
    if (monotonicMs() < purposeNeededUntilMs) return (await find(purposeName, call)).files
    try {
      return ofPurpose(await find(ALL, call), purposeName)
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'UPSTREAM_INVALID_REQUEST') throw error
      const { files } = await find(purposeName, call)
      purposeNeededUntilMs = monotonicMs() + PURPOSE_NEEDED_MS
      return files
    }
  }

  /** What is on its way may not show a file that has come to be meanwhile. */
  function dropFlights(purposeName: string | null): void {
    flights.drop(ALL)
    if (purposeName !== null) flights.drop(purposeName)
  }

  tombstones.onLoss((ids) => {
    const lost = new Set(ids)
    for (const [key, { files, untilMs }] of kept)
      kept.set(key, { files: files.filter(({ id }) => !lost.has(id)), byPurpose: new Map(), untilMs })
  })

  return {
    list,
    add: (file) => {
      dropFlights(file.purposeName)
      for (const [key, { files, untilMs }] of kept)
        if (key === ALL || key === file.purposeName)
          kept.set(key, { files: insert(file, files), byPurpose: new Map(), untilMs })
    },
    forget: (purposeName) => {
      dropFlights(purposeName)
      for (const key of [ALL, purposeName]) kept.delete(key)
    },
    recall: (id) => {
      for (const { files } of kept.values()) {
        const file = files.find((each) => each.id === id)
        if (file) return file
      }
      return undefined
    },
  }
}

function insert(file: ListedFile, files: readonly ListedFile[]): readonly ListedFile[] {
  const others = files.filter(({ id }) => id !== file.id)
  const place = others.findIndex((other) => compareNewest(file, other) < 0)
  return others.toSpliced(place < 0 ? others.length : place, 0, file)
}

function ofPurpose({ files, byPurpose }: Kept, purposeName: string): readonly ListedFile[] {
  const found = byPurpose.get(purposeName) ?? files.filter((file) => file.purposeName === purposeName)
  byPurpose.set(purposeName, found)
  return found
}

/** Sorts in parts, so that other requests are served in between: sorting tens of thousands at once takes too long. */
async function sortNewest(files: readonly ListedFile[]): Promise<readonly ListedFile[]> {
  let runs: ListedFile[][] = []
  for (let at = 0; at < files.length; at += SORTED_AT_ONCE) {
    runs.push(files.slice(at, at + SORTED_AT_ONCE).sort(compareNewest))
    await turn()
  }
  while (runs.length > 1) {
    const merged: ListedFile[][] = []
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(merge(runs[at] ?? [], runs[at + 1] ?? []))
      await turn()
    }
    runs = merged
  }
  return runs[0] ?? []
}

function merge(a: readonly ListedFile[], b: readonly ListedFile[]): ListedFile[] {
  const merged: ListedFile[] = []
  let at = 0
  for (const file of a) {
    for (let other = b[at]; other && compareNewest(other, file) < 0; other = b[++at]) merged.push(other)
    merged.push(file)
  }
  return merged.concat(b.slice(at))
}
