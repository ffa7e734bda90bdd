// Tasks that are followed with time in the test's hand: timers go off when it says so, and each query is counted.
import { setImmediate as turn } from 'node:timers/promises'
import { FileError } from '../../src/errors.js'
import type { FileId, Files, Lookup } from '../../src/file.js'
import {
  parseTaskId,
  type Task,
  type TaskId,
  type TaskKind,
  type TaskReport,
  type TaskSource,
} from '../../src/task.js'
import { createTasks, type TaskDependencies } from '../../src/tasks/tasks.js'
import { CALL_MICRO_USD, createCall, createFakeClock, createFile } from './source.js'

export const POLL_MS = 10_000
export const toTaskId = (text: string) => parseTaskId(text) as TaskId
export const TASK = toTaskId('437030092800001')
export const FILE = '437030092900001' as FileId

/** Turns of the loop, in which whatever is not waiting for time goes on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn()
}

function createTime() {
  const clock = createFakeClock()
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()

  async function pass(ms: number): Promise<void> {
    const endMs = clock.monotonicMs() + ms
    await settle()
    for (;;) {
      const [next] = [...timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      timers.delete(next)
      clock.pass(Math.max(0, next.atMs - clock.monotonicMs()))
      next.callback()
      await settle()
    }
    clock.pass(endMs - clock.monotonicMs())
  }

  return {
    clock,
    pass,
    after: (ms: number, callback: () => void) => {
      const timer = { atMs: clock.monotonicMs() + ms, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    get timers() {
      return timers.size
    },
  }
}

export function toReport(fields: Partial<TaskReport> = {}): TaskReport {
  const nothing = { fileId: null, failure: null, width: null, height: null }
  return { status: 'PROCESSING', statusName: 'Processing', ...nothing, ...fields }
}

export const SUCCESS = toReport({
  status: 'SUCCEEDED',
  statusName: 'Success',
  fileId: FILE,
  width: 320,
  height: 180,
})

type Next = (id: TaskId, lookup: Lookup) => TaskReport | FileError | Promise<TaskReport | FileError>

/** What the upstream says of each task; `queries` has the time of each query, by the monotonic clock. */
export function createTaskSource(monotonicMs: () => number, next: Next = () => toReport()) {
  const queries: number[] = []
  const upstream = { next, queries }
  const source: TaskSource = async (_kind, id, lookup) => {
    queries.push(monotonicMs())
    lookup.meter.sent(0)
    const report = await upstream.next(id, lookup)
    if (report instanceof FileError) throw report
    return report
  }
  return { upstream, source }
}

/** Where the file is, or what is said instead. */
export function createFileSource() {
  const files = { looks: 0, next: (): FileError | undefined => undefined }
  const awaitFile: Files['await'] = async (id, { meter }) => {
    files.looks++
    meter.sent(CALL_MICRO_USD)
    const failure = files.next()
    if (failure) throw failure
    return { file: createFile(id), freshUntilMs: 0 }
  }
  return { files, awaitFile }
}

/** One process of its own, with nothing around it but what the test says. */
export function startTasks(next?: Next, dependencies: Partial<TaskDependencies> = {}) {
  const time = createTime()
  const { upstream, source } = createTaskSource(time.clock.monotonicMs, next)
  const { files, awaitFile } = createFileSource()
  const { clock, after } = time
  const tasks = createTasks(
    source,
    { awaitFile, clock, after, ...dependencies },
    { pollMs: POLL_MS, timeoutMs: 10_000 },
  )
  return {
    tasks,
    time,
    upstream,
    files,
    find: (id = TASK, kind: TaskKind = 'video') => tasks.find(kind, id, createCall()),
  }
}

/** Reads all that is told to one who follows; how it ended is there once it has. */
export function read(tasks: AsyncIterableIterator<Task>) {
  const told: Task[] = []
  const reader = { told, ended: undefined as 'complete' | FileError | undefined }
  const run = async () => {
    for await (const task of tasks) told.push(task)
  }
  void run().then(
    () => {
      reader.ended = 'complete'
    },
    (error) => {
      reader.ended = error
    },
  )
  return reader
}

export const statuses = (tasks: readonly Task[]) => tasks.map(({ status }) => status)
