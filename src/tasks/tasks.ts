// Following tasks: each is asked about once an interval, however many wait for it and in however many processes, and never
// again once it has ended. Nobody is asked about whom nobody wants to know.

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
  /** Between the processes that share a Redis. */
  readonly turns?: Turns | undefined
  /** Of those that ask about speeches, between the same processes. */
  readonly queue?: Queue | undefined
}

export type FollowedTasks = Tasks & {
  /** How many tasks somebody follows. */
  readonly followed: () => number
}

/** Of tasks that are remembered: what nobody asked about for longest goes first. A few megabytes. */
const MAX_RECORDS = 10_000
/** Those who follow do not hurry where a poll failed before anything was sent. */
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

  /** Joins the poll that is under way, or starts one, which counts for whoever started it. */
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

  /** For those who follow. What fails by a fault of ours they have been told. */
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
      // Whoever comes again with the key of a creation may come long after it.
      if (record.state === undefined) {
        record.state = toBegun(usageCharacters, clock.nowMs(), options.pollMs)
        record.rest(options.pollMs)
        void turns.land(record.key, '', { state: record.state, restMs: options.pollMs })
      }
      return record.toTask()
    },
  }
}

/** What the record says, to each who follows. A failure that may pass is not worth a word. */
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
      records.set(key, record) // the last to be forgotten
      if (records.size > MAX_RECORDS) forgetOne()
      return record
    },
  }
}
