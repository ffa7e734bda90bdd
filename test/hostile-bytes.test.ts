// Hostile requests for bytes: each is refused as it says, or is as good as a plain one; none is paid for that should not
// be, none shows anything of what it said, and all of them together leave nothing behind.
import { once } from 'node:events'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { contents } from '../src/sandbox/content.js'
import { startApp, TOKENS } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'
import { connect } from './helpers/socket.js'

type App = Awaited<ReturnType<typeof startApp>>
type Headers = Readonly<Record<string, string | readonly string[]>>

const PATH = `/files/${VIDEO}/content`
const FILM = contents.mp4.bytes
const ECHO = 'ECHO-ECHO'

/** As it is said, which fetch would put right. */
function ask({ origin }: Pick<App, 'origin'>, path: string, headers: Headers = {}, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      const { hostname, port } = new URL(origin)
      const sent = request({
        hostname,
        port,
        path,
        method,
        headers: headers as NodeJS.Dict<string>,
        agent: false,
      })
      sent.on('error', reject)
      sent.on('response', async (response) => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, body: await buffer(response) })
      })
      sent.end()
    },
  )
}

const toId = (id: string) => `/files/${id}/content`

describe('a path that is odd', () => {
  it.each<[string, number, string]>([
    [toId('%00'), 400, 'INVALID_FILE_ID'],
    [toId('-1'), 400, 'INVALID_FILE_ID'],
    [toId('1.0'), 400, 'INVALID_FILE_ID'],
    [toId(encodeURIComponent('１')), 400, 'INVALID_FILE_ID'],
    [toId('%31%2f%32'), 400, 'INVALID_FILE_ID'],
    [toId('..%2f..%2fetc%2fpasswd'), 400, 'INVALID_FILE_ID'],
    [toId(`${ECHO}%0d%0aset-cookie:a=b`), 400, 'INVALID_FILE_ID'],
    [toId('__proto__'), 400, 'INVALID_FILE_ID'],
    [toId('%'), 400, 'BAD_REQUEST'],
    [toId('%ff'), 400, 'BAD_REQUEST'],
    [toId('1'.repeat(300)), 400, 'INVALID_FILE_ID'],
    [toId('1'.repeat(9000)), 414, 'BAD_REQUEST'],
    ['/files//content', 400, 'INVALID_FILE_ID'],
    [`/files/${VIDEO}`, 404, 'BAD_REQUEST'],
    [`${PATH}/`, 404, 'BAD_REQUEST'],
    [`/${PATH}`, 404, 'BAD_REQUEST'],
    [PATH.toUpperCase(), 404, 'BAD_REQUEST'],
    ['/content/', 403, 'FORBIDDEN'],
    ['/content/..%2f..', 403, 'FORBIDDEN'],
    [`/content/${VIDEO}`, 403, 'FORBIDDEN'],
    [`/content/${ECHO.repeat(20)}`, 403, 'FORBIDDEN'],
    [`/content/${'x'.repeat(300)}`, 403, 'FORBIDDEN'],
    [`${PATH}?member=${ECHO}`, 400, 'INVALID_INPUT'],
    [`${PATH}?member=audio&member=extra`, 400, 'INVALID_INPUT'],
    [`${PATH}?member[]=audio&__proto__=x`, 200, ''],
    [`${PATH}?url=http://169.254.169.254/&purpose=x`, 200, ''],
  ])('is refused, or no matter: %s', async (path, status, code) => {
    const app = await startApp()
    const answer = await ask(app, path)
    expect(answer.status).toBe(status)
    if (code === '') return
    expect(JSON.parse(answer.body.toString()).errors[0].extensions.code).toBe(code)
    expect(answer.body.toString()).not.toContain(ECHO)
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(app.sandbox.requests).toEqual([])
  })
})

describe('a header that is odd', () => {
  it.each<[string, Headers, number]>([
    ['a range of a thousand', { range: `bytes=${'0-0,'.repeat(1000)}1-1` }, 200],
    ['a range of large numbers', { range: 'bytes=99999999999999999999-' }, 200],
    ['a range with blanks', { range: ' bytes = 0 - 1 ' }, 200],
    ['several ranges by several headers', { range: ['bytes=0-1', 'bytes=2-3'] }, 200],
    ['a range that overlaps itself', { range: 'bytes=0-,0-,0-,0-' }, 200],
    ['a range of letters', { range: `bytes=${ECHO}` }, 200],
    ['an If-Range without a range', { 'if-range': '"x"' }, 200],
    ['a thousand tags', { 'if-none-match': Array(1000).fill('"x"').join() }, 200],
    ['tags without end', { 'if-none-match': '"'.repeat(7000) }, 200],
    ['a time that is none', { 'if-modified-since': ECHO }, 200],
    ['headers over 8 KiB', { 'x-a': 'x'.repeat(9000) }, 431],
    ['an expectation', { expect: 'a-miracle' }, 417],
    ['another host’s name', { host: 'evil.example' }, 421],
    ['a wish to upgrade', { connection: 'upgrade', upgrade: 'websocket' }, 200],
    ['codings', { 'accept-encoding': 'gzip, br, zstd', te: 'trailers' }, 200],
  ])('is refused, or no matter: %s', async (_, headers, status) => {
    const app = await startApp()
    const answer = await ask(app, PATH, headers)
    expect(answer.status).toBe(status)
    if (status === 200) expect(answer.body.equals(FILM)).toBe(true)
    else expect(app.sandbox.requests).toEqual([])
    for (const { headers: sent } of app.sandbox.requests)
      expect(JSON.stringify(sent)).not.toMatch(/evil|upgrade|gzip|trailers/)
  })
})

describe('without a token, where one is asked for,', () => {
  it.each<[string, string]>([
    ['GET', PATH],
    ['HEAD', PATH],
    ['GET', `${PATH}?member=audio`],
    ['GET', toId('0')],
    ['GET', '/content/forged'],
    ['HEAD', '/content/forged'],
  ])('nothing is told and nothing paid: %s %s', async (method, path) => {
    const app = await startApp({ ACCESS_TOKENS: TOKENS.join() })
    const { status, body } = await ask(app, path, {}, method)
    expect(status).toBe(path.startsWith('/content') ? 403 : 401)
    expect(body.toString()).not.toContain('INVALID_FILE_ID')
    expect(app.sandbox.requests).toEqual([])
  })
})

it.each([
  ['POST', PATH],
  ['PUT', PATH],
  ['DELETE', PATH],
  ['PATCH', '/content/forged'],
  ['TRACE', PATH],
  ['OPTIONS', '/content/forged'],
])('%s %s is no way to ask', async (method, path) => {
  const app = await startApp()
  const { status, headers } = await ask(app, path, { 'content-type': 'text/plain' }, method)
  expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  expect(app.sandbox.requests).toEqual([])
})

it('clients that leave at every stage leave no transfer, and no place taken', async () => {
  const app = await startApp({ TRANSFERS: '8' })
  const { hostname, port } = new URL(app.origin)
  const leave = (path: string, atByte: number) =>
    new Promise<void>((resolve) => {
      const sent = request({ hostname, port, path, agent: false })
      sent.on('error', () => {})
      sent.on('close', () => resolve())
      if (atByte < 0) setImmediate(() => sent.destroy())
      let read = 0
      sent.on('response', (response) => {
        response.on('error', () => {})
        response.on('data', (chunk: Buffer) => {
          read += chunk.length
          if (read > atByte) sent.destroy()
        })
        if (atByte === 0) sent.destroy()
      })
      sent.end()
    })
  const paths = [PATH, '/files/437398323200000/content', '/files/437398732800002/content?member=audio']
  for (let round = 0; round < 10; round++)
    await Promise.all(paths.flatMap((path) => [leave(path, -1), leave(path, 0)]))
  await eventually(async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => ask(app, PATH)))
    expect(all.map(({ status }) => status)).toEqual(Array(8).fill(200))
  })
  expect(app.logs.filter((line) => line.includes('"level":"error"'))).toEqual([])
})

it('downloads that are asked for one behind the other come in that order, each whole', async () => {
  const app = await startApp()
  const socket = await connect(app.origin)
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  const head = `GET ${PATH} HTTP/1.1\r\nhost: localhost\r\n`
  socket.write(`${head}\r\n${head}range: bytes=0-9\r\n\r\n${head}connection: close\r\n\r\n`)
  await once(socket, 'end')
  const text = Buffer.concat(received).toString('latin1')
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 206', 'HTTP/1.1 200'])
  expect(text.split(FILM.toString('latin1'))).toHaveLength(3)
})

it('a hundred ranges at once are each the part that was asked for, after one look-up', async () => {
  const app = await startApp({ TRANSFERS: '100' })
  const parts = await Promise.all(
    Array.from({ length: 100 }, (_, at) => ask(app, PATH, { range: `bytes=${at * 7}-${at * 7 + 6}` })),
  )
  for (const [at, { status, body }] of parts.entries())
    expect([status, body.equals(FILM.subarray(at * 7, at * 7 + 7))]).toEqual([206, true])
  expect(app.sandbox.calls).toBe(1)
})
