// Queries and subscriptions of tasks. A task is polled once an interval, however many clients and processes ask for it; not at all
// while nobody asks, and not again once it has ended.
import type { After, Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { Call, Files } from '../file.js'
import type { Task, TaskId, TaskKind, TaskSource, Tasks } from '../task.js'
import { Follower } from './follower.js'
import { createPace, type Queue } from './pace.js'
import { createPoll, type PollOptions } from './poll.js'
import { Record, toKey, toLeft } from './record.js'
import { toBegun } from './state.js'
import { noTurns, type Turns } from './turns.js'

export type TaskDependencies = {
  readonly awaitFile: Files['await']
  readonly clock: Clock
  readonly after: After
  /** Which process polls, if several share a Redis. */
  readonly turns?: Turns | undefined
  /** The pace at which these processes ask about speech tasks. */
  readonly queue?: Queue | undefined
}

export type FollowedTasks = Tasks & {
  /** The number of tasks with followers. */
  readonly followed: () => number
}

/** How many tasks are remembered: a few megabytes. The one that nobody asked for longest is forgotten first. */
const MAX_RECORDS = 10_000
/** The shortest time between two polls for followers, also after one that failed before anything was sent. */
const MIN_PAUSE_MS = 1000

export function createTasks(
  source: TaskSource,
  { awaitFile, clock, after, turns = noTurns, queue }: TaskDependencies,
  options: PollOptions,
): FollowedTasks {
  const records = createRecords(clock)
  const pace = createPace({ monotonicMs: clock.monotonicMs, after, queue })
  const poll = createPoll({ source, awaitFile, turns, clock, after, pace }, options)
  const minPauseMs = Math.min(MIN_PAUSE_MS, options.pollMs)

  /** Joins the poll that is under way, or starts one. It counts for the operation that started it. */
  function refresh(record: Record, call: Call): Promise<void> {
    record.polling ??= poll(record, call)
      .then(
        () => tell(record),
        (error: unknown) => {
          for (const follower of record.followers) follower.fail(error)
          throw error
        },
      )
      .finally(() => {
        record.polling = undefined
        arm(record)
      })
    return record.polling
  }

  /** Polls for the followers. A fault of ours has been told to them already. */
  function refreshFor(record: Record): void {
    const [first] = record.followers
    if (first) refresh(record, first.call).catch(() => {})
  }

  function arm(record: Record): void {
    record.disarm()
    if (record.followers.size === 0) return
    const pauseMs = Math.max(record.dueMs - clock.monotonicMs(), minPauseMs)
    record.disarm = after(pauseMs, () => refreshFor(record))
  }

  turns.onLanding((key) => {
    const record = records.peek(key)
    if (record?.wake) record.wake()
    else if (record) refreshFor(record)
  })

  return {
    followed: () => records.count(({ followers }) => followers.size > 0),
    find: async (kind, id, call) => {
      const record = records.get(kind, id)
      if (record.isKnown) return record.toTask()
      if (call.asker.hasLeft) throw toLeft()
      await record.wait(refresh(record, call), call.asker)
      return record.toTask()
    },
    follow: (kind, id, call) => {
      const record = records.get(kind, id)
      const follower = new Follower(call, () => {
        record.followers.delete(follower)
        record.letGo()
      })
      record.followers.add(follower)
      if (call.asker.hasLeft) void follower.return()
      else if (!record.isKnown) refreshFor(record)
      else {
        tell(record)
        if (record.polling === undefined) arm(record)
      }
      return follower
    },
    begin: (kind, id, usageCharacters) => {
      const record = records.get(kind, id)
      record.failure = undefined
      // A client may come again with the key of its creation when more is known of the task.
      if (record.state === undefined) {
        record.state = toBegun(usageCharacters, clock.nowMs(), options.pollMs)
        record.rest(options.pollMs)
        void turns.land(record.key, '', { state: record.state, restMs: options.pollMs })
      }
      return record.toTask()
    },
  }
}

/** Tells each follower the state of the record, or a failure that is not retryable. */
function tell(record: Record): void {
  const told = read(record)
  for (const follower of record.followers) {
    if (!(told instanceof FileError)) follower.tell(told)
    else if (!told.retryable) follower.fail(told)
  }
}

function read(record: Record): Task | FileError {
  try {
    return record.toTask()
  } catch (error) {
    if (error instanceof FileError) return error
    throw error
  }
}

function createRecords(clock: Clock) {
  const records = new Map<string, Record>()

  function forgetOne(): void {
    for (const [key, record] of records) {
      if (!record.isAbandoned || record.polling !== undefined) continue
      records.delete(key)
      return
    }
  }

  return {
    peek: (key: string) => records.get(key),
    count: (isCounted: (record: Record) => boolean) => [...records.values()].filter(isCounted).length,
    get: (kind: TaskKind, id: TaskId): Record => {
      const key = toKey(kind, id)
      const record = records.get(key) ?? new Record(kind, id, clock)
      records.delete(key)
      records.set(key, record) // now the last to be forgotten
      if (records.size > MAX_RECORDS) forgetOne()
      return record
    },
  }
}
