// What a failed look-up says about the next ones. About those of the same file: that it would fail again. About all: only
// what concerns all, such as a rate limit, a refused key or a dead upstream. While anybody succeeds, nobody is shut out.
import { FileError } from '../errors.js'
import type { FileId, Lookup } from '../file.js'
import type { Client } from './client.js'
import { createFailures } from './failures.js'

export type GuardOptions = {
  /** Of these files neither failures nor successes are taken note of. */
  readonly isExempt: (id: FileId) => boolean
}

/** So many files failed one after the other, and the upstream counts as down. */
const FILES_TO_OPEN = 10
/** Whoever succeeded so lately shows that a failure is not everybody's. */
const WELL_MS = 1000
/** While it is down, one look-up passes each second to see whether it is back. */
const PROBE_INTERVAL_MS = 1000
/** The probe is a file that has not failed lately; but if nobody asks for such a one for so long, it is any. */
const PROBE_PATIENCE_MS = 5000
/** A burst on a refused key or an empty balance is spared, and a mended account is soon noticed. */
const ACCOUNT_FAILURE_MS = 2000
/** No hint of the upstream's silences us for longer. */
const MAX_WINDOW_MS = 3_600_000

/** Stands where look-ups have their file. */
const UPLOAD = 'upload'
/** An operation that not every upstream has is not asked for again for so long. */
const UNSUPPORTED_MS = 60_000

/** Each operation fails at once, without a call, where the last ones showed that asking is useless. */
export type Guard = Client & {
  /** The same for an upload, which is a look-up of no file; what fails by its name alone is exempt. */
  upload<T>(isExempt: boolean, send: () => Promise<T>): Promise<T>
  /** Whether asking is of use, as far as the last look-ups showed. */
  isWell(): boolean
}

export function createGuard(
  client: Client,
  { monotonicMs }: { readonly monotonicMs: () => number },
  { isExempt }: GuardOptions,
): Guard {
  const failures = createFailures(monotonicMs)
  const account = createAccount(monotonicMs, failures.isSuspect)

  const lacks = {
    list: createLack(monotonicMs),
    delete: createLack(monotonicMs),
    upload: createLack(monotonicMs),
  }

  function ask<T>(id: string, lookup: Lookup, source: () => Promise<T>): Promise<T> {
    const refusal = account.refuse(true) ?? failures.find(id) ?? account.admit(id, lookup)
    if (refusal) return Promise.reject(refusal)
    // It may wait for its turn, or between two attempts, while others find out that asking is useless.
    lookup.check = () => {
      const late = account.refuse(lookup.isProbe)
      if (late) throw late
    }
    return source().then(
      (answer) => {
        succeed(id)
        return answer
      },
      (error: unknown) => {
        // A limit of ours, or a look-up that everybody left, says nothing of the upstream.
        if (!(error instanceof FileError) || error.refused) throw error
        if (error.code !== 'FILE_NOT_FOUND') throw fail(id, error)
        succeed(id)
        throw error
      },
    )
  }

  async function follow<T>(send: () => Promise<T>): Promise<T> {
    const refusal = account.refuse(false)
    if (refusal) throw refusal
    try {
      const answer = await send()
      succeed(UPLOAD)
      return answer
    } catch (error) {
      if (error instanceof FileError && !error.refused) account.fail(UPLOAD, error)
      throw error
    }
  }

  function succeed(id: string): void {
    failures.forget(id)
    for (const other of account.succeed()) failures.suspect(other)
  }

  function fail(id: string, error: FileError): FileError {
    account.fail(id, error)
    return failures.remember(id, error)
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
    upload: (isTrial, send) => (isTrial ? send() : lacks.upload(() => follow(send))),
    isWell: account.isWell,
  }
}

/** Whether the upstream has an operation at all: that it does not is remembered for a while, whatever it was asked for. */
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

/** What concerns all files: an open window, in which all fail alike, or an upstream that is down. */
function createAccount(monotonicMs: () => number, isSuspect: (id: string) => boolean) {
  let window: { readonly failure: FileError; readonly untilMs: number; readonly by: string } | undefined
  /** Of which all look-ups failed since the last that showed that the upstream is alive. */
  const failed = new Set<string>()
  let aliveMs = Number.NEGATIVE_INFINITY
  let goodMs = Number.NEGATIVE_INFINITY
  let probeAtMs = 0

  const isDown = (nowMs: number) => failed.size >= FILES_TO_OPEN && nowMs - aliveMs >= WELL_MS
  const mayProbe = (id: string, nowMs: number) =>
    nowMs >= probeAtMs && (!isSuspect(id) || nowMs >= probeAtMs + PROBE_PATIENCE_MS)

  /** What a request would end in now, if that is known. While the upstream is down only a probe may pass. */
  function refuse(isProbe: boolean): FileError | undefined {
    const nowMs = monotonicMs()
    if (window && window.untilMs > nowMs) return toRefusal(window.failure, window.untilMs - nowMs)
    if (isProbe || !isDown(nowMs)) return undefined
    return new FileError('UPSTREAM_UNAVAILABLE', { retryAfterSeconds: 1, refused: true })
  }

  function openWindow(id: string, failure: FileError, nowMs: number): void {
    const windowMs = toWindowMs(failure)
    if (windowMs === 0 || nowMs + windowMs <= (window?.untilMs ?? 0)) return
    // A rate limit is the account's, whoever meets it first. A refused key is, unless others are not refused.
    if (failure.code !== 'UPSTREAM_RATE_LIMITED' && (isSuspect(id) || nowMs - goodMs < WELL_MS)) return
    window = { failure, untilMs: nowMs + windowMs, by: id }
  }

  return {
    isWell: (): boolean => !isDown(monotonicMs()) && monotonicMs() >= (window?.untilMs ?? 0),
    refuse,
    /** The same for a look-up that begins; it may become the probe. */
    admit: (id: string, lookup: Lookup): FileError | undefined => {
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
    /** Gives back the files whose failures are shown to have been their own. */
    succeed: (): string[] => {
      aliveMs = goodMs = monotonicMs()
      const alone = [...failed]
      failed.clear()
      if (window === undefined || window.failure.code === 'UPSTREAM_RATE_LIMITED') return alone
      alone.push(window.by)
      window = undefined
      return alone
    },
  }
}

/** The failure once more, for somebody who was not let through. */
function toRefusal({ code, upstream, retryAfterSeconds }: FileError, leftMs: number): FileError {
  const isLimit = code === 'UPSTREAM_RATE_LIMITED'
  const seconds = isLimit ? Math.ceil(leftMs / 1000) : retryAfterSeconds
  return new FileError(code, { retryAfterSeconds: seconds, upstream, refused: true })
}

/** For how long a failure holds for the whole account; 0 for one of the file alone. */
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

/** Whether the upstream may be down. Any other answer, a refusal too, shows that it is alive. */
function isFault({ code }: FileError): boolean {
  return code === 'UPSTREAM_TIMEOUT' || code === 'UPSTREAM_UNAVAILABLE' || code === 'UPSTREAM_BAD_RESPONSE'
}
