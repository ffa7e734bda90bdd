// Tasks through the whole server, against the sandbox: as fields, as entities and by subscription.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { Files } from '../src/file.js'
import type { FaultRule } from '../src/sandbox/rules.js'
import type { Sandbox } from '../src/sandbox/sandbox.js'
import { startApp } from './helpers/app.js'
import { subscribe } from './helpers/events.js'
import { startServer } from './helpers/server.js'
import { CALL_MICRO_USD, createFile } from './helpers/source.js'
import { FILE, POLL_MS, SUCCESS, startTasks, TASK } from './helpers/tasks.js'

const find: Files['find'] = async (id, { meter }) => {
  meter.sent(CALL_MICRO_USD)
  return { file: createFile(id), freshUntilMs: Date.now() + 600_000 }
}

/** A server whose tasks go on as the test says, and whose wall clock is the world's. */
async function start(next?: Parameters<typeof startTasks>[0], own = find) {
  const following = startTasks(next)
  return { ...following, ...(await startServer(own, {}, { tasks: following.tasks })) }
}

const inputs = {
  video: {
    path: 'video_generation',
    toBody: (text: string) => ({ model: 'MiniMax-Hailuo-02', prompt: text }),
  },
  speech: {
    path: 't2a_async_v2',
    toBody: (text: string) => ({ model: 'speech-02-hd', text, voice_setting: { voice_id: 'v' } }),
  },
} as const

async function create({ url }: Sandbox, text: string, kind: keyof typeof inputs = 'video'): Promise<string> {
  const { path, toBody } = inputs[kind]
  const init = { method: 'POST', headers: { authorization: 'Bearer k' }, body: JSON.stringify(toBody(text)) }
  const answer = await (await fetch(`${url}/v1/${path}`, init)).text()
  return /"task_id":"?(\d+)/.exec(answer)?.[1] ?? ''
}

const FAST = { TASK_POLL_SECONDS: '1' }

describe('a task', () => {
  it('is asked for by field, as data, and as an entity, once for all of them', async () => {
    const { query, upstream } = await start()
    const task =
      '{ __typename id status statusName fileId file { id } retryAfterSeconds failure { code } width }'
    const { data, extensions, headers } = await query(`{
      videoTask(id: "${TASK}") ${task}
      videoTaskResult(id: "${TASK}") { __typename ... on Task { id status } }
      _entities(representations: [{ __typename: "VideoTask", id: "${TASK}" }]) { ... on VideoTask ${task} }
    }`)
    const shown = {
      ...{ __typename: 'VideoTask', id: TASK, status: 'PROCESSING', statusName: 'Processing', fileId: null },
      ...{ file: null, retryAfterSeconds: expect.any(Number), failure: null, width: null },
    }
    expect(data).toEqual({
      videoTask: shown,
      videoTaskResult: { __typename: 'VideoTask', id: TASK, status: 'PROCESSING' },
      _entities: [shown],
    })
    expect([upstream.queries.length, extensions]).toEqual([1, { cost: { calls: 1, usd: 0 } }])
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('of speech has what it was charged for', async () => {
    const { query, tasks } = await start()
    tasks.begin('speech', TASK, 101)
    const { data } = await query(`{
      speechTask(id: "${TASK}") { __typename status usageCharacters }
      speechTaskResult(id: "${TASK}") { ... on SpeechTask { usageCharacters } }
      _entities(representations: [{ __typename: "SpeechTask", id: "${TASK}" }]) { ... on SpeechTask { usageCharacters } }
    }`)
    expect(data).toEqual({
      speechTask: { __typename: 'SpeechTask', status: 'PREPARING', usageCharacters: 101 },
      speechTaskResult: { usageCharacters: 101 },
      _entities: [{ usageCharacters: 101 }],
    })
  })

  it('that has ended may be reused with its file, and found again by the tag of either', async () => {
    const { query } = await start(() => SUCCESS)
    const { data, extensions, headers } = await query(
      `{ videoTask(id: "${TASK}") { status fileId retryAfterSeconds file { id } width height } }`,
    )
    expect(data.videoTask).toEqual({
      ...{ status: 'SUCCEEDED', fileId: FILE, retryAfterSeconds: null },
      ...{ file: { id: FILE }, width: 320, height: 180 },
    })
    expect(headers.get('cache-control')).toMatch(/^private, max-age=(600|59\d)$/)
    expect(extensions.apolloCacheTags).toEqual([`video-task-${TASK}`, `file-${FILE}`])
    const entities = await query(`{ _entities(representations: [
      { __typename: "VideoTask", id: "${TASK}" }, { __typename: "File", id: "${FILE}" }
    ]) { __typename } }`)
    expect(entities.extensions.apolloEntityCacheTags).toEqual([
      [`video-task-${TASK}`, `file-${FILE}`],
      [`file-${FILE}`],
    ])
    const both = await query(`{ file(id: "${FILE}") { id } videoTaskResult(id: "${TASK}") { __typename } }`)
    expect(both.extensions.apolloCacheTags).toEqual([`file-${FILE}`, `video-task-${TASK}`])
  })

  it('is never answered from what is remembered of an operation', async () => {
    const { query, time, upstream } = await start()
    const ask = async () => (await query(`{ videoTask(id: "${TASK}") { status } file(id: "7") { id } }`)).data
    for (let i = 0; i < 4; i++) expect((await ask()).videoTask).toEqual({ status: 'PROCESSING' })
    upstream.next = () => SUCCESS
    await time.pass(POLL_MS)
    expect((await ask()).videoTask).toEqual({ status: 'SUCCEEDED' })
    expect(upstream.queries).toHaveLength(2)
  })

  it('is an entity beside files, in the order in which they are asked for', async () => {
    const { query } = await start((id) => (id === TASK ? SUCCESS : new FileError('TASK_NOT_FOUND')))
    const text = `query ($all: [_Any!]!) { _entities(representations: $all) {
      __typename ... on File { id } ... on VideoTask { id status } ... on SpeechTask { status }
    } }`
    const all = [
      { __typename: 'File', id: '7' },
      { __typename: 'VideoTask', id: Number(TASK) },
      { __typename: 'SpeechTask', id: '9' },
      { __typename: 'VideoTask', id: 'x' },
      { __typename: 'File', id: '8' },
    ]
    for (let i = 0; i < 3; i++) {
      const { data, errors = [] } = await query(text, { all })
      expect(data._entities).toEqual([
        { __typename: 'File', id: '7' },
        { __typename: 'VideoTask', id: TASK, status: 'SUCCEEDED' },
        null,
        null,
        { __typename: 'File', id: '8' },
      ])
      expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
        [['_entities', 2], 'TASK_NOT_FOUND'],
        [['_entities', 3], 'INVALID_TASK_ID'],
      ])
    }
  })

  it('counts with files towards what an operation may look up; beyond it nothing is asked for', async () => {
    const { query, upstream } = await start(() => SUCCESS)
    const fields = (count: number) =>
      Array.from({ length: count }, (_, at) => `t${at}: videoTaskResult(id: "${at + 1}") { ...R }`).join(' ')
    const fragment = 'fragment R on VideoTaskResult { ... on VideoTask { status } ... on FileError { code } }'
    const over = await query(
      `{ ${fields(3)} f: fileResults(ids: ["1", "2", "3"]) { ... on FileError { code } } } ${fragment}`,
    )
    expect(
      new Set(
        Object.values(over.data)
          .flat()
          .map((each) => (each as { code: string }).code),
      ),
    ).toEqual(new Set(['TOO_MANY_LOOKUPS']))
    expect([over.extensions.cost.calls, upstream.queries.length]).toEqual([0, 0])
    const within = await query(`{ ${fields(3)} f: fileResults(ids: ["1", "2"]) { __typename } } ${fragment}`)
    expect(within.data.t2).toEqual({ status: 'SUCCEEDED' })
  })

  it.each([
    ['x', 'INVALID_TASK_ID'],
    ['01', 'INVALID_TASK_ID'],
    ['9223372036854775808', 'INVALID_TASK_ID'],
    ['9007199254740993', 'TASK_NOT_FOUND'],
  ])('of the id %s fails as %s, in each of its forms', async (id, code) => {
    const { query, upstream } = await start(() => new FileError('TASK_NOT_FOUND'))
    const { data, errors = [] } = await query(`{
      videoTask(id: "${id}") { id }
      speechTask(id: "${id}") { id }
      v: videoTaskResult(id: "${id}") { ... on FileError { code retryable requestId } }
      s: speechTaskResult(id: "${id}") { ... on FileError { code } }
    }`)
    expect(data).toEqual({
      videoTask: null,
      speechTask: null,
      v: { code, retryable: false, requestId: expect.any(String) },
      s: { code },
    })
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['videoTask'], code],
      [['speechTask'], code],
    ])
    expect(upstream.queries).toHaveLength(code === 'TASK_NOT_FOUND' ? 2 : 0)
  })

  it('has succeeded after a minute without its file, which then says why', async () => {
    const missing = () => new FileError('FILE_NOT_FOUND')
    const { query, files, time } = await start(
      () => SUCCESS,
      () => Promise.reject(missing()),
    )
    files.next = missing
    const ask = () => query(`{ videoTask(id: "${TASK}") { status fileId file { id } } }`)
    expect((await ask()).data.videoTask).toEqual({ status: 'PROCESSING', fileId: null, file: null })
    await time.pass(60_000)
    const { data, errors = [] } = await ask()
    expect(data.videoTask).toEqual({ status: 'SUCCEEDED', fileId: FILE, file: null })
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['videoTask', 'file'], 'FILE_NOT_FOUND'],
    ])
  })
})

describe('a task of the sandbox', () => {
  const QUERY = 'status statusName fileId failure { code } file { id filename downloadUrl }'

  async function follow(
    text: string,
    kind: 'video' | 'speech' = 'video',
    behave: Parameters<Sandbox['behave']>[0] = {},
  ) {
    const { app, sandbox, query } = await startApp(FAST)
    sandbox.behave({ taskMs: 300, ...behave })
    const id = await create(sandbox, text, kind)
    const { rest } = await subscribe(app.url, {
      query: `subscription { task: ${kind}Task(id: "${id}") { ${QUERY} } }`,
    })
    const events = await rest()
    const { data, extensions } = await query(
      `{ task: ${kind}Task(id: "${id}") { ${QUERY} retryAfterSeconds } }`,
    )
    expect(extensions.cost.calls).toBe(0)
    expect(events.at(-1)).toEqual({ name: 'complete', data: null })
    const told = events.slice(0, -1).map(({ data }) => data.data.task)
    expect(data.task).toEqual({ ...told.at(-1), retryAfterSeconds: null })
    return { told, sandbox }
  }

  it.each(['video', 'speech'] as const)('goes through its statuses to its file (%s)', async (kind) => {
    const { told, sandbox } = await follow('a ball', kind)
    const last = told.at(-1)
    expect(last).toMatchObject({ status: 'SUCCEEDED', statusName: 'Success', failure: null })
    expect(last.file.id).toBe(last.fileId)
    expect((await fetch(last.file.downloadUrl)).status).toBe(200)
    for (const task of told.slice(0, -1)) expect(task).toMatchObject({ fileId: null, file: null })
    expect(sandbox.calls).toBe(1)
  })

  it('whose file is late is being processed, never failed, until the file is there', async () => {
    const { told } = await follow('late file', 'video', { taskMs: 1, lateFileMs: 6000 })
    expect(told.map(({ status }) => status)).toEqual(['PROCESSING', 'SUCCEEDED'])
    expect([told[0].statusName, told[0].file]).toEqual(['Processing', null])
    expect(told[1].file.filename).toBe('output.mp4')
  })

  it.each([
    ['fail 1026', 'FAILED', 'UPSTREAM_CONTENT_REJECTED'],
    ['fail 1027', 'FAILED', 'UPSTREAM_CONTENT_REJECTED'],
    ['fail 1008', 'FAILED', 'UPSTREAM_INSUFFICIENT_BALANCE'],
    ['fail 4711', 'FAILED', 'UPSTREAM_ERROR'],
    ['expired', 'EXPIRED', undefined],
  ])('"%s" ends as %s, for the reason %s', async (text, status, code) => {
    const { told, sandbox } = await follow(text, 'speech', { taskMs: 1 })
    expect(told.at(-1)).toMatchObject({ status, fileId: null, file: null, failure: code ? { code } : null })
    expect(sandbox.calls).toBe(0)
  })

  it('of an odd status goes on', async () => {
    const { app, sandbox } = await startApp(FAST)
    sandbox.behave({ taskMs: 1 })
    const id = await create(sandbox, 'odd status')
    const { next } = await subscribe(app.url, {
      query: `subscription { videoTask(id: "${id}") { status statusName } }`,
    })
    expect((await next())?.data.data.videoTask).toEqual({ status: 'OTHER', statusName: 'Moderating' })
  })

  type Fault = Omit<FaultRule, 'operation'>

  it.each<[string, Fault, string]>([
    ['a refused key', { name: 'base', code: 1004 } as Fault, 'UPSTREAM_UNAUTHENTICATED'],
    ['an empty balance', { name: 'base', code: 1008 } as Fault, 'UPSTREAM_INSUFFICIENT_BALANCE'],
    ['no such operation', { name: 'status', status: 404 } as Fault, 'UPSTREAM_UNSUPPORTED'],
    ['a page', { name: 'html' } as Fault, 'UPSTREAM_UNSUPPORTED'],
    ['a forbidden account', { name: 'base', code: 2061 } as Fault, 'UPSTREAM_FORBIDDEN'],
  ])(
    'of which nothing can be had for %s fails so, as field, as data and by subscription',
    async (_, fault, code) => {
      const { app, sandbox, query } = await startApp(FAST)
      const id = await create(sandbox, 'stuck')
      sandbox.fault({ ...fault, operation: 'queryVideo' } as FaultRule)
      const { data, errors } = await query(
        `{ videoTask(id: "${id}") { id } r: videoTaskResult(id: "${id}") { ... on FileError { code } } }`,
      )
      expect([data, errors?.[0].extensions.code]).toEqual([{ videoTask: null, r: { code } }, code])
      const { rest } = await subscribe(app.url, { query: `subscription { videoTask(id: "${id}") { id } }` })
      const [failed, complete] = await rest()
      expect([failed?.data.errors[0].extensions.code, complete?.name]).toEqual([code, 'complete'])
    },
  )

  it.each<[string, Fault, string]>([
    ['1000', { name: 'base', code: 1000 } as Fault, 'UPSTREAM_UNAVAILABLE'],
    ['an overload', { name: 'status', status: 503 } as Fault, 'UPSTREAM_UNAVAILABLE'],
    ['a reset', { name: 'reset' } as Fault, 'UPSTREAM_UNAVAILABLE'],
    ['a broken answer', { name: 'truncate-json' } as Fault, 'UPSTREAM_BAD_RESPONSE'],
  ])(
    'of which nothing can be had for now, since %s, fails as field, and is followed on',
    async (_, fault, code) => {
      const { app, sandbox, query } = await startApp(FAST)
      sandbox.behave({ taskMs: 1 })
      const id = await create(sandbox, 'fail 1026')
      sandbox.fault({ ...fault, operation: 'queryVideo' } as FaultRule)
      const { errors } = await query(`{ videoTask(id: "${id}") { id } }`)
      expect(errors?.[0].extensions).toMatchObject({
        code,
        retryable: true,
        retryAfterSeconds: expect.any(Number),
      })
      const { rest } = await subscribe(app.url, {
        query: `subscription { videoTask(id: "${id}") { status } }`,
      })
      const queries = () => sandbox.requests.filter(({ operation }) => operation === 'queryVideo').length
      const before = queries()
      while (queries() === before) await delay(10)
      sandbox.clearFaults()
      const events = await rest()
      expect(events.map(({ data }) => data?.data.videoTask.status)).toEqual(['FAILED', undefined])
    },
  )

  it('costs next to nothing to poll: calls of no price, and one look-up of its file', async () => {
    const { sandbox, query } = await startApp(FAST)
    sandbox.behave({ taskMs: 1 })
    const id = await create(sandbox, 'a ball')
    const ask = () => query(`{ videoTask(id: "${id}") { status file { id } } }`)
    const answers = await Promise.all(Array.from({ length: 50 }, ask))
    expect(answers.map(({ data }) => data.videoTask.status)).toEqual(Array(50).fill('SUCCEEDED'))
    const costs = answers.map(({ extensions }) => extensions.cost)
    expect(costs.reduce((sum, { calls }) => sum + calls, 0)).toBe(2)
    expect(costs.reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(0.004)
  })
})
