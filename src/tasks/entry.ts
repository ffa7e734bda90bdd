// What stands of a task in the store that processes share. What is read from there is trusted no more than what comes over
// the network: whatever is off in any way counts as absent.
import { decodeFailure, encodeFailure, type FileError } from '../errors.js'
import { parseFileId } from '../file.js'
import type { TaskReport, TaskStatus } from '../task.js'
import { isOver, type State } from './state.js'

/** Far more than any has. */
export const MAX_ENTRY_BYTES = 4096
/** How the entry of a task begins that has ended: the script that reads it asks for no more. */
export const OVER = 'over'
const OPEN = 'open'

const STATUSES: ReadonlySet<unknown> = new Set<TaskStatus>([
  'PREPARING',
  'QUEUED',
  'PROCESSING',
  'SUCCEEDED',
  'FAILED',
  'EXPIRED',
  'OTHER',
])

export function encodeState(state: State): string {
  const { failure } = state.report
  const report = { ...state.report, failure: failure && encodeFailure(failure) }
  return `${isOver(state) ? OVER : OPEN}${JSON.stringify({ ...state, report })}`
}

/** The state, or `undefined` for what is none. */
export function decodeState(text: string): State | undefined {
  try {
    const raw = toMembers(JSON.parse(text.slice(OVER.length)))
    return {
      report: toReport(toMembers(raw.report)),
      usageCharacters: toCountOrNull(raw.usageCharacters),
      begunAtMs: toCountOrNull(raw.begunAtMs),
      succeededAtMs: toCountOrNull(raw.succeededAtMs),
      isSettled: raw.isSettled === true,
      reportedAtMs: toCount(raw.reportedAtMs),
      intervalMs: toCount(raw.intervalMs),
    }
  } catch {
    return undefined
  }
}

export function encodeError(error: FileError): string {
  return JSON.stringify(encodeFailure(error))
}

/** The failure, or `undefined` for what is none. */
export function decodeError(text: string): FileError | undefined {
  try {
    return decodeFailure(JSON.parse(text))
  } catch {
    return undefined
  }
}

type Members = Readonly<Record<string, unknown>>

function toReport({ status, statusName, fileId, failure, width, height }: Members): TaskReport {
  if (!STATUSES.has(status) || typeof statusName !== 'string') return fail()
  return {
    status: status as TaskStatus,
    statusName,
    fileId: fileId === null ? null : (parseFileId(fileId) ?? fail()),
    failure: failure === null ? null : decodeFailure(failure),
    width: toCountOrNull(width),
    height: toCountOrNull(height),
  }
}

function toMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : fail()
}

function toCountOrNull(value: unknown): number | null {
  return value === null ? null : toCount(value)
}

function toCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fail()
}

function fail(): never {
  throw new TypeError('What was read from the shared store is no task.')
}
