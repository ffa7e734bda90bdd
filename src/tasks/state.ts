// What is known of a task, and what clients are told of it: a pure function of what the upstream said and when.
import { isEnded, type Task, type TaskId, type TaskKind, type TaskReport } from '../task.js'

export type State = {
  /** What the upstream said last. */
  readonly report: TaskReport
  readonly usageCharacters: number | null
  /** Unix ms at which this server created it; `null` where it did not. */
  readonly begunAtMs: number | null
  /** Unix ms at which the upstream was seen to say that it has succeeded. */
  readonly succeededAtMs: number | null
  /** Whether its file was found, or is waited for no longer. Clients are not told of the success before. */
  readonly isSettled: boolean
  /** Unix ms of the report. */
  readonly reportedAtMs: number
  /** How long the next report is waited for. */
  readonly intervalMs: number
}

/** How much longer each interval is in which nothing changed. */
const GROWTH = 1.25
const MOST_GROWTH = 2
/** For so long the upstream may name no file of a task that has succeeded, or one that does not exist yet (assumed). */
export const LATE_FILE_MS = 60_000

const NOTHING = { fileId: null, failure: null, width: null, height: null }

/** A task that was just created here. */
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

/** After another report. */
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

/** Whether its file is waited for: to be found, or to be named at all. */
export function isAwaiting({ report, isSettled }: State): boolean {
  return report.status === 'SUCCEEDED' && !isSettled
}

/** Whether nothing will change any more. */
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

/** What makes another state of it for those who follow. */
export function toFace({ status, statusName, fileId, width, height, failure }: Task): string {
  return JSON.stringify([status, statusName, fileId, width, height, failure?.code])
}
