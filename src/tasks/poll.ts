// One poll: takes the turn, asks the upstream how far the task is, and looks for its file once it has succeeded. Whatever
// comes out stands in the record afterwards, a failure too.

import type { After, Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { Call, FileId, Files, Lookup } from '../file.js'
import type { TaskReport, TaskSource } from '../task.js'
import { toPatient } from './asker.js'
import type { Record } from './record.js'
import { advance, isAwaiting, isOver, LATE_FILE_MS, type State } from './state.js'
import type { Sight, Turns } from './turns.js'

export type PollDependencies = {
  readonly source: TaskSource
  /** Looks for a file that is to be there soon. */
  readonly awaitFile: Files['await']
  readonly turns: Turns
  readonly clock: Clock
  readonly after: After
  /** When the upstream may be asked about a speech. */
  readonly pace: (deadlineMs: number) => Promise<void>
}

export type PollOptions = {
  /** Between two reports of a task, at first. */
  readonly pollMs: number
  /** The deadline of one report. */
  readonly timeoutMs: number
}

/** Whoever waits for another process looks again after so long, should its message not come through. */
const LOOK_MS = 200
/** For so long a task that nobody has heard of is not asked about again. */
const UNKNOWN_MS = 10_000
/** For so long the upstream may not know a task yet that was just created (assumed). */
const NEW_MS = 60_000

/** Rejects with faults of ours only. */
export function createPoll(
  { source, awaitFile, turns, clock, after, pace }: PollDependencies,
  { pollMs, timeoutMs }: PollOptions,
): (record: Record, call: Call) => Promise<void> {
  const { nowMs, monotonicMs } = clock

  /** Waits while another process is asking. `undefined` where that takes too long. */
  async function takeTurn(record: Record, deadlineMs: number): Promise<Sight | undefined> {
    for (;;) {
      const sight = await turns.take(record.key, record.state !== undefined)
      adopt(record, sight)
      if (sight.kind !== 'theirs') return sight
      if (monotonicMs() >= deadlineMs || record.isAbandoned) return undefined
      await pause(record, Math.min(sight.leftMs, LOOK_MS))
    }
  }

  function pause(record: Record, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        takeBack()
        record.stop = undefined
        record.wake = undefined
        resolve()
      }
      const takeBack = after(ms, end)
      record.stop = end
      record.wake = end
    })
  }

  async function ask(record: Record, call: Call, deadlineMs: number): Promise<State> {
    const { state: before } = record
    const isNamed = before !== undefined && isAwaiting(before) && before.report.fileId !== null
    const report = isNamed ? before.report : await query(record, call, deadlineMs)
    const state = advance(before, report, nowMs(), pollMs)
    return isAwaiting(state) && !record.isAbandoned ? settle(state, call) : state
  }

  async function query(record: Record, call: Call, deadlineMs: number): Promise<TaskReport> {
    if (record.kind === 'speech') await pace(deadlineMs)
    try {
      return await source(record.kind, record.id, toLookup(record, call, deadlineMs))
    } catch (error) {
      const { begunAtMs, report } = record.state ?? {}
      const isNew = begunAtMs != null && nowMs() - begunAtMs < NEW_MS
      if (isNew && report && error instanceof FileError && error.code === 'TASK_NOT_FOUND') return report
      throw error
    }
  }

  /** Whether the file is there. Some come later than the success that names them. */
  async function settle(state: State, call: Call): Promise<State> {
    const mayCome = await isMissing(state.report.fileId, call)
    const isLate = nowMs() - (state.succeededAtMs ?? 0) >= LATE_FILE_MS
    return { ...state, isSettled: !mayCome || isLate }
  }

  /** Whether it is not there, but may come. */
  async function isMissing(fileId: FileId | null, { asker, meter }: Call): Promise<boolean> {
    if (fileId === null) return true
    try {
      await awaitFile(fileId, { asker: toPatient(asker), meter }) // the answer is kept, though the client may have left
      return false
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      return error.retryable || error.code === 'FILE_NOT_FOUND'
    }
  }

  function succeed(record: Record, state: State, token: string): void {
    record.state = state
    record.failure = undefined
    record.rest(state.intervalMs)
    void turns.land(record.key, token, { state, restMs: state.intervalMs })
  }

  function fail(record: Record, error: FileError, token: string): void {
    const restMs = toRestMs(error, record.state?.intervalMs ?? pollMs)
    const failure = isOfUpstream(error) ? error : undefined
    record.failure = error
    record.rest(restMs)
    // Without a state and a failure to tell, the others have to ask by themselves.
    void turns.land(record.key, token, { failure, restMs: failure || record.state ? restMs : 0 })
  }

  return async (record, call) => {
    const deadlineMs = monotonicMs() + timeoutMs
    const sight = await takeTurn(record, deadlineMs)
    if (sight === undefined) record.failure = new FileError('UPSTREAM_TIMEOUT', { refused: true })
    if (sight?.kind !== 'ours') return
    const release = turns.hold(record.key, sight.token)
    try {
      succeed(record, await ask(record, call, deadlineMs), sight.token)
    } catch (error) {
      if (error instanceof FileError) return fail(record, error, sight.token)
      void turns.land(record.key, sight.token, { restMs: 0 })
      throw error
    } finally {
      release()
    }
  }
}

/** What others have found out counts, unless it is older than what is known here. */
function adopt(record: Record, { kind, state, failure, leftMs }: Sight): void {
  if (state && isNewer(state, record.state)) record.state = state
  if (kind !== 'rest' && kind !== 'over') return
  record.failure = failure
  record.rest(leftMs)
}

function isNewer(state: State, known: State | undefined): boolean {
  if (known === undefined || isOver(state)) return true
  return !isOver(known) && state.reportedAtMs >= known.reportedAtMs
}

/** Before it is sent it ends with the last who wants to know. */
function toLookup(record: Record, { asker: { requestId }, meter }: Call, deadlineMs: number): Lookup {
  return {
    requestId,
    meter,
    deadlineMs,
    isProbe: false,
    check: undefined,
    get isAbandoned() {
      return record.isAbandoned
    },
    get stop() {
      return record.stop
    },
    set stop(stop) {
      record.stop = stop
    },
  }
}

/** Nothing was asked where a limit of ours said no: that may be over at once. */
function toRestMs({ code, refused, retryAfterSeconds }: FileError, intervalMs: number): number {
  if (code === 'TASK_NOT_FOUND') return UNKNOWN_MS
  return refused ? 0 : Math.max(intervalMs, (retryAfterSeconds ?? 0) * 1000)
}

/** The limits, the deadlines and the connections of one process are its own. */
function isOfUpstream({ code, refused, upstream }: FileError): boolean {
  return !refused && (upstream !== null || code === 'TASK_NOT_FOUND' || code === 'UPSTREAM_BAD_RESPONSE')
}
