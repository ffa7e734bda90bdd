// Tasks as they are written to Redis for other processes. What is read from there is checked like answers of the network: whatever
// is wrong in any way counts as absent.
import { decodeFailure, encodeFailure, type FileError } from '../errors.js'
import { parseFileId } from '../file.js'
import { fail, orNull, toCount, toMembers, toText } from '../narrow.js'
import { TASK_STATUSES, type TaskReport } from '../task.js'
import { isOver, type State } from './state.js'

/** An entry takes less than 1 KiB. */
export const MAX_ENTRY_BYTES = 4096
/** The first word of an entry: whether the task has ended. Scripts read nothing else of it. Both are equally long. */
export const OVER = 'over'
const OPEN = 'open'

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
      report: toReport(raw.report),
      usageCharacters: orNull(raw.usageCharacters, toCount),
      begunAtMs: orNull(raw.begunAtMs, toCount),
      succeededAtMs: orNull(raw.succeededAtMs, toCount),
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

function toReport(value: unknown): TaskReport {
  const { status, statusName, fileId, failure, width, height } = toMembers(value)
  return {
    status: TASK_STATUSES.find((each) => each === status) ?? fail(),
    statusName: toText(statusName),
    fileId: orNull(fileId, (id) => parseFileId(id) ?? fail()),
    failure: orNull(failure, decodeFailure),
    width: orNull(width, toCount),
    height: orNull(height, toCount),
  }
}
