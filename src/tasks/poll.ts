// One poll of a task: takes the turn, asks the upstream for its status, and looks up its file once it has succeeded. The result, or
// the failure, is written to the record.
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
  /** Looks up a file that should be there soon. */
  readonly awaitFile: Files['await']
  readonly turns: Turns
  readonly clock: Clock
  readonly after: After
  /** Resolves when the upstream may be asked about a speech task. */
  readonly pace: (deadlineMs: number) => Promise<void>
}

export type PollOptions = {
  /** The time between two polls of a task, before it grows. */
  readonly pollMs: number
  /** The deadline of one poll. */
  readonly timeoutMs: number
}

/** A process that waits for another one looks again after so long, in case its message is lost. */
const LOOK_MS = 200
/** How long an unknown task is not asked about again. */
const UNKNOWN_MS = 10_000
/** How long the upstream may not know a new task yet (assumed). */
const NEW_MS = 60_000

/** Rejects only with what is not a `FileError`: a fault of ours. */
export function createPoll(
  { source, awaitFile, turns, clock, after, pace }: PollDependencies,
  { pollMs, timeoutMs }: PollOptions,
): (record: Record, call: Call) => Promise<void> {
  const { nowMs, monotonicMs } = clock

  /** Waits while another process is asking. `undefined` if that takes too long. */
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

  /** Looks up the file: some come later than the success that names them. */
  async function settle(state: State, call: Call): Promise<State> {
    const mayCome = await isMissing(state.report.fileId, call)
    const isLate = nowMs() - (state.succeededAtMs ?? 0) >= LATE_FILE_MS
    return { ...state, isSettled: !mayCome || isLate }
  }

  /** Whether the file is not there yet, but may still come. */
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
    // If there is neither a state nor a failure to show, other processes may ask at once.
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

/** Takes over what Redis says, unless this process knows something newer. */
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

/** Until the query is sent, it is abandoned when the last waiter and follower has left. */
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

/** How long nobody asks after a failure. Not at all if a limit of ours refused the query: the limit may be over at once. */
function toRestMs({ code, refused, retryAfterSeconds }: FileError, intervalMs: number): number {
  if (code === 'TASK_NOT_FOUND') return UNKNOWN_MS
  return refused ? 0 : Math.max(intervalMs, (retryAfterSeconds ?? 0) * 1000)
}

/** Only what the upstream said is told to other processes: limits, deadlines and connections are a process's own. */
function isOfUpstream({ code, refused, upstream }: FileError): boolean {
  return !refused && (upstream !== null || code === 'TASK_NOT_FOUND' || code === 'UPSTREAM_BAD_RESPONSE')
}
