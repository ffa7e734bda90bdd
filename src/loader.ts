// Once per operation: each GraphQL operation has one loader. It asks for each file and each task once, for all of them at the
// same time, and for none if there are too many.
import DataLoader from 'dataloader'
import { FileError } from './errors.js'
import type { Call, FileAnswer, FileId, Files } from './file.js'
import type { Task, TaskId, TaskKind, Tasks } from './task.js'

/** Rejects with the source's `FileError`, or with `TOO_MANY_LOOKUPS` for every id if the operation is over the limit. */
export type Loader = {
  load(id: FileId): Promise<FileAnswer>
  loadTask(kind: TaskKind, id: TaskId): Promise<Task>
}

type LoaderSources = { readonly find: Files['find']; readonly findTask: Tasks['find'] }

type LoaderOptions = {
  /** How many distinct files and tasks one operation may ask for. */
  readonly maxLookups: number
  /** Outcomes that are known already. They count as asked. */
  readonly known?: Outcomes
}

/** Answers and failures. */
export type Outcomes = ReadonlyMap<FileId, FileAnswer | Error>

/** For one operation only: it remembers answers, failures and the number of look-ups. */
export function createLoader(
  { find, findTask }: LoaderSources,
  call: Call,
  { maxLookups, known = new Map() }: LoaderOptions,
): Loader {
  let asked = known.size
  // One for both, since what is asked for at the same time is counted together.
  const loader = new DataLoader<string, FileAnswer | Task>(async (keys) => {
    asked += keys.length
    if (asked > maxLookups) return keys.map(() => new FileError('TOO_MANY_LOOKUPS'))
    const outcomes = await Promise.allSettled(keys.map(async (key) => look(key)))
    return outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : toError(outcome.reason),
    )
  })

  function look(key: string): Promise<FileAnswer | Task> {
    const [id = '', kind] = key.split(' ')
    return kind === undefined ? find(id as FileId, call) : findTask(kind as TaskKind, id as TaskId, call)
  }

  for (const [id, outcome] of known) loader.prime(id, outcome)
  return {
    load: (id) => loader.load(id) as Promise<FileAnswer>,
    loadTask: (kind, id) => loader.load(`${id} ${kind}`) as Promise<Task>,
  }
}

/** DataLoader takes only `Error`s as failures, so anything else that a bug may throw is wrapped. */
export function toError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error('A source failed with something other than an error.', { cause: reason })
}
