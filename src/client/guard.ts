// Decides whether a look-up may begin, by what the last ones met. (persist.ts decides about the attempts of one look-up.)
//
// | state             | entered by                                   | then fail without a call      | left by                       |
// | ----------------- | -------------------------------------------- | ----------------------------- | ----------------------------- |
// | a file fails      | any failure of the file but FILE_NOT_FOUND   | its look-ups                  | 1 s, doubling to 5 s          |
// | a window is open  | a rate limit                                 | all look-ups                  | as long as the upstream says  |
// | a window is open  | a refused key, no balance, no quota          | all look-ups                  | 2 s, or any success           |
// | upstream is down  | 10 files in a row, and 1 s without an answer | all but one probe a second    | any answer that is no fault   |
//
// A file is suspect if it failed lately, or failed while others succeeded. A suspect file does not count towards the ten, opens
// no window but that of a rate limit, and is not used as a probe. So the failures of one file do not shut out the others.
import type { ContentSource } from '../bytes.js'
import { FileError } from '../errors.js'
import { type FileId, type Lookup, parseFileId } from '../file.js'
import type { TaskKind } from '../task.js'
import type { Client } from './client.js'
import { createFailures } from './failures.js'

export type GuardOptions = {
  /** Files whose failures and successes are ignored. */
  readonly isExempt: (id: FileId) => boolean
  /** The same for creations, whatever they are of. */
  readonly exemptsCreations?: boolean
}

/** After failures of so many different files in a row, the upstream counts as down. */
const FILES_TO_OPEN = 10
/** A success within this time shows that a failure does not concern everyone. */
const WELL_MS = 1000
/** While the upstream is down, one look-up a second passes as a probe. */
const PROBE_INTERVAL_MS = 1000
/** Suspect files are not used as probes, unless no other file is asked for within this time. */
const PROBE_PATIENCE_MS = 5000
/** Long enough to spare a burst of useless calls, short enough to notice a corrected account soon. */
const ACCOUNT_FAILURE_MS = 2000
/** The longest window, whatever the upstream asks for. */
const MAX_WINDOW_MS = 3_600_000

/** Takes the place of a file in the state of the account. */
const UPLOAD = 'upload'

/** How long an operation that the upstream does not offer is not asked for again. */
const UNSUPPORTED_MS = 60_000

/** What is asked of the upstream. */
export type Operations = Client & { readonly content: ContentSource }

/** The same, each of which fails at once, without a call, when a call would be useless. */
export type Guard = Operations & {
  /** The same for an upload, which is asked for once. What fails by its name alone is exempt. */
  upload<T>(isExempt: boolean, send: () => Promise<T>): Promise<T>
  /** Whether neither a window is open nor the upstream down. */
  isWell(): boolean
}

export function createGuard(
  client: Operations,
  { monotonicMs }: { readonly monotonicMs: () => number },
  { isExempt, exemptsCreations = false }: GuardOptions,
): Guard {
  const failures = createFailures(monotonicMs)
  const account = createAccount(monotonicMs, failures.isSuspect)

  const lacks = {
    list: createLack(monotonicMs),
    delete: createLack(monotonicMs),
    upload: createLack(monotonicMs),
    content: createLack(monotonicMs),
  }
  const queries = { video: createFamily(), speech: createFamily() }
  const creations = { video: createFamily(), speech: createFamily() }

  /** Tasks have limits of their own: many creations a minute are none of the files' business. */
  function createFamily() {
    return { lack: createLack(monotonicMs), account: createAccount(monotonicMs, failures.isSuspect) }
  }

  function ask<T>(id: string, lookup: Lookup, source: () => Promise<T>, own = account): Promise<T> {
    const refusal = account.refuse(true) ?? own.refuse(true) ?? failures.find(id) ?? own.begin(id, lookup)
    if (refusal) return Promise.reject(refusal)
    lookup.check = own.check
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

  async function follow<T>(send: () => Promise<T>): Promise<T> {
    const refusal = account.refuse(false)
    if (refusal) throw refusal
    try {
      const answer = await send()
      succeed(UPLOAD, account)
      return answer
    } catch (error) {
      if (error instanceof FileError && !error.refused) account.fail(UPLOAD, error)
      throw error
    }
  }

  function succeed(id: string, own: Account): void {
    failures.forget(id)
    clear(own)
  }

  /** The upstream answers. */
  function clear(own: Account): void {
    for (const other of own.succeed()) failures.suspect(other)
  }

  function fail(id: string, error: FileError, own: Account): FileError {
    own.fail(id, error)
    return failures.remember(id, error)
  }

  /** One that failed says nothing of the next, but for what concerns the account. None is dear enough to be a probe. */
  async function create<T>(kind: TaskKind, lookup: Lookup, source: () => Promise<T>): Promise<T> {
    const own = creations[kind].account
    const check = () => {
      const refusal = account.refuse(true) ?? own.refuse(true)
      if (refusal) throw refusal
    }
    check()
    lookup.check = check
    try {
      return await source()
    } catch (error) {
      if (error instanceof FileError && !error.refused) own.fail(`create ${kind}`, error)
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
        ask(`${kind} ${id}`, lookup, () => client.query(kind, id, lookup), queries[kind].account),
      ),
    create: (order, price, lookup) => {
      const source = () => client.create(order, price, lookup)
      return exemptsCreations
        ? source()
        : creations[order.kind].lack(() => create(order.kind, lookup, source))
    },
    upload: (isTrial, send) => (isTrial ? send() : lacks.upload(() => follow(send))),
    isWell: account.isWell,
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

type Account = ReturnType<typeof createAccount>

const NONE: readonly string[] = []

/** The states that concern all files, or all tasks of a kind: the window, and whether the upstream is down. */
function createAccount(monotonicMs: () => number, isSuspect: (id: string) => boolean) {
  let window: { readonly failure: FileError; readonly untilMs: number; readonly by: string } | undefined
  /** Files that failed since the last sign of life. */
  const failed = new Set<string>()
  let aliveMs = Number.NEGATIVE_INFINITY
  let goodMs = Number.NEGATIVE_INFINITY
  let probeAtMs = 0

  const isDown = (nowMs: number) => failed.size >= FILES_TO_OPEN && nowMs - aliveMs >= WELL_MS
  const mayProbe = (id: string, nowMs: number) =>
    nowMs >= probeAtMs && (!isSuspect(id) || nowMs >= probeAtMs + PROBE_PATIENCE_MS)

  /** The failure that a look-up would end in now; `undefined` if it may pass. */
  function refuse(isProbe: boolean): FileError | undefined {
    const nowMs = monotonicMs()
    if (window && window.untilMs > nowMs) return toRefusal(window.failure, window.untilMs - nowMs)
    if (isProbe || !isDown(nowMs)) return undefined
    return new FileError('UPSTREAM_UNAVAILABLE', { retryAfterSeconds: 1, refused: true })
  }

  function openWindow(id: string, failure: FileError, nowMs: number): void {
    const windowMs = toWindowMs(failure)
    if (windowMs === 0 || nowMs + windowMs <= (window?.untilMs ?? 0)) return
    // A rate limit always concerns the account. Another failure does only if no other file has just succeeded.
    if (failure.code !== 'UPSTREAM_RATE_LIMITED' && (isSuspect(id) || nowMs - goodMs < WELL_MS)) return
    window = { failure, untilMs: nowMs + windowMs, by: id }
  }

  return {
    isWell: (): boolean => !isDown(monotonicMs()) && monotonicMs() >= (window?.untilMs ?? 0),
    refuse,
    /** Called again before each request is sent, since others may fail while this one is queued or pauses. */
    check: ({ isProbe }: Lookup): void => {
      const late = refuse(isProbe)
      if (late) throw late
    },
    /** The same for a look-up that begins. It may become the probe. */
    begin: (id: string, lookup: Lookup): FileError | undefined => {
      const nowMs = monotonicMs()
      lookup.isProbe = isDown(nowMs) && mayProbe(id, nowMs)
      if (lookup.isProbe) probeAtMs = nowMs + PROBE_INTERVAL_MS
      return refuse(lookup.isProbe)
    },
    fail: (id: string, error: FileError): void => {
      const nowMs = monotonicMs()
      openWindow(id, error, nowMs)
      if (!isFault(error)) {
        aliveMs = nowMs
        failed.clear()
      } else if (!isSuspect(id) && failed.size < FILES_TO_OPEN) {
        failed.add(id)
        probeAtMs = nowMs
      }
    },
    /** Returns the files whose failures now turn out to be their own. */
    succeed: (): readonly string[] => {
      aliveMs = goodMs = monotonicMs()
      if (failed.size === 0 && window === undefined) return NONE
      const alone = [...failed]
      failed.clear()
      if (window === undefined || window.failure.code === 'UPSTREAM_RATE_LIMITED') return alone
      alone.push(window.by)
      window = undefined
      return alone
    },
  }
}

/** The failure, for a look-up that is refused because of it. */
function toRefusal({ code, upstream, retryAfterSeconds }: FileError, leftMs: number): FileError {
  const isLimit = code === 'UPSTREAM_RATE_LIMITED'
  const seconds = isLimit ? Math.ceil(leftMs / 1000) : retryAfterSeconds
  return new FileError(code, { retryAfterSeconds: seconds, upstream, refused: true })
}

/** How long a failure holds for the whole account; 0 if it concerns the file alone. */
function toWindowMs({ code, retryAfterSeconds }: FileError): number {
  switch (code) {
    case 'UPSTREAM_RATE_LIMITED':
      return Math.min((retryAfterSeconds ?? 0) * 1000, MAX_WINDOW_MS)
    case 'UPSTREAM_UNAUTHENTICATED':
    case 'UPSTREAM_INSUFFICIENT_BALANCE':
    case 'UPSTREAM_QUOTA_EXCEEDED':
      return ACCOUNT_FAILURE_MS
    default:
      return 0
  }
}

/** Whether the failure may mean that the upstream is down. Any other answer, even a refusal, is a sign of life. */
function isFault({ code }: FileError): boolean {
  return code === 'UPSTREAM_TIMEOUT' || code === 'UPSTREAM_UNAVAILABLE' || code === 'UPSTREAM_BAD_RESPONSE'
}
