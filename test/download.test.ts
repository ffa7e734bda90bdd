// Downloads over HTTP: what comes back for what is asked, from the sandbox's links and contents, or from a bad host.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contents } from '../src/sandbox/content.js'
import { KEY, startApp, TOKENS } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'
import { readSamples } from './helpers/metrics.js'
import { connect } from './helpers/socket.js'

const NOVEL = '437398323200000'
const WAV = '437774745600005'
const CHINESE = '438136012800003'
const FILM = contents.mp4.bytes
const path = (id: string) => `/files/${id}/content`

type App = Awaited<ReturnType<typeof startApp>>
type Env = Parameters<typeof startApp>[0]

async function start(env: Env = {}) {
  const app = await startApp(env)
  /** The bytes, where `send` would read a text. */
  async function get(id = VIDEO, headers: Record<string, string> = {}, method = 'GET') {
    const response = await fetch(`${app.origin}${path(id)}`, { headers, method })
    const body = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, body, said: toSaid(response, body) }
  }
  return { ...app, get }
}

/** The code of a failure. */
function toSaid({ headers, status }: Response, body: Buffer): string | undefined {
  if (status < 400 || !headers.get('content-type')?.startsWith('application/json') || body.length === 0)
    return undefined
  return JSON.parse(body.toString()).errors[0].extensions.code
}

/** A host of links that answers as the test says. */
async function startHost(app: App, answer: RequestListener, times?: number) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  app.sandbox.fault({
    name: 'field',
    field: 'download_url',
    raw: JSON.stringify(`http://127.0.0.1:${port}/a?Expires=9999999999&Signature=x`),
    ...(times !== undefined && { times }),
  })
  return server
}

const toKinds = (app: App) => app.sandbox.requests.map(({ operation }) => operation)

describe('a download', () => {
  it('is the file, byte for byte, by its link, after one look-up for many', async () => {
    const app = await start()
    for (let times = 0; times < 3; times++) expect((await app.get()).body.equals(FILM)).toBe(true)
    expect(toKinds(app)).toEqual(['retrieve', 'object', 'object', 'object'])
    expect(app.sandbox.requests.slice(1).every(({ headers }) => headers.authorization === undefined)).toBe(
      true,
    )
  })

  it('says what it is, and lets nothing of it run', async () => {
    const { get } = await start()
    const { headers, status } = await get()
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(FILM.length),
      'content-disposition': 'inline; filename="output_aigc.mp4"',
      'accept-ranges': 'bytes',
      'cache-control': 'private',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/default-src 'none'.*;sandbox/),
      'cross-origin-resource-policy': 'same-origin',
      etag: contents.mp4.etag,
      'x-request-id': expect.any(String),
    })
  })

  it.each([
    [WAV, 'audio/wav', 'inline; filename="voice.wav"'],
    [NOVEL, 'text/plain; charset=utf-8', 'attachment; filename="novel.txt"'],
    ['437398732800002', 'application/octet-stream', 'attachment; filename="437398732800002.tar"'],
    ['438504652800060', 'image/png', 'inline; filename="first_frame.png"'],
    [CHINESE, 'video/mp4', 'inline; filename="__.mp4"; filename*=UTF-8\'\'%E6%96%87%E4%BB%B6.mp4'],
  ])('of %s is of the type %s', async (id, type, disposition) => {
    const { get } = await start()
    const { headers } = await get(id)
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual([type, disposition])
  })

  it.each([
    ['bytes=0-9', 206, `bytes 0-9/${FILM.length}`, [0, 10]],
    ['bytes=100-', 206, `bytes 100-${FILM.length - 1}/${FILM.length}`, [100]],
    ['bytes=-5', 206, `bytes ${FILM.length - 5}-${FILM.length - 1}/${FILM.length}`, [-5]],
    ['bytes=99999999-', 416, `bytes */${FILM.length}`, undefined],
    ['bytes=0-1,5-6', 200, null, [0]],
    [`bytes=${'0-0,'.repeat(1000)}5-5`, 200, null, [0]],
    ['bytes=5-1', 200, null, [0]],
    ['bytes=99999999999999999999-', 200, null, [0]],
    ['lines=1-2', 200, null, [0]],
    ['x', 200, null, [0]],
  ])('of the range %s is %s', async (range, status, contentRange, part) => {
    const { get, sandbox } = await start()
    const answer = await get(VIDEO, { range })
    expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange])
    if (part) expect(answer.body.equals(FILM.subarray(...(part as [number])))).toBe(true)
    else expect(answer.said).toBe('BAD_REQUEST')
    expect(answer.headers.get('content-type')).not.toMatch(/multipart/)
    expect(sandbox.requests.at(-1)?.headers.range ?? range).toBe(range)
  })

  it('keeps the type of a part that does not show it, once it is known', async () => {
    const { get } = await start()
    const type = async (range: string) => (await get(VIDEO, { range })).headers.get('content-type')
    expect(await type('bytes=100-')).toBe('application/octet-stream')
    expect(await type('bytes=0-')).toBe('video/mp4')
    expect(await type('bytes=100-')).toBe('video/mp4')
  })

  it('passes on conditions, which the link decides', async () => {
    const { get } = await start()
    const { etag } = contents.mp4
    const unchanged = await get(VIDEO, { 'if-none-match': etag })
    expect([unchanged.status, unchanged.body.length, unchanged.headers.get('etag')]).toEqual([304, 0, etag])
    expect((await get(VIDEO, { 'if-none-match': '"other"' })).status).toBe(200)
    expect((await get(VIDEO, { 'if-modified-since': new Date().toUTCString() })).status).toBe(304)
    expect((await get(VIDEO, { 'if-match': '"other"' })).status).toBe(412)
    expect((await get(VIDEO, { range: 'bytes=0-9', 'if-range': etag })).status).toBe(206)
    expect((await get(VIDEO, { range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200)
  })

  it('has a head alone, for which nothing is paid where the file is known', async () => {
    const app = await start()
    const { status, headers, body } = await app.get(VIDEO, {}, 'HEAD')
    expect([status, body.length, headers.get('content-length')]).toEqual([200, 0, String(FILM.length)])
    expect(headers.get('content-type')).toBe('video/mp4')
    const novel = contents.txt.bytes
    const known = await app.get(NOVEL, {}, 'HEAD')
    expect(known.headers.get('content-length')).toBe(String(novel.length))
    const calls = app.sandbox.totals.calls
    expect([calls.retrieve, calls.content]).toEqual([2, 0])
  })

  it('of a file without a link is paid for, and has a tag by which it need not be again', async () => {
    const app = await start()
    const { body, headers } = await app.get(NOVEL)
    expect(body.equals(contents.txt.bytes)).toBe(true)
    const asked = app.sandbox.requests.at(-1)
    expect([asked?.operation, asked?.headers.authorization]).toEqual(['content', `Bearer ${KEY}`])
    const again = await app.get(NOVEL, { 'if-none-match': headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
    expect(app.sandbox.totals.calls.content).toBe(1)
    const metrics = await (await app.send('/metrics')).text()
    expect(metrics).toContain('files_spent_usd_total 0.008')
    expect(metrics).toContain('files_upstream_calls_total{code="OK"} 2')
  })

  it('logs one line, with what it cost and nothing of what it was', async () => {
    const { get, logs } = await start()
    await get(NOVEL)
    const lines = () => logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered')
    await eventually(() => expect(lines()).toHaveLength(1))
    expect(lines()[0]).toMatchObject({
      method: 'GET',
      route: '/files/:id/content',
      status: 200,
      lookups: 1,
      calls: 2,
      usd: 0.008,
      codes: [],
    })
  })
})

describe('a link that is not what it was', () => {
  it('is looked up once more where it has died', async () => {
    const app = await start()
    await startHost(app, (_, response) => response.writeHead(403).end('<Error/>'), 1)
    await app.query(`{ file(id: "${VIDEO}") { id } }`)
    expect((await app.get()).body.equals(FILM)).toBe(true)
    expect(toKinds(app)).toEqual(['retrieve', 'retrieve', 'object'])
    expect((await app.get()).body.equals(FILM)).toBe(true)
    expect(app.sandbox.calls).toBe(2)
  })

  it('gives way to the content where it stays dead, and XML is never shown', async () => {
    const app = await start()
    app.sandbox.fault({ name: 'denied', operation: 'object' })
    expect((await app.get()).body.equals(FILM)).toBe(true)
    expect(toKinds(app)).toEqual(['retrieve', 'object', 'content'])
    app.sandbox.behave({ sold: ['retrieve'] })
    const { status, said, body } = await app.get()
    expect([status, said]).toEqual([502, 'UPSTREAM_FORBIDDEN'])
    expect(body.toString()).not.toMatch(/xml|AccessDenied/i)
  })

  it.each([
    ['a host that is down', (_: unknown, response: { destroy(): void }) => response.destroy(), 502],
    ['a redirect', redirect, 502],
    ['a missing object', (_: unknown, response: Writable) => response.writeHead(404).end(), 404],
  ] as const)('fails as %s where there is no other way', async (_, answer, status) => {
    const app = await start()
    app.sandbox.behave({ sold: ['retrieve'] })
    await startHost(app, answer as RequestListener)
    expect((await app.get()).status).toBe(status)
  })

  it('loses what its host says beside the bytes', async () => {
    const app = await start()
    await startHost(app, (_, response) => {
      const evil = {
        'content-type': 'text/html',
        'set-cookie': 'a=b',
        location: 'https://a.example',
        'x-evil': 'a',
      }
      response
        .writeHead(200, { ...evil, 'access-control-allow-origin': '*' })
        .end('<script>alert(1)</script>')
    })
    const { headers, body } = await app.get()
    expect(body.toString()).toBe('<script>alert(1)</script>')
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('content-disposition')).toMatch(/^attachment/)
    for (const name of ['set-cookie', 'location', 'x-evil', 'access-control-allow-origin'])
      expect(headers.get(name), name).toBeNull()
  })

  it('gets no header of the client but those on ranges and conditions', async () => {
    const app = await start()
    let seen: object = {}
    await startHost(app, ({ headers }, response) => {
      seen = headers
      response.end('a')
    })
    await app.get(VIDEO, {
      range: 'bytes=0-',
      cookie: 'a=b',
      authorization: 'Bearer x',
      'x-a': 'b',
      referer: 'https://a.example',
    })
    expect(Object.keys(seen).sort()).toEqual(['accept-encoding', 'connection', 'host', 'range'])
  })

  it('is never called a part where its host ignores the range', async () => {
    const app = await start()
    app.sandbox.behave({ objectRanges: false })
    const { status, body } = await app.get(VIDEO, { range: 'bytes=0-9' })
    expect([status, body.length]).toEqual([200, FILM.length])
  })

  it.each([
    'https://169.254.169.254/a',
    'https://[::ffff:10.0.0.1]/a',
    'https://10.0.0.1/a',
    'http://a.example/a',
  ])('leads to no private place: %s', async (link) => {
    const app = await start()
    app.sandbox.behave({ sold: ['retrieve'] })
    app.sandbox.fault({ name: 'field', field: 'download_url', raw: JSON.stringify(link) })
    expect((await app.get()).status).toBe(502)
  })
})

type Writable = { writeHead(status: number, headers?: object): { end(): void } }
function redirect(_: unknown, response: Writable): void {
  response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
}

describe('a download that ends early', () => {
  it.each([
    ['with a length', { 'content-length': '1000000' }],
    ['without one', {}],
  ])('since its host breaks off is cut off for the client too: %s', async (_, headers) => {
    const app = await start()
    await startHost(app, (_request, response) => {
      response.writeHead(200, headers)
      response.write(FILM.subarray(0, 5000), () => setTimeout(() => response.destroy(), 10))
    })
    const response = await fetch(`${app.origin}${path(VIDEO)}`)
    await expect(response.arrayBuffer()).rejects.toThrow()
  })

  it('since the client leaves ends at its host too', async () => {
    const app = await start()
    let closed: Promise<unknown> | undefined
    await startHost(app, (_, response) => {
      closed = once(response, 'close')
      response.write(FILM.subarray(0, 5000))
    })
    const leaving = new AbortController()
    const response = await fetch(`${app.origin}${path(VIDEO)}`, { signal: leaving.signal })
    expect(response.status).toBe(200)
    leaving.abort()
    await closed
    const last = () => app.logs.map((line) => JSON.parse(line)).at(-1)
    await eventually(() => expect(last()).toMatchObject({ level: 'info', msg: 'the client left' }))
  })

  it('is held back by a client that takes nothing, and closed for it', async () => {
    const app = await start({ TRANSFER_IDLE_SECONDS: '1' })
    const chunk = Buffer.alloc(2 ** 20)
    let sent = 0
    let closed: Promise<unknown> | undefined
    await startHost(app, (_, response) => {
      closed = once(response, 'close')
      const write = () => {
        do sent += chunk.length
        while (response.write(chunk))
      }
      response.on('drain', write)
      write()
    })
    const socket = await connect(app.origin)
    socket.pause()
    socket.write(`GET ${path(VIDEO)} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    await expect.poll(() => closed, { timeout: 10_000 }).toBeDefined()
    await closed
    expect(sent).toBeLessThan(100 * 2 ** 20)
  })
})

describe('a download that is refused', () => {
  it.each([
    ['0', 400, 'INVALID_FILE_ID'],
    ['01', 400, 'INVALID_FILE_ID'],
    ['9223372036854775808', 400, 'INVALID_FILE_ID'],
    ['335560631603474', 404, 'FILE_NOT_FOUND'],
    ['1004', 502, 'UPSTREAM_UNAUTHENTICATED'],
    ['1002', 502, 'UPSTREAM_RATE_LIMITED'],
    ['504', 504, 'UPSTREAM_TIMEOUT'],
  ])('for the file %s: %s %s', async (id, status, code) => {
    const { get } = await start()
    const answer = await get(id)
    expect([answer.status, answer.said]).toEqual([status, code])
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      errors: [
        { message: expect.any(String), extensions: { requestId: answer.headers.get('x-request-id') } },
      ],
      extensions: { cost: { calls: expect.any(Number) } },
    })
  })

  it('for what the upstream does not have, or there is no money for', async () => {
    const app = await start()
    app.sandbox.behave({ sold: ['retrieve'] })
    expect((await app.get(NOVEL)).status).toBe(501)
    const poor = await start({ SPEND_LIMIT_USD_PER_DAY: '0.004' })
    const answer = await poor.get(NOVEL)
    expect([answer.status, answer.said]).toEqual([429, 'SPEND_LIMIT_EXCEEDED'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('without a token', async () => {
    const { get, sandbox } = await start({ ACCESS_TOKENS: TOKENS.join() })
    expect((await get()).status).toBe(401)
    expect(sandbox.requests).toEqual([])
    expect((await get(VIDEO, { authorization: `Bearer ${TOKENS[0]}` })).status).toBe(200)
  })

  it('by any other method', async () => {
    const { get } = await start()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await get(VIDEO, {}, method)
      expect([status, headers.get('allow')], method).toEqual([405, 'GET, HEAD'])
    }
  })

  it('beyond TRANSFERS, while GraphQL goes on and the others finish', async () => {
    const app = await start({ TRANSFERS: '4' })
    const held: { end(chunk: Buffer): void }[] = []
    await startHost(app, (_, response) => {
      held.push(response)
      response.write('f')
    })
    await app.query(`{ file(id: "${VIDEO}") { id } }`)
    const running = Array.from({ length: 4 }, () => fetch(`${app.origin}${path(VIDEO)}`))
    await eventually(() => expect(held).toHaveLength(4))
    const refused = await Promise.all(Array.from({ length: 6 }, () => app.get()))
    for (const { status, said, headers } of refused)
      expect([status, said, headers.get('retry-after')]).toEqual([503, 'SERVICE_UNAVAILABLE', '1'])
    expect((await app.query(`{ file(id: "${VIDEO}") { id } }`)).data.file.id).toBe(VIDEO)
    const samples = readSamples(await (await app.send('/metrics')).text())
    expect(samples.get('files_requests_in_flight{route="/files/:id/content"}')).toBe(4)
    expect(samples.get('files_shed_total{route="/files/:id/content"}')).toBe(6)
    for (const response of held) response.end(Buffer.from('ilm'))
    for (const response of await Promise.all(running)) expect(await response.text()).toBe('film')
    const last = app.get()
    await eventually(() => expect(held).toHaveLength(5))
    held[4]?.end(Buffer.from('ilm'))
    expect((await last).status).toBe(200)
  })
})

it('tells pages of CORS_ORIGINS what they need to know of the bytes', async () => {
  const { get } = await start({ CORS_ORIGINS: 'https://a.example' })
  const { headers } = await get(VIDEO, { origin: 'https://a.example' })
  expect(headers.get('access-control-allow-origin')).toBe('https://a.example')
  expect(headers.get('access-control-expose-headers')).toMatch(
    /content-range, content-length, accept-ranges, etag, content-disposition/i,
  )
})

it('lets pages of CORS_ORIGINS ask for a range with a token', async () => {
  const { send } = await start({ CORS_ORIGINS: 'https://a.example', ACCESS_TOKENS: TOKENS.join() })
  const asked = {
    origin: 'https://a.example',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization,range',
  }
  const { status, headers } = await send(path(VIDEO), { method: 'OPTIONS', headers: asked })
  expect([status, headers.get('access-control-allow-headers')]).toEqual([204, 'authorization,range'])
  const { headers: others } = await send(path(VIDEO), {
    method: 'OPTIONS',
    headers: { ...asked, origin: 'https://b.example' },
  })
  expect(others.get('access-control-allow-origin')).toBeNull()
})

describe('a 200 of retrieve_content', () => {
  it.each([
    ['{"base_resp":{"status_code":1004,"status_msg":"login fail"}}', 502, 'UPSTREAM_UNAUTHENTICATED'],
    ['{"error":{"code":"x","message":"y"}}', 200, undefined],
    ['{"base_resp":{"status_code":0},"file":null}', 200, undefined],
    ['[{"base_resp":{"status_code":1004}}]', 200, undefined],
  ])('that says %s is told as %i', async (text, status, code) => {
    const server = createServer(({ url = '' }, response) => {
      const file = `{"file_id":${NOVEL},"bytes":9,"filename":"a.json","purpose":"retrieval"}`
      const isContent = url.includes('retrieve_content')
      response.end(isContent ? text : `{"file":${file},"base_resp":{"status_code":0}}`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close().closeAllConnections())
    const { port } = server.address() as AddressInfo
    const { get } = await start({ UPSTREAM_URL: `http://127.0.0.1:${port}` })
    const answer = await get(NOVEL)
    expect([answer.status, answer.said]).toEqual([status, code])
    if (status === 200) expect(answer.body.toString()).toBe(text)
  })
})

it('finishes within the grace when the server stops', async () => {
  const app = await start({ DRAIN_LEAD_SECONDS: '0' })
  let finish = () => {}
  await startHost(app, (_, response) => {
    response.write(FILM.subarray(0, 1000))
    finish = () => response.end(FILM.subarray(1000))
  })
  const response = await fetch(`${app.origin}${path(VIDEO)}`)
  const stopped = app.app.stop(10_000)
  finish()
  expect(Buffer.from(await response.arrayBuffer()).equals(FILM)).toBe(true)
  await stopped
})

it('is cut off when the grace is over', async () => {
  const app = await start({ DRAIN_LEAD_SECONDS: '0' })
  await startHost(app, (_, response) => void response.write(FILM.subarray(0, 1000)))
  const response = await fetch(`${app.origin}${path(VIDEO)}`)
  await app.app.stop(0)
  await expect(response.text()).rejects.toThrow()
})
