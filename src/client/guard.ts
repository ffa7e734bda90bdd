// Decides whether anything may be asked of the upstream, by what the last requests met. (persist.ts decides about the attempts of
// one look-up.)
//
// | state             | entered by                                   | then fail without a call      | left by                       |
// | ----------------- | -------------------------------------------- | ----------------------------- | ----------------------------- |
// | a file fails      | any failure of the file but FILE_NOT_FOUND   | its look-ups                  | 1 s, doubling to 5 s          |
// | a window is open  | a rate limit                                 | all look-ups                  | as long as the upstream says  |
// | a window is open  | a refused key, no balance, no quota          | all look-ups                  | 2 s, or any success           |
// | upstream is down  | 10 files in a row, and 1 s without an answer | all but one probe a second    | any answer that is no fault   |
//
// A file is suspect if it failed lately, or failed while others succeeded. A suspect file does not count towards the ten, opens
// no window but that of a rate limit, and is the last to be used as a probe. So the failures of one file do not shut out the
// others. Uploads and creations are the last to be used as a probe too: one that gets no answer may have been paid for.
//
// Uploads, and queries and creations of tasks of each kind, have windows of their own, and queries are down by themselves: many
// creations a minute, or no more room for files, are none of the look-ups' business. What concerns the look-ups holds for these as
// well: a window, and for uploads and creations also that the upstream is down.
import type { ContentSource } from '../bytes.js'
import { FileError } from '../errors.js'
import { type FileId, type Lookup, parseFileId } from '../file.js'
import { type Breaker, createBreaker } from './breaker.js'
import type { Client } from './client.js'
import { isFault } from './failure.js'
import { createFailures } from './failures.js'

export type GuardOptions = {
  /** Files whose failures and successes are ignored. */
  readonly isExempt: (id: FileId) => boolean
  /** The same for creations, whatever they are of. */
  readonly exemptsCreations?: boolean
}

/** What is kept of an upload or a creation while it is on its way. */
type Probe = Pick<Lookup, 'isProbe' | 'check'>

/** The id of all uploads, in the place of a file's. */
const UPLOAD = 'upload'

/** How long an operation that the upstream does not offer is not asked for again. */
const UNSUPPORTED_MS = 60_000

/** What is asked of the upstream. */
export type Operations = Client & { readonly content: ContentSource }

/** The same, each of which fails at once, without a call, when a call would be useless. */
export type Guard = Operations & {
  /** The same for an upload, which is sent once, unless its failure and its success are to be ignored. */
  upload<T>(isExemptName: boolean, send: () => Promise<T>): Promise<T>
  /** Whether neither a window is open nor the upstream down. */
  isWell(): boolean
}

export function createGuard(
  client: Operations,
  { monotonicMs }: { readonly monotonicMs: () => number },
  { isExempt, exemptsCreations = false }: GuardOptions,
): Guard {
  const failures = createFailures(monotonicMs)
  /** Of all files, and in part of everything else. */
  const common = createBreaker(monotonicMs, failures.isSuspect)

  const lacks = {
    list: createLack(monotonicMs),
    delete: createLack(monotonicMs),
    content: createLack(monotonicMs),
  }
  const queries = { video: createFamily(), speech: createFamily() }
  const creations = { video: createFamily(), speech: createFamily() }
  const uploads = createFamily()

  /** The states of one operation, on tasks of one kind or with uploads. */
  function createFamily() {
    return { lack: createLack(monotonicMs), breaker: createBreaker(monotonicMs, failures.isSuspect) }
  }

  function ask<T>(id: string, lookup: Lookup, source: () => Promise<T>, own = common): Promise<T> {
    const refusal = common.refuse(true) ?? own.refuse(true) ?? failures.find(id) ?? own.begin(id, lookup)
    if (refusal) return Promise.reject(refusal)
    lookup.check = own === common ? own.check : toCheck(common, own)
    return source().then(
      (answer) => {
        succeed(id, own)
        return answer
      },
      (error: unknown) => {
        // A limit of ours, or an abandoned look-up, says nothing about the upstream.
        if (!(error instanceof FileError) || error.refused) throw error
        if (error.code !== 'FILE_NOT_FOUND' && error.code !== 'TASK_NOT_FOUND') throw fail(id, error, own)
        clear(own)
        // Of a file's look-up the cache keeps it, of a task's query whoever follows the task.
        const isKept = error.code === 'TASK_NOT_FOUND' || parseFileId(id) !== undefined
        throw isKept ? error : failures.remember(id, error)
      },
    )
  }

  function succeed(id: string, own: Breaker): void {
    failures.forget(id)
    clear(own)
  }

  /** The upstream answers. */
  function clear(own: Breaker): void {
    for (const other of own.succeed()) failures.suspect(other)
  }

  function fail(id: string, error: FileError, own: Breaker): FileError {
    own.fail(id, error)
    return failures.remember(id, error)
  }

  /**
   * An upload or a creation. One that failed says nothing of the next, but for what concerns the account. Of the files' state it
   * changes only what a probe finds out.
   */
  async function write<T>(id: string, own: Breaker, lookup: Probe, source: () => Promise<T>): Promise<T> {
    const refusal = common.refuse(true) ?? own.refuse(true) ?? common.begin(id, lookup, true)
    if (refusal) throw refusal
    lookup.check = toCheck(own, common)
    try {
      const answer = await source()
      own.succeed()
      if (lookup.isProbe) clear(common)
      return answer
    } catch (error) {
      // That bytes are not those that were announced is found out here, and says nothing of the upstream.
      if (!(error instanceof FileError) || error.refused || error.code === 'DIGEST_MISMATCH') throw error
      own.fail(id, error)
      if (lookup.isProbe && !isFault(error)) common.revive()
      throw error
    }
  }

  return {
    retrieve: (id, lookup) =>
      isExempt(id) ? client.retrieve(id, lookup) : ask(id, lookup, () => client.retrieve(id, lookup)),
    list: (purposeName, lookup) =>
      lacks.list(() => ask(`list ${purposeName ?? ''}`, lookup, () => client.list(purposeName, lookup))),
    delete: (id, purposeName, lookup) => {
      const source = () => client.delete(id, purposeName, lookup)
      return isExempt(id)
        ? source()
        : lacks.delete(() => ask(`delete ${id} ${purposeName ?? ''}`, lookup, source))
    },
    content: (id, call, lookup) => {
      const source = () => client.content(id, call, lookup)
      return isExempt(id) ? source() : lacks.content(() => ask(`content ${id}`, lookup, source))
    },
    query: (kind, id, lookup) =>
      queries[kind].lack(() =>
        ask(`${kind} ${id}`, lookup, () => client.query(kind, id, lookup), queries[kind].breaker),
      ),
    create: (order, price, lookup) => {
      const source = () => client.create(order, price, lookup)
      return exemptsCreations
        ? source()
        : creations[order.kind].lack(() =>
            write(`create ${order.kind}`, creations[order.kind].breaker, lookup, source),
          )
    },
    upload: (isExemptName, send) =>
      isExemptName
        ? send()
        : uploads.lack(() => write(UPLOAD, uploads.breaker, { isProbe: false, check: undefined }, send)),
    isWell: common.isWell,
  }
}

/** What is looked at again before a request is sent: of the first breaker its window, of the second all. */
function toCheck({ refuse }: Breaker, { check }: Breaker): NonNullable<Lookup['check']> {
  return (lookup) => {
    const late = refuse(true)
    if (late) throw late
    check(lookup)
  }
}

/** Remembers for a while that the upstream does not offer an operation. */
function createLack(monotonicMs: () => number): <T>(ask: () => Promise<T>) => Promise<T> {
  let untilMs = Number.NEGATIVE_INFINITY
  return async (ask) => {
    if (monotonicMs() < untilMs) throw new FileError('UPSTREAM_UNSUPPORTED', { refused: true })
    try {
      return await ask()
    } catch (error) {
      if (error instanceof FileError && error.code === 'UPSTREAM_UNSUPPORTED' && !error.refused)
        untilMs = monotonicMs() + UNSUPPORTED_MS
      throw error
    }
  }
}
