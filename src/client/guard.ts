// What one failed look-up says about the next ones: a rate limit, a refused key and a dead upstream concern every
// file of the account, so the upstream is spared the calls and the user their price.
import { FileError } from '../errors.js'
import type { FileId, FileSource } from '../file.js'

export type GuardOptions = {
  /** Which account a look-up belongs to, out of few; failures of one account leave the others alone. */
  readonly toAccount: (id: FileId) => string
}

/** So many failures in a row, and the upstream counts as down. */
const FAILURES_TO_OPEN = 10
/** While it is down, one look-up passes each second to see whether it is back. */
const PROBE_INTERVAL_MS = 1000
/** A burst on a refused key or an empty balance is spared, and a mended account is soon noticed. */
const ACCOUNT_FAILURE_MS = 2000
/** No hint of the upstream's silences us for longer. */
const MAX_WINDOW_MS = 3_600_000

export type Guard = {
  /** Fails at once, without a call, where the last look-ups showed that asking is useless. */
  readonly files: FileSource
  /** Whether asking is of use, as far as the last look-ups of this account showed. */
  isWell(account: string): boolean
}

export function createGuard(
  source: FileSource,
  { monotonicMs }: { readonly monotonicMs: () => number },
  { toAccount }: GuardOptions,
): Guard {
  const accounts = new Map<string, Account>()
  const find = (name: string) => {
    const account = accounts.get(name) ?? createAccount()
    accounts.set(name, account)
    return account
  }
  const files: FileSource = async (id, call) => {
    const account = find(toAccount(id))
    const isProbe = account.admit(monotonicMs())
    try {
      // It may wait for its turn, or between two attempts, while others find out that asking is useless.
      const onTurn = () => account.refuse(monotonicMs(), isProbe)
      const answer = await source(id, { ...call, isProbe, onTurn })
      account.settle(undefined, monotonicMs())
      return answer
    } catch (error) {
      // A caller who left, or a limit of ours, says nothing of the upstream.
      const isTheirs = error instanceof FileError && !error.refused && !call.signal.aborted
      if (isTheirs) account.settle(error, monotonicMs())
      throw error
    }
  }
  return { files, isWell: (name) => find(name).isWell(monotonicMs()) }
}

type Account = {
  /** Whether any request would be let through. */
  isWell(nowMs: number): boolean
  /** Throws what a request would end in now, if that is known. While the upstream is down only a probe may pass. */
  refuse(nowMs: number, isProbe: boolean): void
  /** Throws likewise for a look-up that begins; tells whether it is to be the probe. */
  admit(nowMs: number): boolean
  /** Learns from how a look-up ended. */
  settle(error: FileError | undefined, nowMs: number): void
}

function createAccount(): Account {
  let window: { readonly failure: FileError; readonly untilMs: number } | undefined
  let failuresInARow = 0
  let probeAtMs = 0
  const isDown = () => failuresInARow >= FAILURES_TO_OPEN
  const refuse = (nowMs: number, isProbe: boolean) => {
    if (window && window.untilMs > nowMs) throw toRefusal(window.failure, window.untilMs - nowMs)
    if (isDown() && !isProbe)
      throw new FileError('UPSTREAM_UNAVAILABLE', { retryAfterSeconds: 1, refused: true })
  }
  return {
    isWell: (nowMs) => !isDown() && nowMs >= (window?.untilMs ?? 0),
    refuse,
    admit: (nowMs) => {
      const isProbe = isDown() && nowMs >= probeAtMs
      refuse(nowMs, isProbe)
      if (isProbe) probeAtMs = nowMs + PROBE_INTERVAL_MS
      return isProbe
    },
    settle: (error, nowMs) => {
      const windowMs = error === undefined ? 0 : toWindowMs(error)
      if (error && windowMs > 0 && nowMs + windowMs > (window?.untilMs ?? 0)) {
        window = { failure: error, untilMs: nowMs + windowMs }
      }
      if (!isFault(error)) failuresInARow = 0
      else if (++failuresInARow === FAILURES_TO_OPEN) probeAtMs = nowMs + PROBE_INTERVAL_MS
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
function isFault(error: FileError | undefined): boolean {
  const code = error?.code
  return code === 'UPSTREAM_TIMEOUT' || code === 'UPSTREAM_UNAVAILABLE' || code === 'UPSTREAM_BAD_RESPONSE'
}
