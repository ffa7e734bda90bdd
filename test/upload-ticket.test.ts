// Tickets to upload by, who gets one, and who may upload at all.
import { createHash } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createOnce } from '../src/cache/once.js'
import { createTickets, createUploadTickets } from '../src/http/bytes/ticket.js'
import { eventually } from './helpers/faults.js'
import { createKey, sign, startIssuer } from './helpers/issuer.js'
import { openRedis, startRedis, withoutRedis } from './helpers/redis.js'
import { createFakeClock } from './helpers/source.js'
import { begin, startRecorder, startUploads, toForm, toPath } from './helpers/upload.js'

const WRITER = 'token-SENTINEL-writer'
const READER = 'token-SENTINEL-reader'
const GUARDED = { ACCESS_TOKENS: WRITER, READ_TOKENS: READER, WRITES: 'on' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const NOTE = toPath('retrieval', 'a.txt')
const sha256 = createHash('sha256').update('hello').digest('hex')
const INPUT = { purpose: 'RETRIEVAL', filename: '../视频.txt', bytes: 5 }
const MUTATION = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
  __typename ... on UploadTicket { url method expiresAt maxBytes } ... on FileError { code message retryable } } }`

type App = Awaited<ReturnType<typeof startUploads>>

async function create(app: App, input: object = {}, headers: Record<string, string> = {}) {
  const { data } = await app.query(MUTATION, { input: { ...INPUT, ...input } }, { headers })
  return data.createUpload
}

/** The path of a new ticket. */
async function issue(app: App, input: object = {}, headers?: Record<string, string>): Promise<string> {
  const { url } = await create(app, input, headers)
  return new URL(url).pathname
}

const forbidden = { status: 403, code: 'FORBIDDEN' }

describe('a ticket', () => {
  it('says where to send what was announced, and costs nothing until then', async () => {
    const app = await startUploads({ PUBLIC_URL: 'https://files.example/mff', TICKET_SECONDS: '100' })
    const ticket = await create(app)
    expect(ticket).toEqual({
      __typename: 'UploadTicket',
      url: expect.stringMatching(/^https:\/\/files\.example\/mff\/uploads\/[\w.-]+$/),
      method: 'PUT',
      expiresAt: expect.any(String),
      maxBytes: 5,
    })
    const leftMs = Date.parse(ticket.expiresAt) - Date.now()
    expect(leftMs > 60_000 && leftMs <= 100_000).toBe(true)
    expect([app.sandbox.requests, app.audits()]).toEqual([[], []])
  })

  it('needs no token, and is good once', async () => {
    const app = await startUploads(GUARDED)
    const path = await issue(app, { sha256: sha256.toUpperCase() }, bearer(WRITER))
    const { status, body } = await app.put(path, 'hello')
    expect([status, body.file]).toMatchObject([201, { filename: '视频.txt', purpose: 'RETRIEVAL', sha256 }])
    expect(await app.put(path, 'hello')).toMatchObject(forbidden)
    expect(app.sandbox.totals.calls.upload).toBe(1)
    expect(app.audits()).toEqual([
      expect.objectContaining({ what: 'upload', caller: expect.stringMatching(/^[0-9a-f]{12}$/) }),
    ])
  })

  it('is good again after a refusal and after a cut, but for what was announced alone', async () => {
    const app = await startUploads()
    const path = await issue(app, { sha256 })
    expect(await app.put(path, 'hallo')).toMatchObject({ status: 400, code: 'DIGEST_MISMATCH' })
    expect(await app.put(path, 'hello!')).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    app.sandbox.fault({ name: 'status', status: 401, operation: 'upload', times: 1 })
    expect((await app.put(path, 'hello')).code).toBe('UPSTREAM_UNAUTHENTICATED')
    expect(app.kept()[0]).toBe(0)
    await expect.poll(async () => (await app.put(path, 'hello')).status, { timeout: 10_000 }).toBe(201)
    const other = await issue(app)
    const sent = app.sandbox.totals.calls.upload
    const { outgoing } = begin(app.origin, other, { 'content-length': 5 })
    outgoing.write('he')
    await eventually(() => expect(app.sandbox.totals.calls.upload).toBeGreaterThan(sent))
    outgoing.destroy()
    await expect.poll(async () => (await app.put(other, 'hello')).status, { timeout: 10_000 }).toBe(201)
  })

  it('is used up once the outcome is unknown, and held while it is in use', async () => {
    const app = await startUploads()
    const lost = await issue(app, { filename: 'reset.txt' })
    expect((await app.put(lost, 'hello')).code).toBe('UPLOAD_OUTCOME_UNKNOWN')
    expect(await app.put(lost, 'hello')).toMatchObject(forbidden)
    const path = await issue(app)
    const { outgoing, answer } = begin(app.origin, path, { 'content-length': 5 })
    outgoing.write('he')
    await eventually(() => expect(app.sandbox.requests.at(-1)?.operation).toBe('upload'))
    expect(await app.put(path, 'hello')).toMatchObject(forbidden)
    outgoing.end('llo')
    expect((await answer).status).toBe(201)
  })

  it('is none where it is forged, has ended, is of another account, or for another use', () => {
    const clock = createFakeClock()
    const open = (secret: string, account = 'ours') =>
      createUploadTickets(createTickets(Buffer.from(secret)), {
        nowMs: clock.nowMs,
        lifeMs: 60_000,
        account,
        toKey: () => 'a-key',
      })
    const announced = {
      upload: { purposeName: 'retrieval', filename: 'a.txt', bytes: 5 },
      sha256,
      name: 'somebody',
    }
    const { ticket, untilMs } = open('secret').issue(announced)
    expect(open('secret').read(ticket)).toEqual({ ...announced, untilMs, key: 'a-key' })
    expect(open('another').read(ticket)).toBeUndefined()
    expect(open('secret', 'theirs').read(ticket)).toBeUndefined()
    for (let at = 0; at < ticket.length; at++) {
      const changed = ticket.slice(0, at) + (ticket[at] === 'A' ? 'B' : 'A') + ticket.slice(at + 1)
      expect(open('secret').read(changed), changed).toBeUndefined()
    }
    expect(open('secret').read(createTickets(Buffer.from('secret')).sign('content', '{}'))).toBeUndefined()
    clock.pass(60_000)
    expect(open('secret').read(ticket)).toBeUndefined()
  })

  it.each([
    ['/uploads/x', 403],
    [`/uploads/${'x'.repeat(2048)}`, 403],
    [`/uploads/${'x'.repeat(2049)}`, 414],
  ])('of this form is refused: %.20s… %d', async (path, status) => {
    const app = await startUploads()
    expect((await app.put(path, 'hello')).status).toBe(status)
    expect(app.sandbox.requests).toEqual([])
  })

  it('is of no use where nobody may write', async () => {
    const secret = { TICKET_SECRET: 'a-secret-SENTINEL-of-16' }
    const path = await issue(await startUploads(secret))
    const app = await startUploads({ ...secret, WRITES: 'off' })
    expect(await app.put(path, 'hello')).toMatchObject(forbidden)
    expect(app.sandbox.requests).toEqual([])
  })

  it('stands in no log line', async () => {
    const app = await startUploads()
    const path = await issue(app)
    await app.put(path, 'hello')
    await app.put(path, 'hello')
    const done = () => app.logs.filter((line) => line.includes('"route":"/uploads/:ticket"'))
    await eventually(() => expect(done()).toHaveLength(2))
    for (const line of app.logs) expect(line).not.toContain(path.slice('/uploads/'.length))
  })

  it.skipIf(withoutRedis)('is good once in all processes on one Redis', async () => {
    const redis = await startRedis()
    const { url } = await startRecorder((response) =>
      response.end('{"file":{"file_id":7},"base_resp":{"status_code":0}}'),
    )
    const env = { REDIS_URL: redis.url, UPSTREAM_URL: url }
    const apps = [await startUploads(env), await startUploads(env)]
    const path = await issue(apps[0] as App)
    const ends = await Promise.all(apps.map((app) => app.put(path, 'hello')))
    expect(ends.map(({ status }) => status).sort()).toEqual([201, 403])
  })
})

describe('createUpload refuses', () => {
  it.each<[string, object, string, string]>([
    ['the purpose OTHER', { purpose: 'OTHER' }, 'INVALID_INPUT', '`purpose`'],
    ['nothing to upload', { bytes: 0 }, 'INVALID_INPUT', '`bytes`'],
    ['less than nothing', { bytes: -1 }, 'INVALID_INPUT', '`bytes`'],
    ['a name that is none', { filename: 'a/' }, 'INVALID_INPUT', '`filename`'],
    ['a digest that is none', { sha256: 'abc' }, 'INVALID_INPUT', '`sha256`'],
    ['an ending of another purpose', { purpose: 'VOICE_CLONE' }, 'UNSUPPORTED_FILE_FORMAT', 'extension'],
    ['more than is taken', { bytes: 536_870_913 }, 'FILE_TOO_LARGE', 'larger'],
    [
      'more than the purpose takes',
      { purpose: 'PROMPT_AUDIO', filename: 'a.wav', bytes: 20_000_001 },
      'FILE_TOO_LARGE',
      'larger',
    ],
  ])('%s, and says what is wrong', async (_, input, code, words) => {
    const app = await startUploads()
    expect(await create(app, input)).toEqual({
      __typename: 'FileError',
      code,
      message: expect.stringContaining(words),
      retryable: false,
    })
  })

  it('where it is not known how clients reach the server', async () => {
    const app = await startUploads({ HOST: '0.0.0.0', ACCESS: 'open', WRITES: 'on' })
    expect(await create(app)).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('PUBLIC_URL'),
    })
  })
})

describe('who may not write gets FORBIDDEN, whatever else is wrong, and no call is made', () => {
  const refuse = async (app: App, headers: Record<string, string> = {}) => {
    expect(await app.put(NOTE, 'hello', headers)).toMatchObject(forbidden)
    expect(await app.put('/files', '', headers)).toMatchObject(forbidden)
    expect(await app.form(toForm('a.txt', 'hello'), headers)).toMatchObject(forbidden)
    expect(await create(app, { bytes: 0 }, headers)).toMatchObject({ code: 'FORBIDDEN' })
    const large = { ...headers, 'content-length': 2 ** 31, expect: '100-continue' }
    const { answer, isContinued } = begin(app.origin, NOTE, large)
    expect(await answer).toMatchObject(forbidden)
    expect([isContinued(), app.sandbox.requests, app.audits()]).toEqual([false, [], []])
  }

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['the bearer of a read token', GUARDED, bearer(READER)],
    ['everybody where writing is off', { ...GUARDED, WRITES: 'off' }, bearer(WRITER)],
    ['everybody on a public address', { HOST: '0.0.0.0', ACCESS: 'open' }, {}],
  ])('%s', async (_, env, headers) => refuse(await startUploads(env), headers))

  it('the bearer of a JWT without the scope', async () => {
    const key = await createKey('k1')
    const app = await startUploads({ ...(await startIssuer(key)).env, WRITES: 'on' })
    await refuse(app, bearer(await sign(key, { scope: 'files:read' })))
    const { status } = await app.put(NOTE, 'hello', bearer(await sign(key, { scope: 'files:write' })))
    expect(status).toBe(201)
  })

  it('and who has left before it was known', async () => {
    const key = await createKey('k1')
    const issuer = await startIssuer(key)
    const release = issuer.hold()
    const app = await startUploads({ ...issuer.env, WRITES: 'on', TRANSFERS: '1' })
    const headers = bearer(await sign(key, { scope: 'files:write' }))
    const clients = [
      begin(app.origin, NOTE, { ...headers, 'content-length': 5 }),
      begin(app.origin, '/files/437030092800001/content', headers, 'GET'),
    ]
    await eventually(() => expect(issuer.asked).toBe(1))
    for (const { outgoing } of clients) outgoing.destroy()
    await eventually(() =>
      expect(app.logs.filter((line) => line.includes('the client left'))).toHaveLength(2),
    )
    release()
    expect(await app.put(NOTE, 'hello', headers)).toMatchObject({ status: 201 })
    expect(app.sandbox.requests).toHaveLength(1)
  })

  it('and a stranger is not even read', async () => {
    const app = await startUploads(GUARDED)
    const large = { 'content-length': 2 ** 31, expect: '100-continue' }
    const { answer, isContinued } = begin(app.origin, NOTE, large)
    expect([await answer, isContinued()]).toMatchObject([{ status: 401, code: 'UNAUTHENTICATED' }, false])
  })
})

it('lets pages of the allowed origins put files, and no others', async () => {
  const { send } = await startUploads({ CORS_ORIGINS: 'https://app.example' })
  const preflight = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'PUT' }
    const response = await send('/files', { method: 'OPTIONS', headers })
    return ['access-control-allow-origin', 'access-control-allow-methods'].map((name) =>
      response.headers.get(name),
    )
  }
  expect(await preflight('https://app.example')).toEqual([
    'https://app.example',
    expect.stringMatching(/\bPUT\b/),
  ])
  expect((await preflight('https://evil.example'))[0]).toBeNull()
})

it.each(['GET', 'DELETE', 'PATCH'])('answers 405 to %s', async (method) => {
  const { send } = await startUploads()
  for (const [path, allow] of [
    ['/files', 'PUT, POST'],
    ['/uploads/x', 'PUT'],
  ] as const) {
    const response = await send(path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow])
  }
})

describe('what only one may have', () => {
  it('goes to the first who asks, until it is given back or its time is up', async () => {
    const clock = createFakeClock()
    const { take } = createOnce(clock.nowMs)
    const first = await take('a', clock.nowMs() + 1000)
    expect([await take('a', clock.nowMs() + 1000), await take('b', clock.nowMs())]).toEqual([
      undefined,
      undefined,
    ])
    await first?.giveBack()
    expect(await take('a', clock.nowMs() + 1000)).toBeDefined()
    clock.pass(1000)
    expect(await take('a', clock.nowMs() + 1000)).toBeDefined()
  })

  it('is forgotten when its time is up, though something that was taken before lasts longer', async () => {
    const set = vi.spyOn(Map.prototype, 'set')
    onTestFinished(() => set.mockRestore())
    const clock = createFakeClock()
    const { take } = createOnce(clock.nowMs)
    await take('of a day', clock.nowMs() + 86_400_000)
    const at = set.mock.calls.findIndex(([key]) => key === 'of a day')
    const taken = set.mock.contexts[at] as Map<string, number> | undefined
    for (let count = 0; count < 10_000; count++) {
      clock.pass(1000)
      await take(`${count}`, clock.nowMs() + 60_000)
    }
    expect(taken?.size).toBeLessThan(1000)
    expect(await take('of a day', clock.nowMs() + 1000)).toBeUndefined()
    expect(await take('9999', clock.nowMs() + 1000)).toBeUndefined()
  })

  it.skipIf(withoutRedis)('is free in every process once it is given back, and by nobody else', async () => {
    const { url } = await startRedis()
    const endMs = Date.now() + 60_000
    const [one, other] = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const redis = openRedis(url)
        await redis.tried
        return createOnce(Date.now, { redis, prefix: 'test', toOwner: () => name })
      }),
    )
    const first = await one?.take('a', endMs)
    expect(await other?.take('a', endMs)).toBeUndefined()
    await first?.giveBack()
    expect(await other?.take('a', endMs)).toBeDefined()
    await first?.giveBack()
    expect(await one?.take('a', endMs)).toBeUndefined()
  })
})
