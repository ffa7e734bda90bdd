// Following tasks in one process: how often the upstream is asked, what is told of it, and when that ends.
import { describe, expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { TaskReport } from '../src/task.js'
import { createAsker, createCall } from './helpers/source.js'
import {
  FILE,
  POLL_MS,
  read,
  SUCCESS,
  settle,
  startTasks,
  statuses,
  TASK,
  toReport,
  toTaskId,
} from './helpers/tasks.js'

const seconds = ({ nextReportAtMs }: { nextReportAtMs: number | null }, nowMs: number) =>
  nextReportAtMs === null ? null : (nextReportAtMs - nowMs) / 1000

const FAILED = toReport({
  status: 'FAILED',
  statusName: 'Fail',
  failure: new FileError('UPSTREAM_CONTENT_REJECTED'),
})

describe('a task that is asked for', () => {
  it('is asked about once an interval, however many ask, and says when that will be', async () => {
    const { find, time, upstream } = startTasks()
    const first = await Promise.all(Array.from({ length: 200 }, () => find()))
    expect(new Set(first.map((task) => seconds(task, time.clock.nowMs())))).toEqual(new Set([10]))
    await time.pass(POLL_MS - 1)
    const last = await find()
    expect([seconds(last, time.clock.nowMs()), upstream.queries.length]).toEqual([0.001, 1])
    await time.pass(1)
    await Promise.all(Array.from({ length: 200 }, () => find()))
    expect(upstream.queries).toHaveLength(2)
  })

  it('is not asked about while nobody asks', async () => {
    const { find, time, upstream } = startTasks()
    await find()
    await time.pass(100 * POLL_MS)
    expect([upstream.queries.length, time.timers]).toEqual([1, 0])
  })

  it('counts each query for the operation that caused it, at no price', async () => {
    const { tasks } = startTasks()
    const calls = [createCall(), createCall()]
    await Promise.all(calls.map((call) => tasks.find('video', TASK, call)))
    expect(calls.map(({ sent, microUsd }) => [sent, microUsd])).toEqual([
      [1, 0],
      [0, 0],
    ])
  })

  it('is another one as a speech', async () => {
    const { find, upstream } = startTasks()
    expect([await find(TASK, 'video'), await find(TASK, 'speech')]).toMatchObject([
      { kind: 'video', id: TASK },
      { kind: 'speech', id: TASK },
    ])
    expect(upstream.queries).toHaveLength(2)
  })

  it.each([
    ['succeeded', SUCCESS, { status: 'SUCCEEDED', fileId: FILE, width: 320, failure: null }],
    ['failed', FAILED, { status: 'FAILED', fileId: null, failure: { code: 'UPSTREAM_CONTENT_REJECTED' } }],
    ['expired', toReport({ status: 'EXPIRED' }), { status: 'EXPIRED', fileId: null }],
  ])('that has %s is remembered for a day, and asked about no more', async (_, report, task) => {
    const { find, time, upstream } = startTasks(() => report)
    for (let hour = 0; hour < 24; hour++) {
      expect(await find()).toMatchObject({ ...task, nextReportAtMs: null })
      await time.pass(3_599_000)
    }
    expect(upstream.queries).toHaveLength(1)
    await time.pass(24_000)
    await find()
    expect(upstream.queries).toHaveLength(2)
  })

  it('does not end with a word that is new', async () => {
    const { find, time, upstream } = startTasks(() => toReport({ status: 'OTHER', statusName: 'Moderating' }))
    expect(await find()).toMatchObject({ status: 'OTHER', statusName: 'Moderating' })
    await time.pass(POLL_MS)
    upstream.next = () => SUCCESS
    expect(await find()).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('shows no file before it has succeeded, though the upstream names it', async () => {
    const { find } = startTasks(() => toReport({ fileId: FILE }))
    expect(await find()).toMatchObject({ status: 'PROCESSING', fileId: null })
  })

  it('nobody has heard of is asked about again after ten seconds, whatever the interval', async () => {
    const { find, time, upstream } = startTasks(() => new FileError('TASK_NOT_FOUND'))
    for (let i = 0; i < 3; i++) {
      await expect(find()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', retryAfterSeconds: null })
      await time.pass(3333)
    }
    expect(upstream.queries).toHaveLength(1)
    await time.pass(1)
    await expect(find()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    expect(upstream.queries).toHaveLength(2)
  })

  it('tells a failure that may pass until it is time to ask again, and no call before', async () => {
    const { find, time, upstream } = startTasks(() => new FileError('UPSTREAM_UNAVAILABLE'))
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfterSeconds: 10 })
    await time.pass(4000)
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfterSeconds: 6 })
    expect(upstream.queries).toHaveLength(1)
    await time.pass(6000)
    upstream.next = () => toReport()
    expect(await find()).toMatchObject({ status: 'PROCESSING' })
  })

  it('waits as long as the upstream says', async () => {
    const failure = new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 60 })
    const { find, time, upstream } = startTasks(() => failure)
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterSeconds: 60 })
    await time.pass(59_999)
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED' })
    expect(upstream.queries).toHaveLength(1)
  })

  it('waits as long as a limit of the upstream lasts that other tasks have met', async () => {
    const failure = new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 42, refused: true })
    const { find } = startTasks(() => failure)
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterSeconds: 42 })
  })

  it('shows what was known for ten minutes while asking fails in a way that may pass', async () => {
    const { find, time, upstream } = startTasks()
    await find()
    upstream.next = () => new FileError('UPSTREAM_TIMEOUT')
    for (let i = 0; i < 59; i++) {
      await time.pass(POLL_MS)
      expect(await find()).toMatchObject({ status: 'PROCESSING' })
    }
    await time.pass(2 * POLL_MS)
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
  })

  it('tells at once a failure that will not pass, whatever was known', async () => {
    const { find, time, upstream } = startTasks()
    await find()
    await time.pass(POLL_MS)
    upstream.next = () => new FileError('UPSTREAM_UNAUTHENTICATED')
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED' })
    await time.pass(POLL_MS)
    upstream.next = () => toReport()
    expect(await find()).toMatchObject({ status: 'PROCESSING' })
  })

  it('is asked about again at once where a limit of ours had said no', async () => {
    const { find, upstream } = startTasks(() => new FileError('UPSTREAM_UNAVAILABLE', { refused: true }))
    await expect(find()).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    upstream.next = () => toReport()
    expect(await find()).toMatchObject({ status: 'PROCESSING' })
  })

  it('passes a fault of ours on as it is', async () => {
    const bug = new TypeError('a bug')
    const { find } = startTasks(() => Promise.reject(bug))
    await expect(find()).rejects.toBe(bug)
    await expect(find()).rejects.toBe(bug)
  })

  it('lets a client go that leaves, and asks nothing that nobody waits for', async () => {
    let stopped = false
    const { tasks, time } = startTasks(
      (_, lookup) =>
        new Promise((_resolve, reject) => {
          lookup.stop = () => {
            stopped = lookup.isAbandoned
            reject(new FileError('UPSTREAM_UNAVAILABLE', { refused: true }))
          }
        }),
    )
    const askers = [createAsker(), createAsker()]
    const asked = askers.map((asker) => tasks.find('video', TASK, createCall(asker)))
    await settle()
    askers[0]?.leave()
    await expect(asked[0]).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    expect(stopped).toBe(false)
    askers[1]?.leave()
    await expect(asked[1]).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await settle()
    expect([stopped, askers[1]?.callbacks.size, time.timers]).toEqual([true, 0, 0])
  })

  it('is not asked about for a client that has left before', async () => {
    const { tasks, upstream } = startTasks()
    const left = createCall(createAsker(true))
    await expect(tasks.find('video', TASK, left)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    await settle()
    expect(upstream.queries).toHaveLength(0)
    await tasks.find('video', TASK, createCall())
    expect(await tasks.find('video', TASK, left)).toMatchObject({ id: TASK }) // what is known costs nothing
    expect(upstream.queries).toHaveLength(1)
  })

  it('is one of ten thousand that are remembered: the one that nobody asked for longest goes first', async () => {
    const { find, upstream } = startTasks(() => SUCCESS)
    for (let id = 1; id <= 10_000; id++) await find(toTaskId(String(id)))
    await find(toTaskId('1'))
    await find(toTaskId('10001'))
    expect(upstream.queries).toHaveLength(10_001)
    await find(toTaskId('1'))
    expect(upstream.queries).toHaveLength(10_001)
    await find(toTaskId('2'))
    expect(upstream.queries).toHaveLength(10_002)
  })
})

describe('a task that is followed', () => {
  it('shows its present state, then each other one, and ends', async () => {
    const { tasks, time, upstream } = startTasks(() => toReport({ status: 'QUEUED', statusName: 'Queueing' }))
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(3 * POLL_MS)
    expect(statuses(reader.told)).toEqual(['QUEUED'])
    upstream.next = () => toReport()
    await time.pass(2 * POLL_MS)
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    expect([statuses(reader.told), reader.ended]).toEqual([['QUEUED', 'PROCESSING', 'SUCCEEDED'], 'complete'])
    const before = upstream.queries.length
    await time.pass(100 * POLL_MS)
    expect([upstream.queries.length - before, time.timers]).toEqual([0, 0])
  })

  it('is asked about once an interval by 50 who follow and 200 who ask; each sees the end', async () => {
    const { tasks, find, time, upstream } = startTasks()
    const readers = Array.from({ length: 50 }, () => read(tasks.follow('video', TASK, createCall())))
    const asked: Promise<unknown>[] = []
    for (let second = 0; second < 100; second++) {
      for (let client = 0; client < 200; client++) asked.push(find())
      await time.pass(1000)
    }
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    await Promise.all(asked)
    const gaps = upstream.queries.slice(1).map((atMs, at) => atMs - (upstream.queries[at] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(POLL_MS)
    expect(readers.map(({ told, ended }) => [told.at(-1)?.status, ended])).toEqual(
      Array(50).fill(['SUCCEEDED', 'complete']),
    )
    expect(await find()).toMatchObject({ status: 'SUCCEEDED' })
  })

  it('is asked about less often while nothing changes, down to half', async () => {
    const { tasks, time, upstream } = startTasks()
    read(tasks.follow('video', TASK, createCall()))
    await time.pass(12 * POLL_MS)
    const gaps = () => upstream.queries.slice(1).map((atMs, at) => atMs - (upstream.queries[at] ?? 0))
    expect(gaps()).toEqual([10_000, 12_500, 15_625, 19_531, 20_000, 20_000, 20_000])
    upstream.next = () => toReport({ status: 'OTHER', statusName: 'Moderating' })
    await time.pass(POLL_MS * 4)
    expect(gaps().slice(7)).toEqual([20_000, 10_000])
  })

  it('goes on through failures that may pass, of which nobody is told', async () => {
    const { tasks, time, upstream } = startTasks()
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(1)
    upstream.next = () => new FileError('UPSTREAM_TIMEOUT')
    await time.pass(3 * POLL_MS)
    upstream.next = () => FAILED
    await time.pass(2 * POLL_MS)
    expect([statuses(reader.told), reader.ended]).toEqual([['PROCESSING', 'FAILED'], 'complete'])
  })

  it('begins with a failure that may pass by waiting', async () => {
    const { tasks, time, upstream } = startTasks(
      () => new FileError('UPSTREAM_UNAVAILABLE', { refused: true }),
    )
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(1)
    expect([reader.told, reader.ended, upstream.queries.length]).toEqual([[], undefined, 1])
    upstream.next = () => SUCCESS
    await time.pass(999)
    expect(statuses(reader.told)).toEqual(['SUCCEEDED'])
  })

  it('ends with a failure that will not pass, for each who follows', async () => {
    const { tasks, time, upstream } = startTasks()
    const readers = [1, 2].map(() => read(tasks.follow('video', TASK, createCall())))
    await time.pass(1)
    upstream.next = () => new FileError('UPSTREAM_UNSUPPORTED')
    await time.pass(POLL_MS)
    expect(readers.map(({ ended }) => ended)).toMatchObject([
      { code: 'UPSTREAM_UNSUPPORTED' },
      { code: 'UPSTREAM_UNSUPPORTED' },
    ])
    expect(time.timers).toBe(0)
  })

  it('is unknown at once where it was unknown just now', async () => {
    const { tasks, find, upstream } = startTasks(() => new FileError('TASK_NOT_FOUND'))
    await find().catch(() => {})
    const reader = read(tasks.follow('video', TASK, createCall()))
    await settle()
    expect(reader.ended).toMatchObject({ code: 'TASK_NOT_FOUND' })
    expect(upstream.queries).toHaveLength(1)
  })

  it('ends with a fault of ours', async () => {
    const bug = new TypeError('a bug')
    const { tasks } = startTasks(() => Promise.reject(bug))
    const reader = read(tasks.follow('video', TASK, createCall()))
    await settle()
    expect(reader.ended).toBe(bug)
  })

  it('that has ended is shown once, without a query', async () => {
    const { tasks, find, upstream } = startTasks(() => SUCCESS)
    await find()
    const reader = read(tasks.follow('video', TASK, createCall()))
    await settle()
    expect([statuses(reader.told), reader.ended, upstream.queries.length]).toEqual([
      ['SUCCEEDED'],
      'complete',
      1,
    ])
  })

  it('is asked about no more once the last has left or stopped', async () => {
    const { tasks, time, upstream } = startTasks()
    const asker = createAsker()
    const left = read(tasks.follow('video', TASK, createCall(asker)))
    const stopped = tasks.follow('video', TASK, createCall())
    await stopped.next()
    const waiting = stopped.next()
    asker.leave()
    await settle()
    expect([left.ended, asker.callbacks.size, time.timers]).toEqual(['complete', 0, 1])
    await stopped.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await time.pass(10 * POLL_MS)
    expect([upstream.queries.length, time.timers]).toEqual([1, 0])
  })

  it('is not followed by whoever has left before', async () => {
    const { tasks, time, upstream } = startTasks()
    const reader = read(tasks.follow('video', TASK, createCall(createAsker(true))))
    await time.pass(POLL_MS)
    expect([reader.ended, upstream.queries.length]).toEqual(['complete', 0])
  })

  it('shows the newest state alone to one who is slow to read', async () => {
    const { tasks, time, upstream } = startTasks()
    const slow = tasks.follow('video', TASK, createCall())
    await time.pass(1)
    for (const statusName of ['a', 'b', 'c']) {
      upstream.next = () => toReport({ statusName })
      await time.pass(2 * POLL_MS)
    }
    expect((await slow.next()).value).toMatchObject({ statusName: 'c' })
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    expect((await slow.next()).value).toMatchObject({ status: 'SUCCEEDED' })
    expect(await slow.next()).toEqual({ done: true, value: undefined })
  })
})

describe('a task whose file comes late', () => {
  const notFound = () => new FileError('FILE_NOT_FOUND')

  it('is still being processed until its file is there, and is not asked about for that', async () => {
    const { tasks, find, time, upstream, files } = startTasks(() => SUCCESS)
    files.next = notFound
    const reader = read(tasks.follow('video', TASK, createCall()))
    for (let at = 0; at < 20; at++) {
      const task = await find()
      expect(task).toMatchObject({
        status: 'PROCESSING',
        statusName: 'Processing',
        fileId: null,
        width: null,
      })
      expect(seconds(task, time.clock.nowMs())).toBeGreaterThan(0)
      await time.pass(1000)
    }
    files.next = () => undefined
    await time.pass(POLL_MS)
    expect([statuses(reader.told), reader.ended]).toEqual([['PROCESSING', 'SUCCEEDED'], 'complete'])
    expect(reader.told[1]).toMatchObject({ statusName: 'Success', fileId: FILE, width: 320, height: 180 })
    expect([upstream.queries.length, files.looks]).toEqual([1, 3])
  })

  it('has succeeded after a minute, whatever becomes of the file', async () => {
    const { tasks, time, files } = startTasks(() => SUCCESS)
    files.next = notFound
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(57_000)
    expect(statuses(reader.told)).toEqual(['PROCESSING'])
    await time.pass(3 * POLL_MS)
    expect([statuses(reader.told), reader.ended]).toEqual([['PROCESSING', 'SUCCEEDED'], 'complete'])
  })

  it('is asked about again for a minute while the upstream names no file', async () => {
    const { tasks, find, time, upstream } = startTasks(() => ({ ...SUCCESS, fileId: null }))
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(2 * POLL_MS)
    expect(await find()).toMatchObject({ status: 'PROCESSING', fileId: null })
    upstream.next = () => SUCCESS
    await time.pass(2 * POLL_MS)
    expect([statuses(reader.told), reader.ended]).toEqual([['PROCESSING', 'SUCCEEDED'], 'complete'])
    expect(reader.told[1]).toMatchObject({ fileId: FILE })
  })

  it('has succeeded without a file where none was named within a minute', async () => {
    const { tasks, find, time, upstream } = startTasks(() => ({ ...SUCCESS, fileId: null }))
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(10 * POLL_MS)
    expect([statuses(reader.told), reader.ended]).toEqual([['PROCESSING', 'SUCCEEDED'], 'complete'])
    const queries = upstream.queries.length
    await time.pass(10 * POLL_MS)
    expect(await find()).toMatchObject({ status: 'SUCCEEDED', fileId: null, nextReportAtMs: null })
    expect(upstream.queries).toHaveLength(queries)
  })

  it('waits as well for a look-up that fails in a way that may pass, but for no other', async () => {
    const { find, time, files } = startTasks(() => SUCCESS)
    files.next = () => new FileError('UPSTREAM_TIMEOUT')
    expect(await find()).toMatchObject({ status: 'PROCESSING' })
    files.next = () => new FileError('UPSTREAM_FORBIDDEN')
    await time.pass(POLL_MS)
    expect(await find()).toMatchObject({ status: 'SUCCEEDED', fileId: FILE })
  })

  it('is looked for on behalf of whoever caused it', async () => {
    const { tasks } = startTasks(() => SUCCESS)
    const call = createCall()
    await tasks.find('video', TASK, call)
    expect([call.sent, call.microUsd]).toEqual([2, 4000])
  })

  it('is not looked for once nobody waits', async () => {
    const asker = createAsker()
    const { tasks, files } = startTasks(async () => {
      asker.leave()
      return SUCCESS
    })
    await tasks.find('video', TASK, createCall(asker)).catch(() => {})
    await settle()
    expect(files.looks).toBe(0)
  })
})

describe('a task that was just created', () => {
  it('is being prepared, as nobody needs to ask for', async () => {
    const { tasks, find, time, upstream } = startTasks()
    const begun = tasks.begin('speech', TASK, 101)
    expect(begun).toMatchObject({ kind: 'speech', id: TASK, status: 'PREPARING', usageCharacters: 101 })
    await time.pass(POLL_MS - 1)
    expect(await find(TASK, 'speech')).toMatchObject({ status: 'PREPARING', usageCharacters: 101 })
    expect(upstream.queries).toHaveLength(0)
    await time.pass(1)
    expect(await find(TASK, 'speech')).toMatchObject({ status: 'PROCESSING', usageCharacters: 101 })
  })

  it('stays as far as it is when its creation is told once more', async () => {
    const { tasks, find, time, upstream } = startTasks(() => SUCCESS)
    tasks.begin('video', TASK, null)
    await time.pass(POLL_MS)
    await find()
    expect(tasks.begin('video', TASK, null)).toMatchObject({ status: 'SUCCEEDED', nextReportAtMs: null })
    expect(await find()).toMatchObject({ status: 'SUCCEEDED' })
    expect(upstream.queries).toHaveLength(1)
  })

  it('is there, though the upstream has not heard of it in the first minute', async () => {
    const { tasks, time } = startTasks(() => new FileError('TASK_NOT_FOUND'))
    tasks.begin('video', TASK, null)
    const reader = read(tasks.follow('video', TASK, createCall()))
    await time.pass(59_000)
    expect([statuses(reader.told), reader.ended]).toEqual([['PREPARING'], undefined])
    await time.pass(2 * POLL_MS)
    expect(reader.ended).toMatchObject({ code: 'TASK_NOT_FOUND' })
  })
})

describe('speech tasks', () => {
  const ids = Array.from({ length: 40 }, (_, at) => toTaskId(String(1000 + at)))
  const mostInASecond = (times: readonly number[]) =>
    Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length))

  it('are asked about eight times a second at most, all together', async () => {
    const { tasks, time, upstream } = startTasks()
    for (const id of ids) read(tasks.follow('speech', id, createCall()))
    await time.pass(60_000)
    expect(new Set(upstream.queries).size).toBe(upstream.queries.length)
    expect(upstream.queries.length).toBeGreaterThan(3 * ids.length)
    expect(mostInASecond(upstream.queries)).toBeLessThanOrEqual(8)
  })

  it('are refused at once where their turn would come too late', async () => {
    const { find, time } = startTasks()
    const many = Array.from({ length: 100 }, (_, at) => find(toTaskId(String(at + 1)), 'speech'))
    const outcomes = Promise.allSettled(many)
    await time.pass(POLL_MS)
    const refused = (await outcomes).filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(20)
    expect(refused[0]).toMatchObject({
      reason: { code: 'UPSTREAM_RATE_LIMITED', refused: true, retryable: true },
    })
  })

  it('do not hold up videos', async () => {
    const { find, upstream } = startTasks()
    const asked = Array.from({ length: 30 }, (_, at) => find(toTaskId(String(at + 1)), 'video'))
    await Promise.all(asked)
    expect(upstream.queries).toHaveLength(30)
  })
})

it('remembers what was seen of a task after many others that nobody follows any more', async () => {
  const { tasks, find, time, upstream } = startTasks((id): TaskReport => (id === TASK ? toReport() : SUCCESS))
  const reader = read(tasks.follow('video', TASK, createCall()))
  await settle()
  for (let id = 1; id <= 10_001; id++) await find(toTaskId(String(id)))
  upstream.next = () => SUCCESS
  await time.pass(2 * POLL_MS)
  expect(reader.ended).toBe('complete')
})
