// Creating tasks through the whole server: what clients are told, what is paid, and what is logged.
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config/config.js'
import { startApp } from './helpers/app.js'
import { bePatient } from './helpers/patience.js'
import { startRedis, withoutRedis } from './helpers/redis.js'

type App = Awaited<ReturnType<typeof startApp>>

const ERROR = '... on FileError { code message retryable requestId upstream { statusCode } }'
const VIDEO = `mutation ($input: CreateVideoInput!) { created: createVideo(input: $input) {
  __typename ... on VideoTask { id status statusName fileId failure { code } } ${ERROR} } }`
const SPEECH = `mutation ($input: CreateSpeechInput!) { created: createSpeech(input: $input) {
  __typename ... on SpeechTask { id status usageCharacters } ${ERROR} } }`
const VOICE = { model: 'speech-2.8-hd', voiceId: 'English_Graceful_Lady' }
const HAILUO = 'MiniMax-Hailuo-2.3'

async function createVideo(app: App, input: object = {}, init: RequestInit = {}) {
  const { data, extensions } = await app.query(
    VIDEO,
    { input: { model: HAILUO, prompt: 'A cat', ...input } },
    init,
  )
  return { ...data.created, cost: extensions.cost }
}

async function createSpeech(app: App, input: object = { text: 'Hello' }) {
  const { data, extensions } = await app.query(SPEECH, { input: { ...VOICE, ...input } })
  return { ...data.created, cost: extensions.cost }
}

const lines = (app: App) =>
  app.logs
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'a change upstream')
    .map(({ what, id, usd, code, caller }) => ({ what, id, usd, code, caller }))

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('a creation', () => {
  it('answers the task, tells its price, and leaves a line', async () => {
    const app = await startApp()
    const video = await createVideo(app)
    expect(video).toEqual({
      __typename: 'VideoTask',
      id: expect.stringMatching(/^\d+$/),
      status: 'PREPARING',
      statusName: expect.any(String),
      fileId: null,
      failure: null,
      cost: { calls: 1, usd: 0.28 },
    })
    const speech = await createSpeech(app, { text: 'ä'.repeat(1000) })
    expect(speech).toMatchObject({ status: 'PREPARING', usageCharacters: 1000, cost: { calls: 1, usd: 0.1 } })
    expect(lines(app)).toEqual([
      { what: 'create video', id: video.id, usd: 0.28, code: 'OK', caller: null },
      { what: 'create speech', id: speech.id, usd: 0.1, code: 'OK', caller: null },
    ])
    expect(app.sandbox.totals.creations).toEqual({ video: 1, speech: 1 })
    expect(await (await app.send('/metrics')).text()).toContain('files_spent_usd_total 0.38\n')
  })

  it('is one of several in one operation, in their order, and a failure leaves the others alone', async () => {
    const app = await startApp()
    const one = (prompt: string) =>
      `createVideo(input: { model: "${HAILUO}", prompt: "${prompt}" }) { __typename }`
    const { data, extensions } = await app.query(
      `mutation { a: ${one('first')} b: ${one('refuse 1026')} c: ${one('third')} }`,
    )
    expect(data).toEqual({
      a: { __typename: 'VideoTask' },
      b: { __typename: 'FileError' },
      c: { __typename: 'VideoTask' },
    })
    expect(extensions.cost).toEqual({ calls: 3, usd: 0.56 })
    const prompts = app.sandbox.requests.map(({ body }) => JSON.parse(body ?? '').prompt)
    expect(prompts).toEqual(['first', 'refuse 1026', 'third'])
  })

  it('speaks a file that was uploaded, by its exact id, for what it has', async () => {
    const app = await startApp()
    const files = await app.query('{ files { nodes { id purpose filename } } }')
    const file = files.data.files.nodes.find(
      ({ purpose }: { purpose: string }) => purpose === 'T2A_ASYNC_INPUT',
    )
    const body = (id: string) =>
      JSON.stringify({ query: SPEECH, variables: { input: { ...VOICE, textFileId: '@' } } }).replace(
        '"@"',
        id,
      )
    const { data } = await app.post(body(file.id)) // a JSON number
    expect(data.created).toMatchObject({ status: 'PREPARING', usageCharacters: expect.any(Number) })
    const odd = await app.post(body('1.5'))
    expect(odd.data.created).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('textFileId'),
    })
    const other = files.data.files.nodes.find(({ purpose }: { purpose: string }) => purpose === 'VOICE_CLONE')
    const wrong = await app.post(body(`"${other.id}"`))
    expect(wrong.data.created).toMatchObject({ code: 'INVALID_INPUT' })
    expect(app.sandbox.totals.creations.speech).toBe(1)
  })
})

describe('a text that is to be spoken', () => {
  const UPLOAD = '/files?purpose=t2a_async_input&filename=a.txt'

  it('is not looked up if it was uploaded here, listed, or looked up before', async () => {
    const app = await startApp({ CACHE_TTL_SECONDS: '900' })
    const upload = await app.send(UPLOAD, { method: 'PUT', body: 'Hello' })
    const { file } = (await upload.json()) as { file: { id: string } }
    expect(await createSpeech(app, { textFileId: file.id })).toMatchObject({
      status: 'PREPARING',
      cost: { calls: 1, usd: 0.0005 },
    })
    const { data } = await app.query('{ files(purpose: T2A_ASYNC_INPUT) { nodes { id } } }')
    const listed = data.files.nodes.find(({ id }: { id: string }) => id !== file.id)
    expect(await createSpeech(app, { textFileId: listed.id })).toMatchObject({ cost: { calls: 1 } })
    expect(app.sandbox.requests.filter(({ operation }) => operation === 'retrieve')).toEqual([])
  })

  it('is looked up if nothing is known of it, once', async () => {
    const app = await startApp()
    const textFileId = app.sandbox.files.find(({ filename }) => filename.endsWith('.txt'))?.id
    expect(await createSpeech(app, { textFileId })).toMatchObject({ cost: { calls: 2 } })
    expect(await createSpeech(app, { textFileId })).toMatchObject({ cost: { calls: 1 } })
  })
})

describe('numbers', () => {
  const rows: [string, string, string | undefined][] = [
    ['fractions', '{"speed":1.5,"volume":0.5}', undefined],
    ['integers', '{"speed":1,"volume":2}', undefined],
    ['integers with a fraction of nothing', '{"speed":1.0,"volume":2.0}', undefined],
    ['exponents', '{"speed":15e-1,"volume":1E0}', undefined],
    [
      'integers with a fraction of nothing, as the schema wants them',
      '{"pitch":-2.0,"channels":1.00}',
      undefined,
    ],
    [
      'integers with an exponent, as the schema wants them',
      '{"sampleRate":32e3,"bitrate":1.28E+5}',
      undefined,
    ],
    ['fractions that are out of range', '{"speed":2.5}', 'INVALID_INPUT'],
    ['zero', '{"volume":0.0}', 'INVALID_INPUT'],
  ]
  it.each(rows)('come as %s in variables', async (_, numbers, code) => {
    const app = await startApp()
    const input = JSON.stringify({ ...VOICE, text: 'Hello' }).replace('}', `,${numbers.slice(1)}`)
    const { data, errors } = await app.post(
      `{"query":${JSON.stringify(SPEECH)},"variables":{"input":${input}}}`,
    )
    expect(errors).toBeUndefined()
    expect([data.created.code, app.sandbox.totals.creations.speech]).toEqual([code, code ? 0 : 1])
  })

  it('come as variables of their own, for several creations, and as literals', async () => {
    const app = await startApp()
    const text = `mutation ($speed: Float = 1.25, $volume: Float!) {
      a: createSpeech(input: { model: "speech-2.8-hd", voiceId: "v", text: "a", speed: $speed, volume: $volume }) { __typename }
      b: createSpeech(input: { model: "speech-2.8-hd", voiceId: "v", text: "b", speed: 1.5, volume: 3 }) { __typename } }`
    const { data } = await app.post(
      `{"query":${JSON.stringify(text)},"variables":{"speed":0.75,"volume":1.0}}`,
    )
    expect(data).toEqual({ a: { __typename: 'SpeechTask' }, b: { __typename: 'SpeechTask' } })
  })

  it('are integers in variables of their own if they have a fraction of nothing, large ones too', async () => {
    const app = await startApp()
    const text = `mutation ($bytes: SafeInt!) { createUpload(input: { purpose: RETRIEVAL, filename: "a.txt", bytes: $bytes }) {
      ... on UploadTicket { maxBytes } ... on FileError { code } } }`
    const ask = async (query: string, variables: string) => {
      const { data, errors } = await app.post(`{"query":${JSON.stringify(query)},"variables":${variables}}`)
      return errors ? errors[0]?.extensions.code : data
    }
    expect(await ask(text, '{"bytes":1.2e1}')).toEqual({ createUpload: { maxBytes: 12 } })
    expect(await ask(text, '{"bytes":9007199254740991.0}')).toEqual({
      createUpload: { code: 'FILE_TOO_LARGE' },
    })
    for (const bytes of ['9007199254740993.0', '1.5', '1e400', '"12"', '"1.x"'])
      expect(await ask(text, `{"bytes":${bytes}}`)).toBe('BAD_USER_INPUT')
    const list = 'query ($first: Int! = 1) { files(first: $first) { nodes { id } } }'
    expect(await ask(list, '{"first":2.0}')).toMatchObject({ files: { nodes: [{}, {}] } })
    for (const first of ['2.5', '2147483648.0', '"2"'])
      expect(await ask(list, `{"first":${first}}`)).toBe('BAD_USER_INPUT')
  })

  it('are refused where they are none', async () => {
    const app = await startApp()
    const wrong = await app.query(SPEECH, { input: { ...VOICE, text: 'a', speed: 'fast' } })
    expect(wrong.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    const list = await app.query(SPEECH, { input: [1.5] })
    expect(list.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect(app.sandbox.totals.creations.speech).toBe(0)
  })
})

describe('what goes wrong', () => {
  const refusals: [number, string][] = [
    [1000, 'UPSTREAM_UNAVAILABLE'],
    [1002, 'UPSTREAM_RATE_LIMITED'],
    [1004, 'UPSTREAM_UNAUTHENTICATED'],
    [1008, 'UPSTREAM_INSUFFICIENT_BALANCE'],
    [1026, 'UPSTREAM_CONTENT_REJECTED'],
    [1027, 'UPSTREAM_CONTENT_REJECTED'],
    [1039, 'UPSTREAM_RATE_LIMITED'],
    [2013, 'UPSTREAM_INVALID_REQUEST'],
    [2056, 'UPSTREAM_QUOTA_EXCEEDED'],
    [2061, 'UPSTREAM_FORBIDDEN'],
  ]
  it.each(refusals)(
    'upstream with %s is told as %s under both, and costs nothing',
    async (code, expected) => {
      const app = await startApp()
      const refusal = {
        __typename: 'FileError',
        code: expected,
        upstream: { statusCode: code },
        cost: { calls: 1, usd: 0 },
      }
      expect(await createVideo(app, { prompt: `refuse ${code}` })).toMatchObject(refusal)
      expect(await createSpeech(app, { text: `refuse ${code}` })).toMatchObject(refusal)
      expect(app.sandbox.totals.creations).toEqual({ video: 0, speech: 0 })
      expect(lines(app).map(({ usd, code }) => [usd, code])).toEqual(Array(2).fill([0, expected]))
    },
  )

  it('in an answer that is lost is told once, paid once, and kept by the key', async () => {
    const app = await startApp()
    const input = { prompt: 'unknown outcome', idempotencyKey: 'key' }
    const lost = { code: 'TASK_OUTCOME_UNKNOWN', retryable: false }
    expect(await createVideo(app, input)).toMatchObject({ ...lost, cost: { calls: 1, usd: 0.28 } })
    expect(await createVideo(app, input)).toMatchObject({ ...lost, cost: { calls: 0, usd: 0 } })
    expect(await createSpeech(app, { text: 'unknown outcome' })).toMatchObject(lost)
    expect(app.sandbox.totals.creations).toEqual({ video: 1, speech: 1 })
  })

  it('in time of the upstream itself leaves open what was made, and is not paid again', async () => {
    const app = await startApp()
    const input = { prompt: 'refuse 1001', idempotencyKey: 'key' }
    const unknown = { code: 'TASK_OUTCOME_UNKNOWN', upstream: { statusCode: 1001 } }
    expect(await createVideo(app, input)).toMatchObject({ ...unknown, cost: { calls: 1, usd: 0.28 } })
    expect(await createVideo(app, input)).toMatchObject({ ...unknown, cost: { calls: 0, usd: 0 } })
  })

  it.each(['404', 'html', 'redirect'] as const)(
    'where it is not sold (%s) is told so, and asked once',
    async (unsold) => {
      const app = await startApp()
      app.sandbox.behave({ sold: ['retrieve'], unsold })
      for (const calls of [1, 0]) {
        expect(await createVideo(app)).toMatchObject({
          code: 'UPSTREAM_UNSUPPORTED',
          cost: { calls, usd: 0 },
        })
        expect(await createSpeech(app)).toMatchObject({
          code: 'UPSTREAM_UNSUPPORTED',
          cost: { calls, usd: 0 },
        })
      }
    },
  )

  it('in the size of a text is told with what helps', async () => {
    const app = await startApp()
    const { status, errors } = await app.query(SPEECH, { input: { ...VOICE, text: '字'.repeat(50_000) } })
    expect([status, errors?.[0]?.message]).toEqual([413, expect.stringContaining('`textFileId`')])
    expect(app.sandbox.requests).toEqual([])
  })

  it('in the input is told by its rule, for nothing, and leaves no line', async () => {
    const app = await startApp()
    expect(await createVideo(app, { duration: 7 })).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'This `model` does not offer this `duration` at this `resolution`.',
      requestId: expect.any(String),
      cost: { calls: 0, usd: 0 },
    })
    expect(await createVideo(app, { idempotencyKey: 'not visible' })).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await createSpeech(app, {})).toMatchObject({ code: 'INVALID_INPUT', cost: { calls: 0, usd: 0 } })
    expect([app.sandbox.requests, lines(app)]).toEqual([[], []])
  })

  it('is tried at will on the embedded sandbox, where nothing is really paid', async () => {
    const app = await startApp({ COMETAPI_KEY: undefined, UPSTREAM_URL: undefined })
    for (const code of ['UPSTREAM_RATE_LIMITED', 'UPSTREAM_RATE_LIMITED'])
      expect(await createVideo(app, { prompt: 'refuse 1002' })).toMatchObject({ code, cost: { calls: 1 } })
    expect(await createVideo(app)).toMatchObject({ cost: { calls: 1, usd: 0.28, simulated: true } })
  })

  it('is that somebody may not write: nothing else is told', async () => {
    const app = await startApp({
      ACCESS_TOKENS: 'token-SENTINEL-w',
      READ_TOKENS: 'token-SENTINEL-r',
      WRITES: 'on',
    })
    expect(await createVideo(app, { duration: 7 }, bearer('token-SENTINEL-r'))).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect(app.sandbox.requests).toEqual([])
    const { id } = await createVideo(app, {}, bearer('token-SENTINEL-w'))
    expect(lines(app)).toMatchObject([{ id, caller: expect.stringMatching(/^[0-9a-f]{12}$/) }])
  })
})

describe('money', () => {
  it('of the day is taken before anything is sent, and holds with look-ups beside', async () => {
    const app = await startApp({ SPEND_LIMIT_USD_PER_DAY: '0.57' })
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => createVideo(app)))
    const codes = outcomes.map(({ code }) => code ?? 'created').sort()
    expect(codes).toEqual([...Array(3).fill('SPEND_LIMIT_EXCEEDED'), 'created', 'created'])
    expect(app.sandbox.totals.creations.video).toBe(2)
    const ids = Array.from(
      { length: 5 },
      (_, index) => `f${index}: fileResult(id: "4242424242${index}") { __typename }`,
    )
    expect((await app.query(`{ ${ids.join(' ')} }`)).extensions.cost).toEqual({ calls: 2, usd: 0.008 })
  })

  it('says to ask again soon while others may cost less than they reserved, and at midnight once they have not', async () => {
    const app = await startApp({ SPEND_LIMIT_USD_PER_DAY: '0.57' })
    const secondsLeft = async () => {
      const input = `{ model: "${HAILUO}", prompt: "a cat" }`
      const error = '... on FileError { retryAfterSeconds }'
      const { data } = await app.query(`mutation { created: createVideo(input: ${input}) { ${error} } }`)
      return data.created.retryAfterSeconds
    }
    const seconds = await Promise.all(Array.from({ length: 3 }, secondsLeft))
    expect(seconds.filter(Boolean)).toEqual([2])
    expect(await secondsLeft()).not.toBe(2)
  })

  it('goes by PRICES where they are set', async () => {
    const app = await startApp({ PRICES: `{"${HAILUO}":{"768P":{"6":0.123456}},"speech-2.8-hd":1}` })
    expect((await createVideo(app)).cost.usd).toBe(0.123456)
    expect((await createVideo(app, { duration: 10 })).cost.usd).toBe(0.56)
    expect((await createSpeech(app, { text: 'abcde' })).cost.usd).toBe(0.000005)
  })

  it.each([
    'no JSON',
    '[]',
    '"x"',
    '{"m":-1}',
    '{"m":"1"}',
    '{"m":0.0000001}',
    '{"m":{"768P":1}}',
    '{"m":{"768P":{"6s":1}}}',
    '{"m":{"768P":{"6":null}}}',
    '{"a model":1}',
  ])('is never counted by PRICES that are wrong: %s', (PRICES) => {
    expect(() => readConfig({ PRICES })).toThrow(ConfigError)
  })

  const misfits: [string, string, string][] = [
    [
      'one price for all sizes of a video',
      '{"minimax-hailuo-02":0.3}',
      'PRICES has one price for minimax-hailuo-02, but takes one for each size of a video: 768P of 6 or 10 s, 1080P of 6 s, 512P of 6 or 10 s.',
    ],
    [
      'sizes of a speech',
      '{"speech-2.8-hd":{"768P":{"6":1}}}',
      'PRICES has sizes for speech-2.8-hd, but takes one price for a million characters of speech.',
    ],
    [
      'a resolution that there is not',
      '{"T2V-01":{"768P":{"6":1}}}',
      'PRICES has 768P of 6 s for T2V-01, which offers 720P of 6 s.',
    ],
    [
      'a length that there is not',
      '{"T2V-01":{"720P":{"6":1,"10":2}}}',
      'PRICES has 720P of 10 s for T2V-01, which offers 720P of 6 s.',
    ],
  ]
  it.each(misfits)('is not counted by PRICES that can never apply: %s', (_, PRICES, fault) => {
    const read = () => readConfig({ PRICES })
    expect(read).toThrow(expect.objectContaining({ faults: [fault] }))
  })

  it('may have any PRICES for a model that is not known', () => {
    const own = { 'MiniMax-Hailuo-9': { '4K': { 20: 1.5 } }, 'speech-9': 10 }
    expect(readConfig({ PRICES: JSON.stringify(own) }).prices).toEqual({
      'MiniMax-Hailuo-9': { '4K': { 20: 1_500_000 } },
      'speech-9': 10_000_000,
    })
  })
})

describe('a key', () => {
  it('is the caller’s: another’s is another', async () => {
    const app = await startApp({ ACCESS_TOKENS: 'token-SENTINEL-a,token-SENTINEL-b' })
    const input = { idempotencyKey: 'key' }
    const [a, again, b] = [
      await createVideo(app, input, bearer('token-SENTINEL-a')),
      await createVideo(app, input, bearer('token-SENTINEL-a')),
      await createVideo(app, input, bearer('token-SENTINEL-b')),
    ]
    expect(again.id).toBe(a.id)
    expect(again.cost).toEqual({ calls: 0, usd: 0 })
    expect(b.id).not.toBe(a.id)
    expect(app.sandbox.totals.creations.video).toBe(2)
  })

  describe.skipIf(withoutRedis)('over two servers on one Redis', () => {
    bePatient()

    it.each([
      ['is one creation and one price for 50 at once', 'A cat', undefined],
      ['whose answer is lost is told to all 50', 'unknown outcome', 'TASK_OUTCOME_UNKNOWN'],
    ])('%s', async (_, prompt, code) => {
      const redis = await startRedis()
      const one = await startApp({ REDIS_URL: redis.url })
      const two = await startApp({ REDIS_URL: redis.url, UPSTREAM_URL: one.sandbox.url })
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          createVideo(index % 2 ? one : two, { prompt, idempotencyKey: 'key' }),
        ),
      )
      expect(new Set(outcomes.map((each) => each.code))).toEqual(new Set([code]))
      expect(new Set(outcomes.map(({ id }) => id)).size).toBe(1)
      expect(one.sandbox.totals.creations.video).toBe(1)
      expect(outcomes.reduce((sum, { cost }) => sum + cost.usd, 0)).toBe(0.28)
      expect([...lines(one), ...lines(two)]).toHaveLength(1)
    })
  })
})
