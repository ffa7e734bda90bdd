// Following tasks in several processes on one Redis: one of them asks, and all know.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { TaskId, TaskKind } from '../src/task.js'
import { createQueue } from '../src/tasks/shared-pace.js'
import { createTasks } from '../src/tasks/tasks.js'
import { createTurns } from '../src/tasks/turns.js'
import { PATIENT } from './helpers/patience.js'
import { openRedis, type RedisServer, startRedis, withoutRedis } from './helpers/redis.js'
import { createCall } from './helpers/source.js'
import {
  createFileSource,
  createTaskSource,
  FILE,
  read,
  SUCCESS,
  statuses,
  TASK,
  toReport,
  toTaskId,
} from './helpers/tasks.js'

const PREFIX = 'mff:test'
const POLL_MS = 150
const LEASE_MS = 300
const KEY = `${PREFIX}:tasks:video:${TASK}`

const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }
const after = (ms: number, callback: () => void) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

let processes = 0

/** One process of several. It is patient with Redis, since it is counted what they do together. */
async function openProcess(
  url: string,
  shared = createTaskSource(clock.monotonicMs),
  patience: object = PATIENT,
  leaseMs = LEASE_MS,
) {
  const redis = openRedis(url, { restMs: 200, ...patience })
  await redis.tried
  const { upstream, source } = shared
  const { files, awaitFile } = createFileSource()
  const own = { queries: 0 }
  const turns = createTurns(redis, after, { prefix: PREFIX, owner: `p${++processes}`, leaseMs })
  const tasks = createTasks(
    (...query) => {
      own.queries++
      return source(...query)
    },
    { awaitFile, clock, after, turns, queue: createQueue(redis, PREFIX) },
    { pollMs: POLL_MS, timeoutMs: 20_000 },
  )
  const find = (kind: TaskKind = 'video', id: TaskId = TASK) => tasks.find(kind, id, createCall())
  return { tasks, find, files, upstream, own, redis }
}

async function openProcesses(server: RedisServer, count: number, leaseMs = LEASE_MS) {
  const shared = createTaskSource(clock.monotonicMs)
  const open = () => openProcess(server.url, shared, PATIENT, leaseMs)
  const opened = await Promise.all(Array.from({ length: count }, open))
  const [first, second] = opened
  if (!first || !second) throw new Error('There are two at least.')
  return { first, second, opened, upstream: shared.upstream }
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await delay(10)
}

const toCode = (found: Promise<unknown>) =>
  found.then(
    () => 'OK',
    ({ code }: FileError) => code,
  )

describe.skipIf(withoutRedis)('a task that several processes want to know of', () => {
  it('is asked about once an interval for 200 who ask and 50 who follow; all see the end, and none asks again', async () => {
    const server = await startRedis()
    const { opened, upstream } = await openProcesses(server, 2)
    const readers = opened.flatMap(({ tasks }) =>
      Array.from({ length: 25 }, () => read(tasks.follow('video', TASK, createCall()))),
    )
    while (upstream.queries.length < 5) {
      await Promise.all(opened.flatMap(({ find }) => Array.from({ length: 100 }, () => find())))
      await delay(15)
    }
    upstream.next = () => SUCCESS
    await until(() => readers.every(({ ended }) => ended !== undefined))
    expect(readers.map(({ ended, told }) => [ended, told.at(-1)?.fileId])).toEqual(
      Array(50).fill(['complete', FILE]),
    )
    const gaps = upstream.queries.slice(1).map((atMs, at) => atMs - (upstream.queries[at] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThan(POLL_MS - 5)
    const asked = upstream.queries.length
    const late = await openProcess(server.url)
    for (const { find } of [...opened, late])
      expect(await find()).toMatchObject({
        status: 'SUCCEEDED',
        fileId: FILE,
        width: 320,
        nextReportAtMs: null,
      })
    expect([upstream.queries.length, late.own.queries]).toEqual([asked, 0])
    expect(opened.map(({ files }) => files.looks).sort()).toEqual([0, 1])
  })

  it('is asked about by another when the one that was asking is gone', async () => {
    const server = await startRedis()
    const gone = await openProcess(server.url)
    gone.upstream.next = () => new Promise(() => {})
    const stays = await openProcess(server.url)
    void gone.find().catch(() => {})
    await until(() => gone.own.queries === 1)
    await gone.redis.close() // it renews its turn no more
    const reader = read(stays.tasks.follow('video', TASK, createCall()))
    await until(() => reader.told.length > 0)
    expect([statuses(reader.told), stays.own.queries]).toEqual([['PROCESSING'], 1])
  })

  it('is waited for where another is asking for long', async () => {
    const server = await startRedis()
    // As long as in production: on a busy machine a process may come late to renew its lease.
    const { first, second, upstream } = await openProcesses(server, 2, 3000)
    let answer = () => {}
    upstream.next = () =>
      new Promise((resolve) => {
        answer = () => resolve(toReport({ statusName: 'at last' }))
      })
    const found = [first.find()]
    await until(() => upstream.queries.length === 1)
    found.push(second.find())
    let renewals = 0
    let last = 0
    await until(async () => {
      const leftMs = Number(await server.send('PTTL', `${KEY}:turn`))
      if (leftMs > last) renewals++
      last = leftMs
      return renewals > 4
    })
    answer()
    expect((await Promise.all(found)).map(({ statusName }) => statusName)).toEqual(['at last', 'at last'])
    expect(upstream.queries).toHaveLength(1)
  })

  it('is asked about by each that is left alone: without Redis, and again together when it is back', async () => {
    const server = await startRedis()
    const { first, second } = await openProcesses(server, 2)
    const readers = [first, second].map(({ tasks }) => read(tasks.follow('video', TASK, createCall())))
    await until(() => readers.every(({ told }) => told.length > 0))
    await server.kill()
    const before = [first.own.queries, second.own.queries] as const
    await until(() => first.own.queries > before[0] + 1 && second.own.queries > before[1] + 1)
    await server.start()
    await until(() => first.redis.isWell() && second.redis.isWell())
    first.upstream.next = () => SUCCESS
    await until(() => readers.every(({ ended }) => ended === 'complete'))
    expect(readers.map(({ told }) => told.at(-1)?.status)).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  })

  it('is found though Redis hangs', async () => {
    const server = await startRedis()
    const { find, own } = await openProcess(server.url, undefined, { deadlineMs: 50 })
    server.freeze()
    expect(await find()).toMatchObject({ status: 'PROCESSING' })
    server.thaw()
    expect(own.queries).toBe(1)
  })

  it('is unknown to all when it was unknown to one', async () => {
    const server = await startRedis()
    const { first, second, upstream } = await openProcesses(server, 2)
    upstream.next = () => new FileError('TASK_NOT_FOUND')
    await expect(first.find()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    await expect(second.find()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    expect(upstream.queries).toHaveLength(1)
  })

  it('fails for all when the upstream says so, but by the limits of one for that one only', async () => {
    const server = await startRedis()
    const { first, second, upstream } = await openProcesses(server, 2)
    const said = { httpStatus: 200, statusCode: 1002, statusMessage: 'rate limit', traceId: null }
    upstream.next = () => new FileError('UPSTREAM_TIMEOUT')
    await expect(first.find()).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' })
    upstream.next = () => new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 60, upstream: said })
    await expect(second.find()).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', upstream: said })
    await until(async () => (await toCode(first.find())) === 'UPSTREAM_RATE_LIMITED')
    await expect(first.find()).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterSeconds: 60 })
    expect(upstream.queries).toHaveLength(2)
  })

  it('that one has created is known to the others, with what it was charged for', async () => {
    const server = await startRedis()
    const { first, second, upstream } = await openProcesses(server, 2)
    first.tasks.begin('speech', TASK, 101)
    await until(async () => (await server.send('EXISTS', `${PREFIX}:tasks:speech:${TASK}:turn`)) === 1)
    expect(await second.find('speech')).toMatchObject({ status: 'PREPARING', usageCharacters: 101 })
    expect(upstream.queries).toHaveLength(0)
    await until(async () => (await second.find('speech')).status === 'PROCESSING')
    expect(await second.find('speech')).toMatchObject({ usageCharacters: 101 })
  })

  it('stays as far as it is for all when another tells of its creation once more', async () => {
    const server = await startRedis()
    const { first, second, upstream } = await openProcesses(server, 2)
    upstream.next = () => SUCCESS
    await first.find()
    await until(async () => (await server.send('EXISTS', KEY)) === 1)
    second.tasks.begin('video', TASK, null)
    await second.redis.close() // what was sent has been answered
    const third = await openProcess(server.url)
    expect(await third.find()).toMatchObject({ status: 'SUCCEEDED' })
    expect(third.own.queries).toBe(0)
  })

  it('whose file comes late is waited for by whoever has the turn, and by no query', async () => {
    const server = await startRedis()
    const { first, second, upstream } = await openProcesses(server, 2)
    upstream.next = () => SUCCESS
    first.files.next = () => new FileError('FILE_NOT_FOUND')
    expect(await first.find()).toMatchObject({ status: 'PROCESSING', fileId: null })
    await until(async () => (await second.find()).status === 'SUCCEEDED')
    expect(await second.find()).toMatchObject({ fileId: FILE })
    expect([upstream.queries.length, second.files.looks]).toEqual([1, 1])
  })

  const over = (report: object) =>
    `over${JSON.stringify({ ...STATE, report: { ...STATE.report, ...report } })}`

  it.each<[string, string[][]]>([
    ['an entry of another make', [['SET', KEY, 'over{"v":2}']]],
    ['an entry that is no JSON', [['SET', KEY, 'over{']]],
    ['an entry of another type', [['HSET', KEY, 'a', 'b']]],
    ['an entry without end', [['SET', KEY, `over${'x'.repeat(5000)}`]]],
    ['a status that there is not', [['SET', KEY, over({ status: 'GONE' })]]],
    ['a file id that is none', [['SET', KEY, over({ fileId: '1e3' })]]],
    ['a size below zero', [['SET', KEY, over({ width: -1 })]]],
    ['a failure that there is not', [['SET', KEY, over({ failure: { code: 'OH' } })]]],
    ['a turn of another type', [['HSET', `${KEY}:turn`, 'a', 'b']]],
    ['a turn without end', [['SET', `${KEY}:turn`, 'p0.1']]],
    ['a rest beyond all measure', [['SET', `${KEY}:turn`, 'rest', 'PX', '99999999']]],
    ['a rest with nothing to see', [['SET', `${KEY}:turn`, 'rest', 'PX', '60000']]],
    [
      'a rest with an entry of another make',
      [
        ['SET', KEY, 'open{"v":2}'],
        ['SET', `${KEY}:turn`, 'rest', 'PX', '60000'],
      ],
    ],
    ['a rest with a failure of another make', [['SET', `${KEY}:turn`, '{"v":2}', 'PX', '60000']]],
  ])('is asked about where the store holds %s', async (_name, commands) => {
    const server = await startRedis()
    for (const command of commands) await server.send(...command)
    const { find, own } = await openProcess(server.url)
    expect(await find()).toMatchObject({ status: 'PROCESSING', statusName: 'Processing' })
    expect(own.queries).toBe(1)
  })

  it.each(['open', 'over'])(
    'is asked about by one process only where an entry (%s) cannot be read',
    async (how) => {
      const server = await startRedis()
      await server.send('SET', KEY, `${how}{"v":2}`)
      await server.send('SET', `${KEY}:turn`, 'rest', 'PX', '60000')
      const { opened, upstream } = await openProcesses(server, 2, 60_000)
      upstream.next = () => SUCCESS
      const tasks = await Promise.all(opened.map(({ find }) => find()))
      expect(tasks.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED'])
      expect(upstream.queries).toHaveLength(1)
    },
  )

  it('is believed to have ended where the store says so in the right form', async () => {
    const server = await startRedis()
    await server.send('SET', KEY, over({}))
    const { find, own } = await openProcess(server.url)
    expect(await find()).toMatchObject({ status: 'FAILED', failure: { code: 'UPSTREAM_CONTENT_REJECTED' } })
    expect(own.queries).toBe(0)
  })

  it('leaves nothing in the store that lasts longer than a day', async () => {
    const server = await startRedis()
    const { find, upstream } = await openProcess(server.url)
    await find()
    upstream.next = () => SUCCESS
    await until(async () => (await find()).status === 'SUCCEEDED')
    let keys: string[] = []
    await until(async () => {
      keys = (await server.send('KEYS', '*')) as string[]
      return keys.join() === KEY
    })
    const lives = await Promise.all(keys.map((key) => server.send('PTTL', key)))
    expect(Math.max(...lives.map(Number))).toBeLessThanOrEqual(86_400_000)
    expect(Math.min(...lives.map(Number))).toBeGreaterThan(0)
  })
})

const STATE = {
  report: {
    ...toReport({ status: 'FAILED', statusName: 'Fail' }),
    failure: {
      code: 'UPSTREAM_CONTENT_REJECTED',
      retryAfterSeconds: null,
      upstream: { httpStatus: 200, statusCode: 1026, statusMessage: 'sensitive', traceId: null },
    },
  },
  usageCharacters: null,
  begunAtMs: null,
  succeededAtMs: null,
  isSettled: false,
  reportedAtMs: 0,
  intervalMs: POLL_MS,
}

describe.skipIf(withoutRedis)('speech tasks in several processes', () => {
  const ids = Array.from({ length: 12 }, (_, at) => toTaskId(String(at + 1)))

  it('are asked about eight times a second at most, all together', async () => {
    const server = await startRedis()
    const { opened, upstream } = await openProcesses(server, 2)
    const startMs = clock.monotonicMs()
    await Promise.all(ids.map((id, at) => opened[at % 2]?.find('speech', id)))
    const lastMs = Math.max(...upstream.queries) - startMs
    expect([upstream.queries.length, lastMs > (ids.length - 1) * 125 - 5]).toEqual([ids.length, true])
  })

  it('each go at the pace of their process without Redis', async () => {
    const server = await startRedis()
    const { first, second } = await openProcesses(server, 2)
    await server.kill()
    const found = await Promise.all([first.find('speech'), second.find('speech', toTaskId('2'))])
    expect(found).toMatchObject([{ status: 'PROCESSING' }, { status: 'PROCESSING' }])
  })

  it.each<[string, string[]]>([
    ['no number', ['SET', `${PREFIX}:tasks:pace`, 'soon']],
    ['not a number', ['SET', `${PREFIX}:tasks:pace`, 'nan']],
    ['a time beyond all measure', ['SET', `${PREFIX}:tasks:pace`, '1e300']],
    ['a time of long ago', ['SET', `${PREFIX}:tasks:pace`, '12.5']],
    ['no text', ['RPUSH', `${PREFIX}:tasks:pace`, '1']],
  ])('do not wait for %s in the store', async (_name, command) => {
    const server = await startRedis()
    await server.send(...command)
    const redis = openRedis(server.url, PATIENT)
    await redis.tried
    const queue = createQueue(redis, PREFIX)
    expect(await queue(1000)).toBe(0)
    expect(await queue(1000)).toBeGreaterThan(0)
  })

  it('take no turn that comes too late', async () => {
    const server = await startRedis()
    const redis = openRedis(server.url, PATIENT)
    await redis.tried
    await server.send('SET', `${PREFIX}:tasks:pace`, `${Date.now() + 300_000}`)
    const queue = createQueue(redis, PREFIX)
    const waits = [await queue(1000), await queue(1000)]
    expect(waits.every((waitMs) => waitMs !== undefined && waitMs > 60_000 && waitMs <= 300_000)).toBe(true)
    expect(waits[1]).toBeLessThanOrEqual(waits[0] ?? 0)
  })
})
