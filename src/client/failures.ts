// What was asked for lately and failed: whoever asks for it again is told so, without a call. A file's look-up goes by its
// id, other operations by a name of their own.
import { FileError } from '../errors.js'

export type Failures = {
  /** How asking would end, as far as the last time shows; `undefined` if it is time to try again. */
  find(id: string): FileError | undefined
  /** Takes note of a failure; gives it back with the time after which asking makes sense. */
  remember(id: string, error: FileError): FileError
  forget(id: string): void
  /** Takes note that others succeeded where this one failed. */
  suspect(id: string): void
  /** Whether what becomes of this one says little of the others: it has failed lately, or others succeeded beside it. */
  isSuspect(id: string): boolean
}

type Record = {
  readonly error: FileError
  readonly waitMs: number
  readonly untilMs: number
  isAlone: boolean
}

const FIRST_WAIT_MS = 1000
const MAX_WAIT_MS = 5000
/** A failure after so long a time is a new one. */
const LATELY_MS = 10_000
/** Whoever asks for more that fail pushes out the first of them. */
const MAX_RECORDS = 1000

export function createFailures(monotonicMs: () => number): Failures {
  const records = new Map<string, Record>()
  const isLate = ({ untilMs }: Record) => monotonicMs() - untilMs > LATELY_MS
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

/** What will not pass has no time after which it may. */
function toDetails({ upstream, retryable, retryAfterSeconds }: FileError, leftMs: number) {
  const seconds = Math.max(Math.ceil(leftMs / 1000), retryAfterSeconds ?? 0)
  return { upstream, retryAfterSeconds: retryable ? seconds : retryAfterSeconds }
}
