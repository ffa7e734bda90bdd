// Once per operation: every look-up of one GraphQL operation goes through one loader, which asks for each file
// once, for all of them at the same time, and for none if there are too many.
import DataLoader from 'dataloader'
import { FileError } from './errors.js'
import type { Call, FileAnswer, FileId, Files } from './file.js'

/** Rejects with the source's `FileError`, and with `TOO_MANY_LOOKUPS` for every id of an operation over the limit. */
export type Loader = { load(id: FileId): Promise<FileAnswer> }

type LoaderOptions = {
  /** How many distinct files one operation may ask for. */
  readonly maxLookups: number
  /** What was found out for the operation before, which counts as asked. */
  readonly known?: Outcomes
}

/** Answers and failures. */
export type Outcomes = ReadonlyMap<FileId, FileAnswer | Error>

/** Use it for one operation only: it remembers answers, failures and how much was asked. */
export function createLoader(
  find: Files['find'],
  call: Call,
  { maxLookups, known = new Map() }: LoaderOptions,
): Loader {
  let asked = known.size
  const loader = new DataLoader<FileId, FileAnswer>(async (ids) => {
    asked += ids.length
    if (asked > maxLookups) return ids.map(() => new FileError('TOO_MANY_LOOKUPS'))
    const outcomes = await Promise.allSettled(ids.map(async (id) => find(id, call)))
    return outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : toError(outcome.reason),
    )
  })
  for (const [id, outcome] of known) loader.prime(id, outcome)
  return loader
}

/** DataLoader takes only `Error`s for failures; whatever else a bug may throw is made into one. */
export function toError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error('A source failed with something that is no error.', { cause: reason })
}
