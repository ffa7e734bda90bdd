// Uploads over HTTP: what goes upstream, and what does not, whatever the client and the upstream do.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createPace } from '../src/client/pace.js'
import { createUploadSource } from '../src/client/upload.js'
import type { FileId } from '../src/file.js'
import { watchClient } from '../src/http/bytes/arriving.js'
import type { UploadSource } from '../src/upload.js'
import { createRetryBudget } from '../src/wire/retry.js'
import { KEY } from './helpers/app.js'
import { eventually } from './helpers/faults.js'
import { startServer } from './helpers/server.js'
import { connect } from './helpers/socket.js'
import {
  CALL_MICRO_USD,
  createCall,
  createFakeClock,
  createFile,
  noUploading,
  toId,
} from './helpers/source.js'
import { answerKept, begin, startRecorder, startUploads, toForm, toPath } from './helpers/upload.js'

const SONG = randomBytes(300_000)
const sha256 = (bytes: Buffer | string, as: 'hex' | 'base64' = 'hex') =>
  createHash('sha256').update(bytes).digest(as)
const toDigest = (bytes: Buffer | string) => ({ 'content-digest': `sha-256=:${sha256(bytes, 'base64')}:` })
const VOICE = toPath('voice_clone', 'Stimme 声.mp3')
const NOTE = toPath('retrieval', 'a.txt')

type App = Awaited<ReturnType<typeof startUploads>>
const toKinds = (app: App) => app.sandbox.requests.map(({ operation }) => operation)

describe('an upload', () => {
  it('goes upstream as one form of exact length, and is answered as GraphQL shows the file', async () => {
    const app = await startUploads()
    const { status, body } = await app.put(VOICE, SONG)
    const id = body.file?.id
    expect([status, body]).toEqual([
      201,
      {
        file: {
          id: expect.stringMatching(/^\d+$/),
          filename: 'Stimme 声.mp3',
          bytes: SONG.length,
          createdAt: expect.stringMatching(/^\d{4}-.*\.000Z$/),
          purpose: 'VOICE_CLONE',
          purposeName: 'voice_clone',
          sha256: sha256(SONG),
        },
      },
    ])
    expect(toKinds(app)).toEqual(['upload'])
    const [sent] = app.sandbox.requests
    expect(sent?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-type': expect.stringMatching(/^multipart\/form-data; boundary=/),
      'content-length': expect.stringMatching(/^300\d{3}$/),
    })
    expect(sent?.headers['transfer-encoding']).toBeUndefined()
    const content = await fetch(`${app.origin}/files/${id}/content`)
    expect(Buffer.from(await content.arrayBuffer()).equals(SONG)).toBe(true)
  })

  it('is one call in the metrics, and leaves a line on what was changed and one on the request', async () => {
    const app = await startUploads()
    const { body } = await app.put(NOTE, 'hello', { 'x-request-id': 'r-1' })
    const file = { what: 'upload', id: body.file.id, bytes: 5, code: 'OK', usd: 0.004, requestId: 'r-1' }
    expect(app.audits()).toEqual([expect.objectContaining({ ...file, caller: null })])
    const metrics = await (await app.send('/metrics')).text()
    expect(metrics).toContain('files_upstream_calls_total{code="OK"} 1')
    expect(metrics).toContain('files_spent_usd_total 0.004')
    const lines = app.logs.map((line) => JSON.parse(line)).filter(({ way }) => way === 'upload')
    expect(lines).toEqual([expect.objectContaining({ status: 201, calls: 1, usd: 0.004, route: '/files' })])
  })

  it.each([
    ['../../x\r\ny.txt', 'xy.txt'],
    ['C:\\temp\\a.txt', 'a.txt'],
    ['\u202etxt.exe\u0000.txt', 'txt.exe.txt'],
    ['视频 👩‍🚀 é.TXT', '视频 👩‍🚀 é.TXT'],
    ['a; name="purpose".txt', 'a; name=%22purpose%22.txt'],
    [`${'声'.repeat(83)}.txt`, `${'声'.repeat(83)}.txt`],
  ])('of the name %j is kept as %j', async (filename, expected) => {
    const { put, sandbox } = await startUploads()
    expect((await put(toPath('retrieval', filename), 'a')).status).toBe(201)
    expect(sandbox.held.at(-1)).toMatchObject({ filename: expected, purpose: 'retrieval', bytes: 1 })
  })

  it('of a purpose that is new goes upstream, which decides', async () => {
    const app = await startUploads()
    expect((await app.put(toPath('music_generation', 'a.aiff'), 'a')).status).toBe(201)
    expect((await app.put(toPath('dreams', 'a.dream'), 'a')).code).toBe('UPSTREAM_INVALID_REQUEST')
    expect(toKinds(app)).toEqual(['upload', 'upload'])
  })

  it('passes 64 MiB byte for byte', async () => {
    const { url, received } = await startRecorder((response) => answerKept(response))
    const app = await startUploads({ UPSTREAM_URL: url })
    const piece = randomBytes(2 ** 20)
    const head = { 'content-length': 64 * piece.length, expect: '100-continue' }
    const { outgoing, answer } = begin(app.origin, toPath('video_understanding', 'a.mp4'), head)
    await once(outgoing, 'continue')
    const hash = createHash('sha256')
    for (let pieces = 0; pieces < 64; pieces++) {
      hash.update(piece)
      if (!outgoing.write(piece)) await once(outgoing, 'drain')
    }
    outgoing.end()
    expect((await answer).status).toBe(201)
    const [{ start = '', bytes, end } = {}] = received
    const boundary = start.slice(2, start.indexOf('\r\n'))
    const framed = start.slice(0, start.indexOf('\r\n\r\n', start.indexOf('filename')) + 4)
    expect([bytes, end]).toEqual([Number(received[0]?.headers['content-length']), 'whole'])
    expect(bytes).toBe(framed.length + 64 * piece.length + `\r\n--${boundary}--\r\n`.length)
    expect(framed).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvideo_understanding\r\n--${boundary}\r\n` +
        'Content-Disposition: form-data; name="file"; filename="a.mp4"\r\nContent-Type: application/octet-stream\r\n\r\n',
    )
    const whole = createHash('sha256').update(framed)
    for (let pieces = 0; pieces < 64; pieces++) whole.update(piece)
    expect(received[0]?.sha256).toBe(whole.update(`\r\n--${boundary}--\r\n`).digest('hex'))
  })
})

describe('what can be seen to be wrong is refused before the bytes are asked for, and without a call', () => {
  it.each<[string, string, Record<string, string | number>, number, string]>([
    ['no length', NOTE, { 'transfer-encoding': 'chunked' }, 411, 'BAD_REQUEST'],
    ['no purpose', '/files?filename=a.txt', { 'content-length': 5 }, 400, 'BAD_REQUEST'],
    ['no name', '/files?purpose=retrieval', { 'content-length': 5 }, 400, 'BAD_REQUEST'],
    ['a name of dots', toPath('retrieval', 'a/..'), { 'content-length': 5 }, 400, 'BAD_REQUEST'],
    [
      'too long a name',
      toPath('retrieval', `${'a'.repeat(252)}.txt`),
      { 'content-length': 5 },
      400,
      'BAD_REQUEST',
    ],
    ['two names', `${NOTE}&filename=b.txt`, { 'content-length': 5 }, 400, 'BAD_REQUEST'],
    [
      'a purpose as GraphQL spells it',
      toPath('RETRIEVAL', 'a.txt'),
      { 'content-length': 5 },
      400,
      'INVALID_INPUT',
    ],
    ['a purpose of other signs', toPath('a\r\nb', 'a.txt'), { 'content-length': 5 }, 400, 'INVALID_INPUT'],
    ['nothing', NOTE, { 'content-length': 0 }, 400, 'BAD_REQUEST'],
    ['2 GiB', NOTE, { 'content-length': 2 ** 31 }, 413, 'FILE_TOO_LARGE'],
    [
      'more than the purpose takes',
      toPath('voice_clone', 'a.mp3'),
      { 'content-length': 20_000_001 },
      413,
      'FILE_TOO_LARGE',
    ],
    [
      'more than the kind takes',
      toPath('video_generation_input', 'a.wav'),
      { 'content-length': 15_000_001 },
      413,
      'FILE_TOO_LARGE',
    ],
    [
      'an ending of another purpose',
      toPath('voice_clone', 'a.mp4'),
      { 'content-length': 5 },
      415,
      'UNSUPPORTED_FILE_FORMAT',
    ],
    ['no ending', toPath('retrieval', 'mp3'), { 'content-length': 5 }, 415, 'UNSUPPORTED_FILE_FORMAT'],
    [
      'a digest that is none',
      NOTE,
      { 'content-length': 5, 'content-digest': 'sha-256=abc' },
      400,
      'BAD_REQUEST',
    ],
    [
      'two digests that differ',
      NOTE,
      {
        'content-length': 5,
        'content-digest': [SONG, 'x'].map((each) => toDigest(each)['content-digest']).join(),
      },
      400,
      'BAD_REQUEST',
    ],
    ['compressed bytes', NOTE, { 'content-length': 5, 'content-encoding': 'gzip' }, 415, 'BAD_REQUEST'],
  ])('%s', async (_, path, headers, status, code) => {
    const app = await startUploads()
    const { answer, isContinued } = begin(app.origin, path, { ...headers, expect: '100-continue' })
    expect(await answer).toMatchObject({ status, code })
    expect([isContinued(), app.sandbox.requests, app.audits()]).toEqual([false, [], []])
  })

  it('more than UPLOAD_MAX_BYTES, and takes as much as that', async () => {
    const { put } = await startUploads({ UPLOAD_MAX_BYTES: '5' })
    expect([(await put(NOTE, 'hello')).status, (await put(NOTE, 'hello!')).code]).toEqual([
      201,
      'FILE_TOO_LARGE',
    ])
  })

  it('more than may be spent', async () => {
    const app = await startUploads({ SPEND_LIMIT_USD_PER_DAY: '0.004' })
    await app.put(NOTE, 'hello')
    const headers = { 'content-length': 5, expect: '100-continue' }
    const { answer, isContinued } = begin(app.origin, NOTE, headers)
    expect(await answer).toMatchObject({ status: 429, code: 'SPEND_LIMIT_EXCEEDED' })
    expect([isContinued(), app.sandbox.totals.calls.upload]).toEqual([false, 1])
  })

  it('and says so to a client that goes on sending', async () => {
    const app = await startUploads()
    const socket = await connect(app.origin)
    socket.write(`PUT ${NOTE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${2 ** 31}\r\n\r\n`)
    for (let pieces = 0; pieces < 16; pieces++) socket.write(Buffer.alloc(2 ** 20))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    const closed = once(socket, 'end')
    await eventually(() => expect(text).toContain('FILE_TOO_LARGE'))
    await closed
    expect(text).toMatch(/^HTTP\/1\.1 413 .*\r\nconnection: close\r\n/is)
    socket.end()
    await once(socket, 'close')
  })
})

it('an upload that failed is read on for 32 MiB and no more, also if its ticket is given back meanwhile', async () => {
  let giveBack = () => {}
  const answered = new Promise<void>((resolve) => {
    giveBack = resolve
  })
  const upload = { purposeName: 'retrieval', filename: 'a.txt', bytes: 2 ** 31 }
  const ticket = { upload, sha256: undefined, name: null, untilMs: Number.POSITIVE_INFINITY, key: 'k' }
  const { url } = await startServer(
    async (id) => ({ file: createFile(id), freshUntilMs: 0 }),
    {},
    {
      more: {
        writes: true,
        uploading: {
          ...noUploading,
          uploadTickets: { read: () => ticket },
          useTicket: async () => ({ giveBack: () => Promise.race([answered, delay(50)]) }),
        },
      },
    },
  )
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port), allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.write(`PUT /uploads/any HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${upload.bytes}\r\n\r\n`)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1\.1 501 /)
  giveBack()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const piece = Buffer.alloc(2 ** 20)
  let pieces = 0
  while (pieces < 256 && !socket.destroyed) {
    pieces++
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain').catch(() => {}), closed])
  }
  expect(pieces).toBeLessThan(256)
})

it('a client of HTTP/1.0, or of odd spelling, is served as others are', async () => {
  const app = await startUploads()
  const socket = await connect(app.origin)
  socket.write(
    `PUT ${NOTE} HTTP/1.0\r\nexpect: 100-continue\r\ncontent-encoding: Identity\r\ncontent-length: 5\r\n\r\nhello`,
  )
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 201 /)
})

describe('bytes that are not what was announced never become a file', () => {
  it('by a digest, which also lets pass what is right', async () => {
    const app = await startUploads()
    const altered = Buffer.from(SONG)
    altered[150_000] = (altered[150_000] ?? 0) ^ 1
    const wrong = await app.put(VOICE, altered, toDigest(SONG))
    expect([wrong.status, wrong.code]).toEqual([400, 'DIGEST_MISMATCH'])
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
    expect(app.audits()[0]).toMatchObject({ what: 'upload', id: null, code: 'DIGEST_MISMATCH', usd: 0.004 })
    expect(app.logs.join()).not.toContain('an upstream call failed') // the fault is the client's
    const others = { 'content-digest': `sha-512=:YQ==:, ${toDigest(SONG)['content-digest']}` }
    expect((await app.put(VOICE, SONG, others)).status).toBe(201)
    await eventually(() => expect(app.kept()).toEqual([1, 1]))
  })

  it.each([0.01, 0.5, 0.99])('by a client that leaves at %d of them', async (part) => {
    const app = await startUploads()
    const { outgoing } = begin(app.origin, VOICE, { 'content-length': SONG.length })
    outgoing.write(SONG.subarray(0, part * SONG.length))
    await eventually(() => expect(app.sandbox.totals.calls.upload).toBe(1))
    outgoing.destroy()
    await eventually(() => expect(app.audits()).toHaveLength(1))
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
    expect(toKinds(app)).toEqual(['upload'])
    const last = () => app.logs.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'the client left')
    await eventually(() => expect(last()).toMatchObject({ way: 'upload', calls: 1 }))
  })

  it('by a client that ends before its length', async () => {
    const app = await startUploads()
    const socket = await connect(app.origin)
    socket.end(`PUT ${NOTE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhello`)
    await once(socket.resume(), 'close')
    await eventually(() => expect(app.audits()).toHaveLength(1))
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
  })

  it('by a client that sends more than it announced', async () => {
    const app = await startUploads()
    const socket = await connect(app.origin)
    socket.write(`PUT ${NOTE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nhello, world`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /)
    await eventually(() => expect(app.audits()).toHaveLength(1))
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
  })

  it('by a client that stalls, which is told', async () => {
    const app = await startUploads({ TRANSFER_IDLE_SECONDS: '1' })
    const { outgoing, answer } = begin(app.origin, VOICE, { 'content-length': SONG.length })
    outgoing.write(SONG.subarray(0, 5000))
    expect(await answer).toEqual({ status: 408, code: 'BAD_REQUEST', connection: 'close' })
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
  })
})

it('may take longer than other requests, which may not', async () => {
  const uploads: UploadSource = async ({ bytes }, incoming) => {
    const read = await buffer(incoming.open(() => {}))
    await incoming.verify()
    return { id: toId('7'), filename: 'a.txt', bytes, createdAtMs: null, purposeName: read.toString() }
  }
  const find = async (id: FileId) => ({ file: createFile(id), freshUntilMs: 0 })
  const limits = { requestTimeoutMs: 300, checkIntervalMs: 20 }
  const { url } = await startServer(find, limits, {
    more: { uploading: { ...noUploading, uploads }, writes: true },
  })
  const { outgoing, answer } = begin(url, NOTE, { 'content-length': 2 })
  outgoing.write('a')
  const type = { 'content-type': 'application/json', 'content-length': 90 }
  const other = begin(url, '/graphql', type, 'POST')
  other.outgoing.write('{')
  expect(await other.answer).toMatchObject({ status: 408, code: 'BAD_REQUEST' })
  outgoing.end('b')
  expect((await answer).status).toBe(201)
})

it('of a client that has left by then takes nothing of the day’s limit, and is not sent', async () => {
  const used: string[] = []
  const use = (name: string) => () => void used.push(name)
  const source = createUploadSource(
    {
      transfers: { post: use('post') } as never,
      toBoundary: () => 'boundary',
      spend: { reserve: use('reserve') as never, secondsLeft: () => 0 },
      clock: createFakeClock(),
      pace: createPace(5000),
      budget: createRetryBudget(),
      priceMicroUsd: CALL_MICRO_USD,
      notice() {},
      record: use('record'),
      random: () => 0.5,
      after: () => () => {},
    },
    { dialect: { kind: 'cometapi', model: 'm' }, baseUrl: new URL('https://a.example'), key: KEY },
  )
  const upload = { purposeName: 'retrieval', filename: 'a.txt', bytes: 5 }
  const incoming = { open: use('open') as never, verify: async () => {} }
  const ending = source(upload, incoming, { ...createCall(), signal: AbortSignal.abort() })
  await expect(ending).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', refused: true })
  expect(used).toEqual([])
})

describe('an upstream', () => {
  const WIDE = randomBytes(2 ** 20)
  const LARGE = toPath('video_understanding', 'a.mkv')
  const headers = { 'content-length': 64 * WIDE.length }

  it('that takes nothing more is left, and the client is told', async () => {
    let resume = () => {}
    const { url, received } = await startRecorder(
      () => {},
      (_, request) => {
        request.pause()
        resume = () => void request.resume()
      },
    )
    const app = await startUploads({ UPSTREAM_URL: url, TRANSFER_IDLE_SECONDS: '1' })
    const { outgoing, answer } = begin(app.origin, LARGE, headers)
    for (let pieces = 0; pieces < 64; pieces++) outgoing.write(WIDE)
    expect(await answer).toMatchObject({ status: 504, code: 'UPSTREAM_TIMEOUT' })
    resume() // to notice that it was left
    await eventually(() => expect(received[0]?.end).toBe('cut'))
    expect(received).toHaveLength(1)
  })

  it('that is slow keeps the client waiting, and little is held', async () => {
    let resume = () => {}
    const { url, received } = await startRecorder(
      (response) => answerKept(response),
      (_, request) => {
        request.pause()
        resume = () => void request.resume()
      },
    )
    const app = await startUploads({ UPSTREAM_URL: url, TRANSFER_IDLE_SECONDS: '3600' })
    const { outgoing, answer } = begin(app.origin, LARGE, headers)
    for (let pieces = 0; pieces < 64; pieces++) outgoing.write(WIDE)
    outgoing.end()
    await eventually(() => expect(received).toHaveLength(1))
    let waiting = -1
    await eventually(() => {
      const last = waiting
      waiting = outgoing.writableLength
      expect(waiting).toBe(last)
    })
    expect(waiting).toBeGreaterThan(32 * WIDE.length)
    resume()
    expect((await answer).status).toBe(201)
  })

  it('that answers early is heard, and nothing more is sent to it', async () => {
    const { url, open } = await startRecorder(
      () => {},
      (response) => void response.writeHead(400, { 'content-length': 2 }).end('{}'),
    )
    const app = await startUploads({ UPSTREAM_URL: url })
    const { outgoing, answer } = begin(app.origin, LARGE, headers)
    outgoing.write(WIDE)
    expect(await answer).toMatchObject({ status: 502, code: 'UPSTREAM_INVALID_REQUEST' })
    await eventually(() => expect(open.size).toBe(0))
  })

  it('that says early that it has kept all of it is not believed', async () => {
    const { url } = await startRecorder(
      () => {},
      (response) => answerKept(response),
    )
    const app = await startUploads({ UPSTREAM_URL: url })
    const { outgoing, answer } = begin(app.origin, LARGE, headers)
    outgoing.write(WIDE)
    expect(await answer).toMatchObject({ status: 502, code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('that says to go on is not misunderstood', async () => {
    const { url } = await startRecorder(
      (response) => answerKept(response),
      (response) => response.writeContinue(),
    )
    const { put } = await startUploads({ UPSTREAM_URL: url })
    expect((await put(NOTE, 'hello')).status).toBe(201)
  })

  it('that is not there costs nothing, and no byte is asked for', async () => {
    const app = await startUploads({ UPSTREAM_URL: 'http://127.0.0.1:9' })
    const { answer, isContinued } = begin(app.origin, NOTE, { 'content-length': 5, expect: '100-continue' })
    expect(await answer).toMatchObject({ status: 502, code: 'UPSTREAM_UNAVAILABLE' })
    expect([isContinued(), app.audits()[0]?.usd]).toEqual([false, 0])
  })

  it.each(['404', 'html', 'redirect'] as const)(
    'without uploads (%s) is not asked again for a while',
    async (unsold) => {
      const app = await startUploads()
      app.sandbox.behave({ sold: ['retrieve'], unsold })
      for (let times = 0; times < 2; times++)
        expect(await app.put(NOTE, 'hello')).toMatchObject({ status: 501, code: 'UPSTREAM_UNSUPPORTED' })
      expect(toKinds(app)).toHaveLength(1)
    },
  )

  it.each([
    ['fail-1004.txt', 502, 'UPSTREAM_UNAUTHENTICATED'],
    ['fail-1026.txt', 502, 'UPSTREAM_CONTENT_REJECTED'],
    ['fail-1000.txt', 502, 'UPSTREAM_UNAVAILABLE'],
    ['http-429.txt', 502, 'UPSTREAM_RATE_LIMITED'],
    ['http-503.txt', 502, 'UPSTREAM_UNAVAILABLE'],
  ])('that answers %s is asked once', async (filename, status, code) => {
    const app = await startUploads()
    expect(await app.put(toPath('retrieval', filename), 'hello')).toMatchObject({ status, code })
    expect(toKinds(app)).toEqual(['upload'])
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
  })

  it('that fails is in the log with the request that met it', async () => {
    const app = await startUploads()
    await app.put(toPath('retrieval', 'http-503.txt'), 'hello', { 'x-request-id': 'r-1' })
    const lines = app.logs.map((line) => JSON.parse(line))
    expect(lines.filter(({ msg }) => msg === 'an upstream call failed')).toEqual([
      expect.objectContaining({ code: 'UPSTREAM_UNAVAILABLE', httpStatus: 503, requestId: 'r-1' }),
    ])
  })

  it('whose rate limit is met is left alone until it is over', async () => {
    const app = await startUploads()
    await app.put(toPath('retrieval', 'fail-1002.txt'), 'hello')
    expect((await app.put(NOTE, 'hello')).code).toBe('UPSTREAM_RATE_LIMITED')
    expect(toKinds(app)).toEqual(['upload'])
  })
})

describe('an upload whose answer is lost', () => {
  const LOST = toPath('retrieval', 'unknown-outcome.pdf')

  it('is looked for in the list, found, and sent once', async () => {
    const app = await startUploads()
    const { status, body } = await app.put(LOST, SONG)
    expect([status, body.file]).toMatchObject([
      201,
      { id: app.sandbox.held.at(-1)?.id, sha256: sha256(SONG) },
    ])
    expect(toKinds(app)).toEqual(['upload', 'list'])
    expect(app.audits()).toEqual([expect.objectContaining({ id: body.file.id, code: 'OK', usd: 0.008 })])
  })

  it.each(['reset.txt', 'http-502.txt', 'http-504.txt'])(
    'and was not kept is unknown: %s',
    async (filename) => {
      const app = await startUploads()
      const { status, code, body } = await app.put(toPath('retrieval', filename), 'hello')
      expect([status, code, body.errors[0].extensions.retryable]).toEqual([
        502,
        'UPLOAD_OUTCOME_UNKNOWN',
        false,
      ])
      expect(toKinds(app)).toEqual(['upload', 'list'])
    },
  )

  it.each<[string, (response: ServerResponse) => void]>([
    ['is cut off', (response) => response.writeHead(200, { 'content-length': 99 }).write('{"file')],
    ['is longer than any', (response) => void response.end('{'.padEnd(2 ** 17))],
    ['names another size', (response) => answerKept(response, { bytes: 6 })],
  ])('since it %s is looked for as well', async (_, answer) => {
    const { url, received } = await startRecorder((response, { target }) => {
      if (!target.includes('/upload')) response.end('{"files":[],"base_resp":{"status_code":0}}')
      else answer(response)
      if (!response.writableEnded) setImmediate(() => response.destroy())
    })
    const app = await startUploads({ UPSTREAM_URL: url })
    expect((await app.put(NOTE, 'hello')).code).toBe('UPLOAD_OUTCOME_UNKNOWN')
    expect(received.map(({ target }) => target.split('?')[0])).toEqual(['/v1/files/upload', '/v1/files/list'])
  })

  it('is unknown where two files could be it', async () => {
    const app = await startUploads()
    const headers = { authorization: 'Bearer another' }
    const body = toForm('unknown-outcome.pdf', 'hello')
    await fetch(`${app.sandbox.url}/v1/files/upload`, { method: 'POST', headers, body }).catch(() => {})
    expect((await app.put(LOST, 'hello')).code).toBe('UPLOAD_OUTCOME_UNKNOWN')
    expect(app.kept()[0]).toBe(2)
  })

  it('is never taken for the file of another upload', async () => {
    const app = await startUploads()
    const ids = [
      await app.put(NOTE, 'hello'),
      await app.put(toPath('retrieval', 'unknown-outcome.pdf'), 'hello'),
    ]
    app.sandbox.fault({ name: 'reset', operation: 'upload', afterBytes: 400, times: 2 })
    for (const path of [NOTE, LOST])
      expect((await app.put(path, 'hello')).code).toBe('UPLOAD_OUTCOME_UNKNOWN')
    expect(ids.map(({ status }) => status)).toEqual([201, 201])
    expect(app.kept()[0]).toBe(2)
  })

  it('since it breaks off is found', async () => {
    const app = await startUploads()
    app.sandbox.fault({ name: 'truncate-json', operation: 'upload', times: 1 })
    const { body } = await app.put(NOTE, 'hello')
    expect(body.file.id).toBe(app.sandbox.held.at(-1)?.id)
    expect(toKinds(app)).toEqual(['upload', 'list'])
  })

  it('is not told as the file of another like it that has no answer either', async () => {
    const app = await startUploads()
    const ends = await Promise.all([app.put(LOST, 'hello'), app.put(LOST, 'hello')])
    const ids = ends.map(({ body, code }) => body.file?.id ?? code)
    expect(app.kept()[0]).toBe(2)
    const found = ids.filter((each) => each !== 'UPLOAD_OUTCOME_UNKNOWN')
    expect(new Set(found).size).toBe(found.length)
  })

  it('since the upstream never answers is unknown after the idle time', async () => {
    const { url, received } = await startRecorder(() => {})
    const app = await startUploads({
      UPSTREAM_URL: url,
      TRANSFER_IDLE_SECONDS: '1',
      UPSTREAM_TIMEOUT_MS: '200',
    })
    expect(await app.put(NOTE, 'hello')).toMatchObject({ status: 502, code: 'UPLOAD_OUTCOME_UNKNOWN' })
    expect(received.map(({ target }) => target.replace(/\?.*/, ''))[0]).toBe('/v1/files/upload')
    expect(received.filter(({ target }) => target.startsWith('/v1/files/upload'))).toHaveLength(1)
  })

  it('is waited for though its client has left, and then known', async () => {
    let answer = () => {}
    const { url, received } = await startRecorder((response) => {
      answer = () => answerKept(response)
    })
    const app = await startUploads({ UPSTREAM_URL: url })
    const { outgoing } = begin(app.origin, NOTE, { 'content-length': 5 })
    outgoing.end('hello')
    await eventually(() => expect(received[0]?.end).toBe('whole'))
    outgoing.destroy()
    const left = () => app.logs.some((line) => line.includes('the client left'))
    await eventually(() => expect(left()).toBe(true))
    answer()
    await eventually(() => expect(app.audits()).toEqual([expect.objectContaining({ code: 'OK' })]))
  })
})

describe('what was uploaded', () => {
  const toQuery = (id: string, fields: string) => `{ file(id: "${id}") { ${fields} } }`

  it('is known at once but for its links, which are one look-up', async () => {
    const app = await startUploads()
    const { file } = (await app.put(VOICE, SONG)).body
    const fields = 'id filename bytes createdAt purpose purposeName'
    for (let times = 0; times < 3; times++) {
      const { data, extensions } = await app.query(toQuery(file.id, fields))
      const { sha256: _, ...shown } = file
      expect([data.file, extensions.cost.calls]).toEqual([shown, 0])
    }
    const linked = await app.query(toQuery(file.id, 'filename downloadUrl downloadUrlExpiresAt'))
    expect(linked.data.file).toMatchObject({ filename: file.filename, downloadUrl: expect.any(String) })
    expect(linked.extensions.cost.calls).toBe(1)
    const entity =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on File { bytes downloadUrl } } }'
    const again = await app.query(entity, { r: [{ __typename: 'File', id: file.id }] })
    expect([again.data._entities[0].bytes, again.extensions.cost.calls]).toEqual([SONG.length, 0])
    expect(toKinds(app)).toEqual(['upload', 'retrieve'])
  })

  it('gives its content from retrieve_content, and by its link where there is no such operation', async () => {
    const app = await startUploads()
    const { id } = (await app.put(VOICE, SONG)).body.file
    const get = async (method = 'GET') => {
      const response = await fetch(`${app.origin}/files/${id}/content`, { method })
      return Buffer.from(await response.arrayBuffer())
    }
    await get('HEAD')
    expect((await get()).equals(SONG)).toBe(true)
    expect(toKinds(app)).toEqual(['upload', 'content'])
    app.sandbox.behave({ sold: ['retrieve'] })
    expect((await get()).equals(SONG)).toBe(true)
    expect(toKinds(app).slice(2)).toEqual(['content', 'retrieve', 'object'])
  })

  it('stands in the list that was there before, without another call', async () => {
    const app = await startUploads({ CACHE_LIST_SECONDS: '3600' })
    const list = async (filter: string) =>
      (await app.query(`{ files${filter} { totalCount nodes { id filename } } }`)).data.files
    const before = await list('')
    await list('(purpose: RETRIEVAL)')
    const { id } = (await app.put(NOTE, 'hello')).body.file
    for (const filter of ['', '(purpose: RETRIEVAL)'])
      expect((await list(filter)).nodes[0]).toEqual({ id, filename: 'a.txt' })
    expect((await list('')).totalCount).toBe(before.totalCount + 1)
    expect((await list('(purpose: VOICE_CLONE)')).nodes).not.toContainEqual({ id, filename: 'a.txt' })
    expect(toKinds(app)).toEqual(['list', 'upload'])
  })

  it('is spoken for its price without a look-up', async () => {
    const app = await startUploads()
    const { id } = (await app.put(toPath('t2a_async_input', 'a.txt'), 'hello')).body.file
    const input = { model: 'speech-2.8-hd', voiceId: 'v', textFileId: id }
    const { data, extensions } = await app.query(
      'mutation ($input: CreateSpeechInput!) { createSpeech(input: $input) { ... on SpeechTask { status } } }',
      { input },
    )
    expect([data.createSpeech, extensions.cost.calls]).toEqual([{ status: 'PREPARING' }, 1])
  })

  it('is deleted with its purpose, and refused for another, without a look-up', async () => {
    const app = await startUploads()
    const { id } = (await app.put(NOTE, 'hello')).body.file
    const remove = async (purpose: string) => {
      const { data } = await app.query(
        `mutation { deleteFile(id: "${id}"${purpose}) { ... on DeletedFile { id } ... on FileError { code } } }`,
      )
      return data.deleteFile
    }
    expect(await remove(', purpose: VOICE_CLONE')).toEqual({ code: 'PURPOSE_MISMATCH' })
    expect(await remove('')).toEqual({ id })
    const sent = app.sandbox.requests.map(({ operation, body }) => (operation === 'upload' ? '' : body))
    expect(sent).toEqual(['', `{"file_id":${id},"purpose":"retrieval"}`])
  })

  it('is gone once it is deleted', async () => {
    const app = await startUploads()
    const { id } = (await app.put(NOTE, 'hello')).body.file
    await app.query(`mutation { deleteFile(id: "${id}") { __typename } }`)
    const { errors } = await app.query(toQuery(id, 'filename'))
    expect(errors?.[0]?.extensions.code).toBe('FILE_NOT_FOUND')
  })
})

it('100 at once beyond TRANSFERS get 503, and the others finish', async () => {
  const answers: (() => void)[] = []
  const { url, received } = await startRecorder((response, { bytes }) => {
    answers.push(() => answerKept(response, { file_id: 438136012800000 + bytes + answers.length }))
  })
  const { put } = await startUploads({ UPSTREAM_URL: url, TRANSFERS: '4' })
  const first = Array.from({ length: 4 }, () => put(NOTE, SONG))
  await eventually(() => expect(answers).toHaveLength(4))
  const beyond = await Promise.all(Array.from({ length: 100 }, () => put(NOTE, SONG)))
  for (const { status, code, headers } of beyond)
    expect([status, code, headers.get('retry-after')]).toEqual([503, 'SERVICE_UNAVAILABLE', '1'])
  for (const answer of answers) answer()
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([201, 201, 201, 201])
  expect(received).toHaveLength(4)
  const last = put(NOTE, SONG)
  await eventually(() => expect(answers).toHaveLength(5))
  answers[4]?.()
  expect((await last).status).toBe(201)
})

it('whose client was answered before it had sent all is watched no longer', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const watched: number[] = []
  const server = createServer((request, response) => {
    watchClient(request, response, 30_000, () => {})
    watched.push(vi.getTimerCount())
    response.once('close', () => watched.push(vi.getTimerCount())).end('{}')
  })
  onTestFinished(() => void server.close().closeAllConnections())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { outgoing, answer } = begin(url, NOTE, { 'content-length': 100 })
  outgoing.write('hello')
  expect((await answer).status).toBe(200)
  await eventually(() => expect(watched).toEqual([1, 0]))
})
