// What is known of a task, and what clients are shown of it. Pure functions of the upstream's reports and their times.
import { isEnded, type Task, type TaskId, type TaskKind, type TaskReport } from '../task.js'

export type State = {
  /** The upstream's last report. */
  readonly report: TaskReport
  readonly usageCharacters: number | null
  /** When this server created the task, in Unix ms; `null` if it did not. */
  readonly begunAtMs: number | null
  /** When a report first said that the task has succeeded, in Unix ms. */
  readonly succeededAtMs: number | null
  /** Whether its file was found, or is no longer waited for. Until then clients are shown `PROCESSING`. */
  readonly isSettled: boolean
  /** The time of the report, in Unix ms. */
  readonly reportedAtMs: number
  /** How long to wait before the next poll. */
  readonly intervalMs: number
}

/** The interval grows by this factor each time that nothing has changed, up to twice its first length. */
const GROWTH = 1.25
const MOST_GROWTH = 2
/** How long the file of a task that has succeeded may be missing or unnamed (assumed). */
export const LATE_FILE_MS = 60_000

const NOTHING = { fileId: null, failure: null, width: null, height: null }

/** The state of a task that this server has just created. */
export function toBegun(usageCharacters: number | null, nowMs: number, intervalMs: number): State {
  return {
    report: { ...NOTHING, status: 'PREPARING', statusName: 'Preparing' },
    usageCharacters,
    begunAtMs: nowMs,
    succeededAtMs: null,
    isSettled: false,
    reportedAtMs: nowMs,
    intervalMs,
  }
}

/** The state after another report. */
export function advance(before: State | undefined, report: TaskReport, nowMs: number, baseMs: number): State {
  const isNew = before?.report.status !== report.status || before.report.statusName !== report.statusName
  const grownMs = Math.min((before?.intervalMs ?? baseMs) * GROWTH, baseMs * MOST_GROWTH)
  return {
    report,
    usageCharacters: before?.usageCharacters ?? null,
    begunAtMs: before?.begunAtMs ?? null,
    succeededAtMs: report.status === 'SUCCEEDED' ? (before?.succeededAtMs ?? nowMs) : null,
    isSettled: before?.isSettled ?? false,
    reportedAtMs: nowMs,
    intervalMs: isNew ? baseMs : Math.round(grownMs),
  }
}

/** Whether the task has succeeded, but its file is still waited for. */
export function isAwaiting({ report, isSettled }: State): boolean {
  return report.status === 'SUCCEEDED' && !isSettled
}

/** Whether the state will not change any more. */
export function isOver(state: State): boolean {
  return isEnded(state.report) && !isAwaiting(state)
}

/** As clients see it. */
export function toTask(kind: TaskKind, id: TaskId, state: State, nextReportAtMs: number): Task {
  const { report, usageCharacters } = state
  const told: TaskReport = isAwaiting(state)
    ? { ...NOTHING, status: 'PROCESSING', statusName: 'Processing' }
    : { ...report, fileId: report.status === 'SUCCEEDED' ? report.fileId : null }
  return { ...told, kind, id, usageCharacters, nextReportAtMs: isOver(state) ? null : nextReportAtMs }
}

/** Followers are told of a state only if this differs from the last one. */
export function toFace({ status, statusName, fileId, width, height, failure }: Task): string {
  return JSON.stringify([status, statusName, fileId, width, height, failure?.code])
}
