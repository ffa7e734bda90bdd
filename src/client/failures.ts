// Recent failures. Asking for the same again gets the same failure, without a call. The key is the file's id for a look-up, and
// a name such as `delete <id>` for other operations.
import { FileError } from '../errors.js'

export type Failures = {
  /** The failure to answer with; `undefined` if it is time to ask again. */
  find(id: string): FileError | undefined
  /** Stores a failure, and returns it with its `retryAfterSeconds`. */
  remember(id: string, error: FileError): FileError
  forget(id: string): void
  /** Marks a failure as the file's own, since other files succeeded. */
  suspect(id: string): void
  /** Whether it failed lately, or failed while others succeeded, so that its failures say little about others. */
  isSuspect(id: string): boolean
}

type Remembered = {
  readonly error: FileError
  readonly waitMs: number
  readonly untilMs: number
  isAlone: boolean
}

const FIRST_WAIT_MS = 1000
const MAX_WAIT_MS = 5000
/** A failure so long after the last one starts again with the first wait. */
const LATELY_MS = 10_000
/** Beyond this the oldest record is dropped. */
const MAX_RECORDS = 1000

export function createFailures(monotonicMs: () => number): Failures {
  const records = new Map<string, Remembered>()
  const isLate = ({ untilMs }: Remembered) => monotonicMs() - untilMs > LATELY_MS
  return {
    find: (id) => {
      const record = records.get(id)
      const leftMs = record ? record.untilMs - monotonicMs() : 0
      return record && leftMs > 0 ? toKnown(record.error, leftMs) : undefined
    },
    remember: (id, error) => {
      const last = records.get(id)
      const waitMs = last && !isLate(last) ? Math.min(last.waitMs * 2, MAX_WAIT_MS) : FIRST_WAIT_MS
      records.delete(id)
      records.set(id, { error, waitMs, untilMs: monotonicMs() + waitMs, isAlone: last?.isAlone === true })
      const [oldest] = records.keys()
      if (records.size > MAX_RECORDS && oldest !== undefined) records.delete(oldest)
      return new FileError(error.code, { ...toDetails(error, waitMs), cause: error.cause })
    },
    forget: (id) => void records.delete(id),
    suspect: (id) => {
      const record = records.get(id)
      if (record) record.isAlone = true
    },
    isSuspect: (id) => {
      const record = records.get(id)
      return record !== undefined && (record.isAlone || !isLate(record))
    },
  }
}

function toKnown(error: FileError, leftMs: number): FileError {
  return new FileError(error.code, { ...toDetails(error, leftMs), refused: true })
}

/** An error that is not retryable keeps its own `retryAfterSeconds`. */
function toDetails({ upstream, retryable, retryAfterSeconds }: FileError, leftMs: number) {
  const seconds = Math.max(Math.ceil(leftMs / 1000), retryAfterSeconds ?? 0)
  return { upstream, retryAfterSeconds: retryable ? seconds : retryAfterSeconds }
}
