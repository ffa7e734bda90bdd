// Creating tasks, over real sockets and a real Redis: what is sent, what it costs, and that nothing is paid twice.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { RedisOptions } from '../src/cache/redis.js'
import { createSpend } from '../src/cache/spend.js'
import { createGuard } from '../src/client/guard.js'
import { FileError } from '../src/errors.js'
import { type FileId, parseFileId } from '../src/file.js'
import type { Created, CreationEnding, Order, Task, TaskId, TaskKind } from '../src/task.js'
import { type CreationDependencies, createCreations } from '../src/tasks/creation.js'
import { createKeys } from '../src/tasks/keys.js'
import { createPrices } from '../src/tasks/prices.js'
import { createSharedKeys } from '../src/tasks/shared-keys.js'
import { startClient } from './helpers/faults.js'
import { toSpeech, toVideo } from './helpers/orders.js'
import { PATIENT } from './helpers/patience.js'
import { openRedis, startRedis, withoutRedis } from './helpers/redis.js'
import { createAsker, createCall, createFakeClock, createFile, createLookup } from './helpers/source.js'
import { startUpstream, toBase } from './helpers/upstream.js'

type Act = Parameters<typeof startUpstream>[0]

const ID = '9007199254740993'
const VIDEO_USD = 280_000
const created = (members = `"task_id":"${ID}"`) => `{${members},${toBase(0)}}`

/** Tasks as they are remembered by one process. */
function createMemory() {
  const known = new Map<string, Task>()
  return {
    known,
    begin: (kind: TaskKind, id: TaskId, usageCharacters: number | null): Task => {
      const report = { status: 'PREPARING', statusName: 'Preparing', fileId: null, failure: null } as const
      const task = { ...report, kind, id, usageCharacters, width: null, height: null, nextReportAtMs: 0 }
      known.set(`${kind} ${id}`, task)
      return task
    },
    find: async (kind: TaskKind, id: TaskId): Promise<Task> => {
      const task = known.get(`${kind} ${id}`)
      if (task === undefined) throw new FileError('TASK_NOT_FOUND')
      return task
    },
  }
}

type Options = {
  readonly redisUrl?: string
  readonly timeoutMs?: number
  readonly limitMicroUsd?: number
  readonly findFile?: CreationDependencies['findFile']
  readonly patienceMs?: number
  readonly connect?: RedisOptions
}

let owners = 0

/** One process that creates tasks at this upstream. */
async function startProcess(
  url: string,
  { redisUrl, timeoutMs = 20_000, limitMicroUsd, ...more }: Options = {},
) {
  const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }
  const { monotonicMs } = clock
  const spend =
    limitMicroUsd === undefined ? undefined : createSpend(clock, { limitMicroUsd, priceMicroUsd: 4000 })
  const { client, records } = startClient(url, { timeoutMs, ...(spend && { spend }) })
  const content = () => Promise.reject(new TypeError('It was not to be asked for.'))
  const guard = createGuard({ ...client, content }, clock, { isExempt: () => false })
  const redis =
    redisUrl === undefined ? undefined : openRedis(redisUrl, { restMs: 200, ...PATIENT, ...more.connect })
  await redis?.tried
  const memory = createMemory()
  let looks = 0
  const look = (ms: number) => {
    looks++
    return delay(ms / 10)
  }
  const sharedKeys =
    redis &&
    createSharedKeys(
      { redis, monotonicMs, delay: look, owner: `process-${++owners}` },
      { prefix: 'mff:1:test', patienceMs: more.patienceMs ?? 2 * timeoutMs, silenceMs: 300 },
    )
  const creations = createCreations(
    guard.create,
    {
      monotonicMs,
      prices: createPrices({}),
      keys: createKeys(monotonicMs, sharedKeys),
      tasks: memory,
      findFile: more.findFile ?? (() => Promise.reject(new FileError('FILE_NOT_FOUND'))),
    },
    { timeoutMs },
  )
  const notes: CreationEnding[] = []
  let microUsd = 0

  /** The task's id, or the code of the failure. */
  async function create(
    order: Order = toVideo(),
    key: string | null = null,
    name: string | null = null,
    asker = createAsker(),
  ) {
    const call = createCall(asker)
    const outcome = await creations
      .create(order, key, { ...call, name, note: (ending) => notes.push(ending) })
      .then(
        ({ id }) => id as string,
        (error: FileError) => error.code as string,
      )
    microUsd += call.meter.microUsd
    return outcome
  }
  return {
    create,
    creations,
    guard,
    memory,
    notes,
    records,
    redis,
    spend,
    spent: () => microUsd,
    looks: () => looks,
  }
}

/** One process, and its upstream. */
async function start(act: Act = () => created(), options: Options = {}) {
  const upstream = await startUpstream(act)
  return { ...(await startProcess(upstream.url, options)), ...upstream }
}

const bodies = (requests: readonly { readonly body: string }[]) => requests.map(({ body }) => body)

describe('what is sent', () => {
  it('for a video is what was said, in the upstream’s words, and nothing else', async () => {
    const { create, requests } = await start()
    expect(await create()).toBe(ID)
    await create(
      toVideo({
        model: 'S2V-01',
        prompt: 'zwei\n"Worte"',
        duration: 6,
        resolution: '720P',
        subjectImage: 'https://cdn.example/a.png',
        promptOptimizer: false,
        fastPretreatment: true,
        watermark: true,
      }),
    )
    await create(
      toVideo({
        model: 'MiniMax-Hailuo-02',
        prompt: null,
        firstFrameImage: 'https://cdn.example/a.png',
        lastFrameImage: 'https://cdn.example/b.png',
      }),
    )
    expect(requests[0]).toMatchObject({ method: 'POST', target: '/v1/video_generation' })
    expect(bodies(requests).map((body) => JSON.parse(body))).toEqual([
      { model: 'MiniMax-Hailuo-2.3', prompt: 'A cat on the moon' },
      {
        model: 'S2V-01',
        prompt: 'zwei\n"Worte"',
        duration: 6,
        resolution: '720P',
        subject_reference: [{ type: 'character', image: ['https://cdn.example/a.png'] }],
        prompt_optimizer: false,
        fast_pretreatment: true,
        aigc_watermark: true,
      },
      {
        model: 'MiniMax-Hailuo-02',
        first_frame_image: 'https://cdn.example/a.png',
        last_frame_image: 'https://cdn.example/b.png',
      },
    ])
  })

  it('for a speech names the file by an exact number', async () => {
    const findFile = async (id: FileId) =>
      createFile(id, { filename: 'a.txt', bytes: 100, purposeName: 't2a_async_input' })
    const { create, requests } = await start(() => created(`"task_id":${ID}`), { findFile })
    const file = toSpeech({ text: null, textFileId: '9223372036854775807' as FileId })
    expect(await create(file)).toBe(ID)
    expect(requests[0]).toMatchObject({
      target: '/v1/t2a_async_v2',
      body: '{"text_file_id":9223372036854775807,"model":"speech-2.8-hd","voice_setting":{"voice_id":"English_Graceful_Lady"}}',
    })
    const full = { speed: 1.25, volume: 2, pitch: -1, emotion: 'happy', sampleRate: 32_000, bitrate: 128_000 }
    await create(toSpeech({ ...full, format: 'flac', channels: 2, languageBoost: 'auto', watermark: false }))
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
      model: 'speech-2.8-hd',
      text: 'Hello',
      voice_setting: { voice_id: 'English_Graceful_Lady', speed: 1.25, vol: 2, pitch: -1, emotion: 'happy' },
      audio_setting: { audio_sample_rate: 32_000, bitrate: 128_000, format: 'flac', channel: 2 },
      language_boost: 'auto',
      aigc_watermark: false,
    })
  })

  it.each([
    ['of another purpose', { purposeName: 'voice_clone' }, 'INVALID_INPUT'],
    ['that is not there', undefined, 'FILE_NOT_FOUND'],
  ])('is nothing for a text file %s', async (_, fields, expected) => {
    const findFile = async (id: FileId) => {
      if (fields === undefined) throw new FileError('FILE_NOT_FOUND')
      return createFile(id, fields)
    }
    const { create, requests, spent } = await start(() => created(), { findFile })
    expect(await create(toSpeech({ text: null, textFileId: '11' as FileId }))).toBe(expected)
    expect([requests, spent()]).toEqual([[], 0])
  })

  it('is nothing for an order that breaks a rule', async () => {
    const { create, requests, spent, notes } = await start()
    expect(await create(toVideo({ duration: 7 }), 'a key')).toBe('INVALID_INPUT')
    expect(await create(toSpeech({ text: null }))).toBe('INVALID_INPUT')
    expect([requests, spent(), notes]).toEqual([[], 0, []])
  })
})

const lost = 'TASK_OUTCOME_UNKNOWN'
const html = (status: number) => (response: Parameters<Exclude<Awaited<ReturnType<Act>>, string>>[0]) =>
  void response.writeHead(status, { 'content-type': 'text/html' }).end('<html>')
const envelope =
  (status: number, code = '') =>
  (response: Parameters<Exclude<Awaited<ReturnType<Act>>, string>>[0]) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { code, message: 'no', type: 'comet_api_error' } }))

describe('how it ends', () => {
  it('as a task whose price is spent, which is noted', async () => {
    const { create, spent, notes, memory, records } = await start()
    expect(await create()).toBe(ID)
    expect([spent(), records]).toEqual([VIDEO_USD, ['OK']])
    expect(notes).toEqual([{ kind: 'video', id: ID, microUsd: VIDEO_USD, code: 'OK' }])
    expect(memory.known.get(`video ${ID}`)).toMatchObject({ status: 'PREPARING', usageCharacters: null })
  })

  it('as a speech that costs what was charged', async () => {
    const { create, spent, memory } = await start(() => created(`"task_id":${ID},"usage_characters":4`))
    expect(await create(toSpeech({ text: 'ein längerer Text' }))).toBe(ID)
    expect(spent()).toBe(400)
    expect(memory.known.get(`speech ${ID}`)?.usageCharacters).toBe(4)
  })

  it.each([
    ['1', 1],
    ['"2147483647"', 2_147_483_647],
    ['2147483648', null],
    ['0', null],
    ['1.5', null],
    ['"many"', null],
  ])('as a speech that takes %s for the characters charged: %s', async (said, expected) => {
    const { create, memory } = await start(() => created(`"task_id":${ID},"usage_characters":${said}`))
    await create(toSpeech())
    expect(memory.known.get(`speech ${ID}`)?.usageCharacters).toBe(expected)
  })

  const refusals: [string, Awaited<ReturnType<Act>>, string][] = [
    ['1000', `{${toBase(1000)}}`, 'UPSTREAM_UNAVAILABLE'],
    ['1002', `{${toBase(1002)}}`, 'UPSTREAM_RATE_LIMITED'],
    ['1004', `{"task_id":"",${toBase(1004)}}`, 'UPSTREAM_UNAUTHENTICATED'],
    ['1008', `{${toBase(1008)}}`, 'UPSTREAM_INSUFFICIENT_BALANCE'],
    ['1026', `{${toBase(1026)}}`, 'UPSTREAM_CONTENT_REJECTED'],
    ['1027', `{${toBase(1027)}}`, 'UPSTREAM_CONTENT_REJECTED'],
    ['2013 beside zeros', `{"file_id":0,"task_id":0,${toBase(2013)}}`, 'UPSTREAM_INVALID_REQUEST'],
    ['2056', `{${toBase(2056)}}`, 'UPSTREAM_QUOTA_EXCEEDED'],
    ['2061', `{${toBase(2061)}}`, 'UPSTREAM_FORBIDDEN'],
    ['a code that is new', `{${toBase(7777)}}`, 'UPSTREAM_ERROR'],
    ['HTTP 400', envelope(400), 'UPSTREAM_INVALID_REQUEST'],
    ['HTTP 401', envelope(401), 'UPSTREAM_UNAUTHENTICATED'],
    ['HTTP 429', envelope(429), 'UPSTREAM_RATE_LIMITED'],
    ['HTTP 503 for a model that is not sold', envelope(503, 'model_not_found'), 'UPSTREAM_UNAVAILABLE'],
    ['HTTP 500 for what is malformed', envelope(500, 'invalid_request'), 'UPSTREAM_INVALID_REQUEST'],
    ['HTTP 404', envelope(404), 'UPSTREAM_UNSUPPORTED'],
    ['a page', html(200), 'UPSTREAM_UNSUPPORTED'],
    ['a redirect', html(302), 'UPSTREAM_UNSUPPORTED'],
  ]
  /** What concerns the account, and so is not asked for again for a while. */
  const ACCOUNTS = new Set([
    ...['UPSTREAM_RATE_LIMITED', 'UPSTREAM_UNAUTHENTICATED', 'UPSTREAM_INSUFFICIENT_BALANCE'],
    ...['UPSTREAM_QUOTA_EXCEEDED', 'UPSTREAM_UNSUPPORTED'],
  ])
  it.each(refusals)('as a refusal by %s, which costs nothing and frees the key', async (_, act, expected) => {
    const answers = [act, created()]
    const { create, requests, spent, notes } = await start(() => answers.shift() ?? html(500))
    expect(await create(toVideo(), 'key')).toBe(expected)
    expect([requests.length, spent()]).toEqual([1, 0])
    expect(notes).toEqual([{ kind: 'video', id: null, microUsd: 0, code: expected }])
    const isHeld = ACCOUNTS.has(expected)
    expect(await create(toVideo(), 'key')).toBe(isHeld ? expected : ID)
    expect(requests).toHaveLength(isHeld ? 1 : 2)
  })

  const losses: [string, Awaited<ReturnType<Act>>][] = [
    ['a reset', (response) => void response.destroy()],
    [
      'an answer that is cut off',
      (response) => void response.writeHead(200, { 'content-length': 99 }).write('{"task'),
    ],
    ['an answer that never comes', () => {}],
    ['JSON that is broken', '{"task_id":"9'],
    ['success without an id', created('"task_id":""')],
    ['success with an id that is none', created('"task_id":"abc"')],
    ['a page with HTTP 502', html(502)],
    ['HTTP 500', envelope(500)],
    ['HTTP 503 of somebody on the way', html(503)],
    ['HTTP 504', html(504)],
  ]
  it.each(losses)('as unknown after %s: paid once, and never again under its key', async (_, act) => {
    const { create, requests, spent, notes } = await start(() => act, { timeoutMs: 400 })
    expect(await create(toVideo(), 'key')).toBe(lost)
    expect([requests.length, spent()]).toEqual([1, VIDEO_USD])
    expect(notes).toEqual([{ kind: 'video', id: null, microUsd: VIDEO_USD, code: lost }])
    expect(await create(toVideo(), 'key')).toBe(lost)
    expect(requests).toHaveLength(1)
  })

  it('as unavailable where nothing could be sent, for nothing', async () => {
    const { url } = await startUpstream(() => created())
    const { create, spent, records } = await startProcess(url.replace(/\d+$/, '1'))
    expect(await create(toVideo(), 'key')).toBe('UPSTREAM_UNAVAILABLE')
    expect([spent(), records]).toEqual([0, []])
  })

  it('is known though the client has left, and was sent once', async () => {
    const asker = createAsker()
    const { create, requests, notes, memory } = await start(() => {
      asker.leave()
      return created()
    })
    await create(toVideo(), null, null, asker)
    expect(requests).toHaveLength(1)
    expect(notes).toEqual([{ kind: 'video', id: ID, microUsd: VIDEO_USD, code: 'OK' }])
    expect(memory.known.size).toBe(1)
  })

  it('is nothing for a client that has left before, unless a key says that it comes again', async () => {
    const { create, requests } = await start()
    expect(await create(toVideo(), null, null, createAsker(true))).toBe('UPSTREAM_UNAVAILABLE')
    expect(requests).toHaveLength(0)
    expect(await create(toVideo(), 'key', null, createAsker(true))).toBe(ID)
    expect(await create(toVideo(), 'key')).toBe(ID)
    expect(requests).toHaveLength(1)
  })

  it('by a rate limit shuts out creations of that kind, and neither the other nor files', async () => {
    const { create, requests, guard } = await start(({ target }) =>
      target.endsWith('video_generation') ? `{${toBase(1002)}}` : created(),
    )
    expect([await create(), await create()]).toEqual(Array(2).fill('UPSTREAM_RATE_LIMITED'))
    expect(await create(toSpeech())).toBe(ID)
    expect(requests).toHaveLength(2)
    const file = guard.retrieve(parseFileId('1') as FileId, createLookup())
    await expect(file).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' }) // it was asked for
    expect(requests).toHaveLength(3)
  })
})

describe('the day’s limit', () => {
  it('is never passed by creations and calls together, and refusals give back', async () => {
    let code = 0
    const { create, spend, requests } = await start(() => (code === 0 ? created() : `{${toBase(code)}}`), {
      limitMicroUsd: 3 * VIDEO_USD + 4000,
    })
    code = 1026
    for (let tries = 0; tries < 5; tries++) expect(await create()).toBe('UPSTREAM_CONTENT_REJECTED')
    code = 0
    expect(await Promise.all([create(), create()])).toEqual([ID, ID])
    expect(spend?.reserve(createLookup())).toBeDefined()
    expect(await create()).toBe(ID)
    expect(await create()).toBe('SPEND_LIMIT_EXCEEDED')
    expect(spend?.reserve(createLookup())).toBeUndefined()
    expect(requests).toHaveLength(8)
  })

  it('counts a lost answer', async () => {
    const { create, requests } = await start(() => html(502), { limitMicroUsd: 2 * VIDEO_USD })
    const outcomes = [await create(), await create(), await create()]
    expect(outcomes).toEqual([lost, lost, 'SPEND_LIMIT_EXCEEDED'])
    expect(requests).toHaveLength(2)
  })
})

describe('a key', () => {
  it('is one task for whoever comes with it at the same time, or later', async () => {
    const { create, requests, spent } = await start()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => create(toVideo(), 'key')))
    expect(new Set(outcomes)).toEqual(new Set([ID]))
    expect(await create(toVideo(), 'key')).toBe(ID)
    expect([requests.length, spent()]).toEqual([1, VIDEO_USD])
  })

  it('is a task for those who wait, though the client whose request looks up the text has left', async () => {
    let found = () => {}
    const gate = new Promise<void>((resolve) => {
      found = resolve
    })
    const findFile: CreationDependencies['findFile'] = async (id, { asker }) => {
      const left = new Promise<never>((_, reject) => {
        asker.onLeave(() => reject(new FileError('UPSTREAM_UNAVAILABLE')))
      })
      await Promise.race([gate, left])
      return createFile(id, { purposeName: 't2a_async_input' })
    }
    const { create, requests } = await start(() => created(`"task_id":${ID}`), { findFile })
    const order = toSpeech({ text: null, textFileId: '11' as FileId })
    const asker = createAsker()
    const outcomes = [create(order, 'key', null, asker), create(order, 'key')]
    asker.leave()
    found()
    expect(await Promise.all(outcomes)).toEqual([ID, ID])
    expect(requests).toHaveLength(1)
  })

  it('stands for one input, one kind and one caller', async () => {
    const { create, requests } = await start()
    expect(await create(toVideo(), 'key', 'a')).toBe(ID)
    expect(await create(toVideo({ prompt: 'other' }), 'key', 'a')).toBe('INVALID_INPUT')
    expect(await create(toSpeech(), 'key', 'a')).toBe('INVALID_INPUT')
    expect(requests).toHaveLength(1)
    expect(await create(toVideo({ prompt: 'other' }), 'key', 'b')).toBe(ID)
    expect(await create(toSpeech(), 'key', null)).toBe(ID)
    expect(requests).toHaveLength(3)
  })

  it('is good for a day', async () => {
    const clock = createFakeClock()
    const keys = createKeys(clock.monotonicMs)
    let count = 0
    const start = async (): Promise<Created> => ({ id: String(++count) as TaskId, usageCharacters: null })
    const once = () => keys.once({ name: 'a', digest: 'd' }, start)
    await once()
    clock.pass(86_399_999)
    expect(await once()).toMatchObject({ id: '1' })
    clock.pass(1)
    expect(await once()).toMatchObject({ id: '2' })
  })

  it('is forgotten when ten thousand others came after it', async () => {
    const keys = createKeys(() => 0)
    let count = 0
    const start = async (): Promise<Created> => ({ id: String(++count) as TaskId, usageCharacters: null })
    for (let name = 0; name <= 10_000; name++) await keys.once({ name: String(name), digest: 'd' }, start)
    await keys.once({ name: '1', digest: 'd' }, start)
    expect(count).toBe(10_001)
    await keys.once({ name: '0', digest: 'd' }, start)
    expect(count).toBe(10_002)
  })
})

describe.skipIf(withoutRedis)(`a key over two processes${withoutRedis ? ` (${withoutRedis})` : ''}`, () => {
  async function startTwo(act: Act = () => created(), options: Options = {}) {
    const server = await startRedis()
    const upstream = await startUpstream(act)
    const join = () => startProcess(upstream.url, { redisUrl: server.url, ...options })
    const [one, two] = [await join(), await join()]
    return { server, one, two, join, ...upstream }
  }

  it('is one creation and one price for 50 at once, and every one has the task', async () => {
    const { one, two, requests } = await startTwo()
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? one : two).create(toVideo(), 'key')),
    )
    expect(new Set(outcomes)).toEqual(new Set([ID]))
    expect([requests.length, one.spent() + two.spent()]).toEqual([1, VIDEO_USD])
    expect(await two.create(toVideo({ prompt: 'other' }), 'key')).toBe('INVALID_INPUT')
    expect(await one.create(toVideo({ prompt: 'other' }), 'key')).toBe('INVALID_INPUT')
  })

  it('is one creation for 50 at once whose answer is lost: all are told, and no later one pays', async () => {
    const { one, two, join, requests, server } = await startTwo(() => (response) => void response.destroy())
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 ? one : two).create(toVideo(), 'key')),
    )
    expect(new Set(outcomes)).toEqual(new Set([lost]))
    expect(await (await join()).create(toVideo(), 'key')).toBe(lost)
    expect([requests.length, one.spent() + two.spent()]).toEqual([1, VIDEO_USD])
    const [key = ''] = (await server.send('KEYS', '*')) as string[]
    expect(await server.send('PTTL', key)).toBeGreaterThan(86_000_000)
    expect(key).not.toContain('key')
  })

  it('that was refused is free for the other', async () => {
    const answers = [`{${toBase(1026)}}`, created()]
    const { one, two, requests } = await startTwo(() => answers.shift() ?? html(500))
    expect(await one.create(toVideo(), 'key')).toBe('UPSTREAM_CONTENT_REJECTED')
    expect(await two.create(toVideo(), 'key')).toBe(ID)
    expect(await one.create(toVideo(), 'key')).toBe(ID)
    expect(requests).toHaveLength(2)
  })

  it('whose creator died stands for an outcome that nobody knows', async () => {
    const { one, two, requests } = await startTwo(() => () => {}, { patienceMs: 300 })
    void one.create(toVideo(), 'key')
    await expect.poll(() => requests.length).toBe(1)
    expect(await two.create(toVideo(), 'key')).toBe(lost)
    expect(requests).toHaveLength(1)
  })

  it('holds within each process while Redis is gone, and for all once it is back', async () => {
    const { one, two, requests, server } = await startTwo()
    await server.kill()
    await expect.poll(() => one.redis?.isWell()).toBe(false)
    expect(await Promise.all([one.create(toVideo(), 'key'), one.create(toVideo(), 'key')])).toEqual([ID, ID])
    expect(requests).toHaveLength(1)
    await server.start()
    await expect.poll(async () => ((await server.send('KEYS', '*created*')) as string[]).length).toBe(1)
    await expect.poll(() => two.redis?.isWell()).toBe(true)
    expect(await two.create(toVideo(), 'key')).toBe(ID)
    expect(requests).toHaveLength(1)
  })

  it('is not created a second time by who waits for it while Redis goes', async () => {
    let answer = () => {}
    const gate = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { one, two, requests, server } = await startTwo(() => gate.then(() => created()), {
      ...{ connect: { deadlineMs: 2000 }, patienceMs: 1000 },
    })
    const first = one.create(toVideo(), 'key')
    await expect.poll(() => requests.length).toBe(1)
    const second = two.create(toVideo(), 'key')
    await expect.poll(() => two.looks()).toBeGreaterThan(0)
    await server.kill()
    expect(await second).toBe(lost)
    expect(await two.create(toVideo(), 'key')).toBe(lost) // it may be free by now, but nothing says so
    expect(await two.create(toVideo({ prompt: 'other' }), 'key')).toBe('INVALID_INPUT')
    answer()
    expect(await first).toBe(ID)
    await server.start()
    await expect.poll(async () => ((await server.send('KEYS', '*created*')) as string[]).length).toBe(1)
    await expect.poll(() => two.create(toVideo(), 'key')).toBe(ID)
    expect(requests).toHaveLength(1)
  })
})

describe('a key, as far as Redis answers', () => {
  const KEY = { name: 'n', digest: 'd' }
  const taken = (untilMs = 500) => [`taken d other.1 ${untilMs}`, '100']
  const ended = [`created d ${ID} -`, '100']

  /** One process whose Redis gives these answers to whoever wants the key, and then none. What it is told, it takes. */
  function startAlone(...answers: unknown[]) {
    const clock = createFakeClock()
    const { monotonicMs } = clock
    let asked = 0
    let started = 0
    const run = async (script: string) => {
      if (script.includes('isOurs')) return 1
      asked++
      return answers.shift()
    }
    const delay = async (ms: number) => clock.pass(ms)
    const dependencies = { redis: { run, onUp: () => {} }, monotonicMs, delay, owner: 'own' }
    const keys = createKeys(
      monotonicMs,
      createSharedKeys(dependencies, { prefix: 'p', patienceMs: 1000, silenceMs: 3000 }),
    )
    const start = async (): Promise<Created> => ({ id: String(++started) as TaskId, usageCharacters: null })
    const once = () =>
      keys.once(KEY, start).then(
        ({ id }) => id as string,
        ({ code }: FileError) => code as string,
      )
    return { once, answers, asked: () => asked, started: () => started }
  }

  it('is waited for though an answer is lost', async () => {
    const { once, started } = startAlone(taken(), undefined, taken(), undefined, undefined, ended)
    expect(await once()).toBe(ID)
    expect(started()).toBe(0)
  })

  it('is asked for as long as Redis may be back soon, before this process goes on alone', async () => {
    const other = startAlone(...Array(30).fill(undefined), ended)
    expect([await other.once(), other.started()]).toEqual([ID, 0])
    const alone = startAlone()
    expect([await alone.once(), alone.started(), alone.asked()]).toEqual(['1', 1, 31])
  })

  it.each([
    ['Redis no longer answers', [taken()]],
    ['the other process should have ended by now', [taken(50)]],
    ['the other process goes on for too long', [...Array(11)].map(() => taken())],
  ])('is looked at anew by whoever comes next, where %s', async (_, answers) => {
    const { once, started, answers: more } = startAlone(...answers)
    expect(await once()).toBe(lost)
    expect([await once(), started()]).toEqual([lost, 0]) // it may be free by now, but nothing says so
    more.push(ended)
    expect(await once()).toBe(ID)
    expect([await once(), started()]).toEqual([ID, 0])
  })

  it('is free again after the other process was refused, though nothing was heard of it for a while', async () => {
    const { once, started, answers } = startAlone(taken())
    expect(await once()).toBe(lost)
    answers.push(['mine', ''])
    expect([await once(), started()]).toEqual(['1', 1])
  })

  it('stands for an unknown outcome for good once the process that sent it says so', async () => {
    const { once, asked } = startAlone(taken(), ['unknown d', '100'])
    expect(await once()).toBe(lost)
    expect([await once(), asked()]).toEqual([lost, 2])
  })
})

describe.skipIf(withoutRedis)('a key whose first answer is lost', () => {
  it('is this process’s own, and does not wait for itself', async () => {
    const redis = openRedis((await startRedis()).url, PATIENT)
    await redis.tried
    let asked = 0
    const run: typeof redis.run = async (...command) => {
      const answer = await redis.run(...command)
      return ++asked === 1 ? undefined : answer
    }
    const monotonicMs = () => performance.now()
    const once = createSharedKeys(
      { redis: { ...redis, run }, monotonicMs, delay, owner: 'own' },
      { prefix: 'mff:1:test', patienceMs: 60_000, silenceMs: 60_000 },
    )
    const task = { id: ID as TaskId, usageCharacters: null }
    expect(await once({ name: 'n', digest: 'd' }, async () => task, false)).toEqual(task)
    expect(asked).toBe(3)
  })
})

describe.skipIf(withoutRedis)('a key that a process takes without being told', () => {
  const KEY = { name: 'n', digest: 'd' }
  const task = { id: ID as TaskId, usageCharacters: null }

  /** Two processes on one Redis. The answers that the first gets are lost from when the test says so. */
  async function startDeaf() {
    const server = await startRedis()
    const redis = openRedis(server.url, PATIENT)
    await redis.tried
    const clock = createFakeClock()
    let isDeaf = false
    const wait = { act: async () => {} }
    const open = (owner: string, run: typeof redis.run) =>
      createSharedKeys(
        {
          redis: { ...redis, run },
          monotonicMs: clock.monotonicMs,
          delay: async (ms) => {
            await wait.act()
            clock.pass(ms)
          },
          owner,
        },
        { prefix: 'mff:1:test', patienceMs: 1000, silenceMs: 1000 },
      )
    const deaf = open('deaf', async (...command) => {
      const answer = await redis.run(...command)
      return isDeaf ? undefined : answer
    })
    const begin = () => Promise.resolve(task)
    return {
      server,
      wait,
      lose: () => {
        isDeaf = true
      },
      askDeaf: (isTaken: boolean) => deaf(KEY, begin, isTaken),
      askOther: () => open('other', redis.run)(KEY, begin, false),
    }
  }

  it('is free for others where it waited for who had the key before', async () => {
    const { server, wait, lose, askDeaf, askOther } = await startDeaf()
    await server.send('SET', 'mff:1:test:created:n', 'taken d dead.1 9999999999999')
    wait.act = async () => {
      await server.send('DEL', 'mff:1:test:created:n')
      lose()
      wait.act = async () => {}
    }
    await expect(askDeaf(false)).rejects.toMatchObject({ code: lost })
    expect(await askOther()).toEqual(task)
  })

  it('is free for others where it did not dare to go on without an answer', async () => {
    const { lose, askDeaf, askOther } = await startDeaf()
    lose()
    await expect(askDeaf(true)).rejects.toMatchObject({ code: lost })
    expect(await askOther()).toEqual(task)
  })
})
