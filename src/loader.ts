// Once per operation: each GraphQL operation has one loader. It asks for each file once, for all files at the same time, and for
// none if there are too many.
import DataLoader from 'dataloader'
import { FileError } from './errors.js'
import type { Call, FileAnswer, FileId, Files } from './file.js'

/** Rejects with the source's `FileError`, or with `TOO_MANY_LOOKUPS` for every id if the operation is over the limit. */
export type Loader = { load(id: FileId): Promise<FileAnswer> }

type LoaderOptions = {
  /** How many distinct files one operation may ask for. */
  readonly maxLookups: number
  /** Outcomes that are known already. They count as asked. */
  readonly known?: Outcomes
}

/** Answers and failures. */
export type Outcomes = ReadonlyMap<FileId, FileAnswer | Error>

/** For one operation only: it remembers answers, failures and the number of look-ups. */
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

/** DataLoader takes only `Error`s as failures, so anything else that a bug may throw is wrapped. */
export function toError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error('A source failed with something other than an error.', { cause: reason })
}
