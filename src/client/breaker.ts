// The states that concern all files, or all tasks of a kind: whether a window is open, and whether the upstream is down. guard.ts
// has the table.
import { FileError } from '../errors.js'
import type { Lookup } from '../file.js'
import { isFault } from './failure.js'

/** After failures of so many different files in a row, the upstream counts as down. */
const FILES_TO_OPEN = 10
/** A success within this time shows that a failure does not concern everyone. */
const WELL_MS = 1000
/** While the upstream is down, one look-up a second passes as a probe. */
const PROBE_INTERVAL_MS = 1000
/** The last resort is a probe once no better one has come for so long. */
const PROBE_PATIENCE_MS = 5000
/** Long enough to spare a burst of useless calls, short enough to notice a corrected account soon. */
const ACCOUNT_FAILURE_MS = 2000
/** The longest window, whatever the upstream asks for. */
const MAX_WINDOW_MS = 3_600_000

export type Breaker = ReturnType<typeof createBreaker>

const NONE: readonly string[] = []

/** `isSuspect`: whether the failures of a file say little about others. */
export function createBreaker(monotonicMs: () => number, isSuspect: (id: string) => boolean) {
  let window: { readonly failure: FileError; readonly untilMs: number; readonly by: string } | undefined
  /** Files that failed since the last sign of life. */
  const failed = new Set<string>()
  let aliveMs = Number.NEGATIVE_INFINITY
  let goodMs = Number.NEGATIVE_INFINITY
  let probeAtMs = 0

  const isDown = (nowMs: number) => failed.size >= FILES_TO_OPEN && nowMs - aliveMs >= WELL_MS
  const mayProbe = (isLastResort: boolean, nowMs: number) =>
    nowMs >= probeAtMs + (isLastResort ? PROBE_PATIENCE_MS : 0)

  /** The failure that a request would end in now; `undefined` if it may pass. */
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

  /** Any answer that is no fault shows that the upstream is not down. */
  function revive(): void {
    aliveMs = monotonicMs()
    failed.clear()
  }

  return {
    isWell: (): boolean => !isDown(monotonicMs()) && monotonicMs() >= (window?.untilMs ?? 0),
    refuse,
    revive,
    /** Called again before each request is sent, since others may fail while this one is queued or pauses. */
    check: ({ isProbe }: Lookup): void => {
      const late = refuse(isProbe)
      if (late) throw late
    },
    /** The same for one that begins. It may become the probe. */
    begin: (
      id: string,
      lookup: Pick<Lookup, 'isProbe'>,
      isLastResort = isSuspect(id),
    ): FileError | undefined => {
      const nowMs = monotonicMs()
      lookup.isProbe = isDown(nowMs) && mayProbe(isLastResort, nowMs)
      if (lookup.isProbe) probeAtMs = nowMs + PROBE_INTERVAL_MS
      return refuse(lookup.isProbe)
    },
    fail: (id: string, error: FileError): void => {
      const nowMs = monotonicMs()
      openWindow(id, error, nowMs)
      if (!isFault(error)) revive()
      else if (!isSuspect(id) && failed.size < FILES_TO_OPEN) {
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
