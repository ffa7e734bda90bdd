// The HTTP server against clients that are slow, broken, rude or too many: mostly over bare sockets.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { Asker, File, Files } from '../src/file.js'
import { HTTP_LIMITS } from '../src/http/limits.js'
import { startApp, TOKENS } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { converse } from './helpers/sandbox-peer.js'
import { startServer } from './helpers/server.js'
import { connect } from './helpers/socket.js'

const QUERY = `{ file(id: "${VIDEO}") { id } }`
const BODY = JSON.stringify({ query: QUERY })
const JSON_TYPE = 'content-type: application/json'

/** A request as it goes over the wire, closed after its answer. */
function toRaw(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'host: files', 'connection: close', ...headers, '', body].join('\r\n')
}

const post = (body: string, ...headers: readonly string[]) =>
  toRaw('POST /graphql', [JSON_TYPE, `content-length: ${body.length}`, ...headers], body)

/** An operation on a connection that stays open. */
const ask = (query: string) => {
  const body = JSON.stringify({ query })
  return `POST /graphql HTTP/1.1\r\nhost: a\r\n${JSON_TYPE}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** The status, the parsed body, and how the connection ended. */
async function exchange(origin: string, send: string) {
  const { text, end } = await converse({ url: origin }, '', { send })
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s)
  return { status: Number(head.split(' ')[1]), head, body: JSON.parse(body || 'null'), end }
}

const answerAt: Files['find'] = async (id) => ({ file: { id } as File, freshUntilMs: 0 })

describe('a slow client', () => {
  const QUICK = { headersTimeoutMs: 1000, requestTimeoutMs: 1500, checkIntervalMs: 50 }

  it('[92] that never ends its headers gets a 408, and 500 such keep nobody else waiting', async () => {
    const { url, query } = await startServer(answerAt, QUICK)
    const slow = Array.from({ length: 500 }, () =>
      converse({ url }, '', { send: 'POST /graphql HTTP/1.1\r\nhost: a\r\n' }),
    )
    const { status, data } = await query(QUERY)
    expect([status, data]).toEqual([200, { file: { id: VIDEO } }])
    for (const { text, end } of await Promise.all(slow)) {
      expect(text).toMatch(/^HTTP\/1\.1 408 /)
      expect(end).toBe('closed')
    }
  })

  it('[92] that never ends its body gets a 408 in the shape of all refusals', async () => {
    const { url } = await startServer(answerAt, QUICK)
    const { status, head, body, end } = await exchange(
      url,
      toRaw('POST /graphql', [JSON_TYPE, 'content-length: 90'], '{'),
    )
    expect([status, end]).toEqual([408, 'closed'])
    const { requestId, code } = body.errors[0].extensions
    expect(code).toBe('BAD_REQUEST')
    expect(head).toContain(`x-request-id: ${requestId}`)
    expect(body.extensions.cost).toEqual({ calls: 0, usd: 0 })
  })

  it('[92] has the time that the limits say', () => {
    expect(HTTP_LIMITS).toMatchObject({
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 15_000,
      keepAliveTimeoutMs: 65_000,
    })
  })
})

describe('too much', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `x-${i}: 1`)
  const url = (length: number) => `GET /livez?${'a'.repeat(length - 7)}`
  const large = JSON.stringify({ query: QUERY, padding: 'x'.repeat(101 * 1024) })
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

  it.each<[string, string, number, RegExp]>([
    ['headers of 9 KB', toRaw('GET /livez', [`x: ${'a'.repeat(9000)}`]), 431, /8 KiB/],
    ['headers of 40 KB', toRaw('GET /livez', [`x: ${'a'.repeat(40_000)}`]), 431, /8 KiB/],
    ['200 headers', toRaw('GET /livez', many(200)), 431, /at most 100/],
    ['a URL of 9 KB', toRaw(url(9000)), 414, /8 KiB/],
  ])('[93] %s is refused, and says so', async (_, send, expected, says) => {
    const { origin, sandbox } = await startApp()
    const { status, body } = await exchange(origin, send)
    expect(status).toBe(expected)
    expect(body.errors[0].message).toMatch(says)
    expect(sandbox.requests).toEqual([])
  })

  it('[93] is not what is just within the limits', async () => {
    const { origin } = await startApp()
    const { status } = await exchange(origin, toRaw(url(8192), [...many(97), `x: ${'a'.repeat(7000)}`]))
    expect(status).toBe(200)
  })

  it.each<[string, string]>([
    ['by its length', post(large)],
    [
      'in chunks',
      toRaw('POST /graphql', [JSON_TYPE, 'transfer-encoding: chunked'], `${chunk(large)}0\r\n\r\n`),
    ],
    [
      'in chunks without end',
      toRaw('POST /graphql', [JSON_TYPE, 'transfer-encoding: chunked'], chunk(large)),
    ],
    ['by a length that does not come', toRaw('POST /graphql', [JSON_TYPE, 'content-length: 999999'], '{')],
  ])('[94] a body of 101 KB %s is refused before it is parsed', async (_, send) => {
    const { origin, sandbox } = await startApp()
    const { status, body, end } = await exchange(origin, send)
    expect([status, end]).toEqual([413, 'closed'])
    expect(body.errors[0]).toMatchObject({
      message: expect.stringMatching(/100 KiB/),
      extensions: { code: 'BAD_REQUEST' },
    })
    expect(sandbox.requests).toEqual([])
  })

  it('[94] is what goes beyond the length that was said: it is not read as part of the body', async () => {
    const { origin, sandbox } = await startApp()
    const { text } = await converse({ url: origin }, '', {
      send: `POST /graphql HTTP/1.1\r\nhost: a\r\n${JSON_TYPE}\r\ncontent-length: 2\r\n\r\n${BODY}`,
    })
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(sandbox.requests).toEqual([])
  })

  it.each<[string, string, string]>([
    ['much more is to come', 'GET /nowhere HTTP/1.1\r\ncontent-length: 102401', 'close'],
    ['nobody knows how much more', 'GET /nowhere HTTP/1.1\r\ntransfer-encoding: chunked', 'close'],
    ['little more is to come', 'GET /nowhere HTTP/1.1\r\ncontent-length: 102400', 'keep-alive'],
    [
      'all of it has come',
      `POST /graphql HTTP/1.1\r\n${JSON_TYPE}\r\ntransfer-encoding: chunked`,
      'keep-alive',
    ],
  ])('[94] is what comes after an answer: when %s', async (_, head, expected) => {
    const { origin } = await startApp()
    const body = head.startsWith('POST') ? `${chunk(BODY)}0\r\n\r\n` : ''
    const send = `${head}\r\nhost: a\r\n\r\n${body}`
    const { text } = await converse({ url: origin }, '', { send, until: (sofar) => sofar.includes('"cost"') })
    expect(/^connection: (.*)\r$/im.exec(text)?.[1]).toBe(expected)
  })

  it('[99] connections are not accepted, and others are once there is room', async () => {
    const { url } = await startServer(answerAt, { connections: 20 })
    const idle = await Promise.all(Array.from({ length: 20 }, () => connect(url)))
    const { text, end } = await converse({ url }, '', { send: toRaw('GET /livez') })
    expect([text, end === 'open']).toEqual(['', false])
    for (const socket of idle) socket.destroy()
    await expect.poll(async () => (await exchange(url, toRaw('GET /livez'))).status).toBe(200)
    expect(HTTP_LIMITS.connections).toBe(2000)
  })

  it('[99] is the 1,001st request on one connection, which the 1,000th answer says to close', async () => {
    const { origin } = await startApp()
    const send = 'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(1001)
    const { text } = await converse({ url: origin }, '', { send, until: (sofar) => sofar.includes(' 503 ') })
    const answers = text.split(/(?=HTTP\/1\.1 )/)
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual([...Array(1000).fill('200'), '503'])
    expect(answers.findIndex((answer) => /^connection: close/im.test(answer))).toBe(999)
  })
})

describe('a request that is not what it seems', () => {
  const both = toRaw(
    'POST /graphql',
    [JSON_TYPE, `content-length: ${BODY.length}`, 'transfer-encoding: chunked'],
    BODY,
  )

  it.each<[string, string, number]>([
    ['a length and chunks', both, 400],
    ['two lengths', post(BODY, 'content-length: 1'), 400],
    ['bare line feeds', post(BODY).replaceAll('\r\n', '\n'), 400],
    ['a header with a blank before its colon', post(BODY, 'x : 1'), 400],
    ['dots', post(BODY).replace('/graphql', '/livez/../graphql'), 404],
    ['two slashes', post(BODY).replace('/graphql', '//graphql'), 404],
    ['a NUL', post(BODY).replace('/graphql', '/graphql%00'), 404],
    ['a slash in disguise', post(BODY).replace('/graphql', '/livez%2fgraphql'), 404],
    ['half an escape', post(BODY).replace('/graphql', '/graphql%zz'), 400],
    ['a method that is none', post(BODY).replace('POST', 'PSOT'), 400],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['no host', post(BODY).replace('host: files\r\n', ''), 400],
    ['two hosts', post(BODY, 'Host: elsewhere'), 400],
    ['the same host twice', post(BODY, 'host: files'), 400],
    ['a tunnel', toRaw('CONNECT files:443'), 405],
    ['a tunnel from a path', toRaw('CONNECT /graphql'), 405],
    ['an unknown expectation', post(BODY, 'expect: a-miracle'), 417],
  ])('[95] is refused and reaches nobody: %s', async (_, send, expected) => {
    const { origin, sandbox } = await startApp()
    const { status, head, body } = await exchange(origin, send)
    expect(status).toBe(expected)
    expect(body.errors[0].extensions.code).toBe('BAD_REQUEST')
    expect(head).toContain(`x-request-id: ${body.errors[0].extensions.requestId}`)
    expect(sandbox.requests).toEqual([])
  })

  it('[95] is what its path says where that is a whole URL, behind the same lock', async () => {
    const { origin, sandbox } = await startApp({ ACCESS_TOKENS: TOKENS[0] })
    const send = post(BODY).replace('/graphql', 'http://elsewhere/graphql')
    expect((await exchange(origin, send)).status).toBe(401)
    const livez = await exchange(origin, toRaw('GET http://elsewhere/livez'))
    expect([livez.status, livez.body]).toEqual([200, { status: 'ok' }])
    expect(sandbox.requests).toEqual([])
  })

  it.each([
    'content-type: text/plain',
    'content-type: application/x-www-form-urlencoded',
    'content-type: multipart/form-data; boundary=x',
    'content-type: application/graphql',
    'content-type: application/jsonp',
    'content-type: application/json; charset=utf-7',
    'content-type: application/json; charset="ibm037"',
    'content-type: application/json; charset=utf-16le',
    'content-type: application/json; charset=latin1',
    'content-encoding: gzip',
    'content-encoding: br',
    'content-encoding: identity, gzip',
  ])('[96] is refused with 415: %s', async (header) => {
    const { origin, sandbox } = await startApp()
    const type = header.startsWith('content-type') ? [] : [JSON_TYPE]
    const send = toRaw('POST /graphql', [...type, header, `content-length: ${BODY.length}`], BODY)
    const { status, body } = await exchange(origin, send)
    expect(status).toBe(415)
    expect(body.errors[0].extensions.code).toBe('BAD_REQUEST')
    expect(sandbox.requests).toEqual([])
  })

  it.each(['application/json;charset=UTF-8', 'application/json; charset="utf-8"', 'application/JSON'])(
    '[96] is none as %s',
    async (type) => {
      const { origin } = await startApp()
      const send = toRaw('POST /graphql', [`content-type: ${type}`, `content-length: ${BODY.length}`], BODY)
      expect((await exchange(origin, send)).body.data).toEqual({ file: { id: VIDEO } })
    },
  )

  // Wrong types of the four parameters are audits of their own: LKJ, 6C0, 476 and 58B.
  it.each(['[]', 'null', '"x"', '{}', '1', 'true', '', '[[]]', '{"query":null}', '{"query":""}'])(
    '[97] is refused with 400 where the body is %s',
    async (body) => {
      const { send, sandbox } = await startApp()
      const headers = { 'content-type': 'application/json' }
      const response = await send('/graphql', { method: 'POST', headers, body })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
      expect(sandbox.requests).toEqual([])
    },
  )

  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'])(
    '[98] is refused with 405 as %s',
    async (method) => {
      const { origin } = await startApp()
      const { status, head } = await exchange(origin, toRaw(`${method} /graphql?query={__typename}`))
      expect(status).toBe(405)
      expect(head).toMatch(/^allow: GET, POST$/m)
    },
  )

  it('[98] is refused as a mutation by GET', async () => {
    const { send } = await startApp()
    const accept = 'application/graphql-response+json'
    const headers = { 'apollo-require-preflight': '1', accept }
    const response = await send('/graphql?query=mutation{__typename}', { headers })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.json()).not.toHaveProperty('data')
  })

  it('is refused with 406 before it costs anything, where no answer would be taken', async () => {
    const { send, sandbox } = await startApp()
    const headers = { 'content-type': 'application/json', accept: 'text/html' }
    const response = await send('/graphql', { method: 'POST', headers, body: BODY })
    expect(response.status).toBe(406)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
    expect(sandbox.requests).toEqual([])
  })
})

it.each([
  ['1.1', /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /],
  ['1.0', /^HTTP\/1\.1 200 /],
])(
  'a client of HTTP/%s that expects to be told to send is answered so that it understands',
  async (version, said) => {
    const { origin } = await startApp()
    const send = post(BODY, 'expect: 100-continue').replace('HTTP/1.1', `HTTP/${version}`)
    const { text } = await converse({ url: origin }, '', { send })
    expect(text).toMatch(said)
  },
)

describe('one connection', () => {
  it('[100] gets its answers in the order of its requests, each its own', async () => {
    const { origin, sandbox } = await startApp()
    sandbox.fault({ name: 'latency', ms: 50, id: VIDEO })
    const send = `${ask(`{ slow: file(id: "${VIDEO}") { id } }`)}${ask('{ quick: __typename }')}${toRaw('GET /livez')}`
    const { text } = await converse({ url: origin }, '', { send })
    const bodies = text.split('\r\n').flatMap((line) => line.match(/^\{.*?\}(?=HTTP|$)/) ?? [])
    expect(bodies.map((body) => JSON.parse(body).data ?? JSON.parse(body))).toEqual([
      { slow: { id: VIDEO } },
      { quick: 'Query' },
      { status: 'ok' },
    ])
  })

  // A client that leaves says the same, so nobody is there to be answered.
  it('[100] is over when its client has said that nothing more will come', async () => {
    const { origin, sandbox, logs } = await startApp()
    sandbox.fault({ name: 'silence' })
    const socket = await connect(origin)
    socket.resume().end(post(BODY))
    await once(socket, 'close')
    await expect.poll(() => logs.join()).toContain('the client left')
    expect(logs.filter((line) => ['error', 'fatal'].includes(JSON.parse(line).level))).toEqual([])
  })

  it('[101] that its client leaves lets its call go on, and nothing is a fault', async () => {
    const { origin, sandbox, send, logs } = await startApp({ UPSTREAM_TIMEOUT_MS: '400' })
    sandbox.fault({ name: 'silence' })
    const socket = await connect(origin)
    socket.write(post(BODY))
    await expect.poll(() => sandbox.calls).toBe(1)
    socket.destroy()
    await expect.poll(() => logs.join()).toContain('the client left')
    const metrics = async () => (await send('/metrics')).text()
    await expect.poll(metrics).toMatch(/^files_upstream_calls_total\{code="UPSTREAM_TIMEOUT"\} 1$/m)
    expect(sandbox.calls).toBe(1)
    expect(logs.filter((line) => ['error', 'fatal'].includes(JSON.parse(line).level))).toEqual([])
  })

  it('[101] gives its place back, and is not paid for, where it waits its turn on a connection that breaks', async () => {
    const askers: Asker[] = []
    const { url, query } = await startServer(
      (_, { asker }) => {
        askers.push(asker)
        return new Promise((_resolve, reject) =>
          asker.onLeave(() => reject(new FileError('UPSTREAM_TIMEOUT'))),
        )
      },
      { operations: 5 },
    )
    const socket = await connect(url)
    socket.write(ask('{ file(id: 1) { id } }').repeat(5))
    await expect.poll(() => askers.length).toBe(5)
    expect((await query('{ __typename }')).status).toBe(503)
    socket.destroy()
    await expect.poll(() => askers.every(({ hasLeft }) => hasLeft)).toBe(true)
    await expect.poll(async () => (await query('{ __typename }')).status).toBe(200)
  })
})

describe('a client that does not take its answers', () => {
  const link = `https://cdn.example/${'x'.repeat(8000)}`
  const withLinks: Files['find'] = async (id) => ({
    file: { id, downloadUrl: link } as File,
    freshUntilMs: 0,
  })
  const links = Array.from({ length: 30 }, (_, i) => `a${i}: downloadUrl`).join(' ')
  /** A quarter of a megabyte each, more together than the system keeps on their way. */
  const pile = ask(`{ file(id: 1) { ${links} } }`).repeat(60)

  it('[102] keeps others waiting once there is much of them, until it is gone', async () => {
    const { url, query } = await startServer(withLinks, { unsentBytes: 1e6 })
    const socket = await connect(url)
    socket.pause()
    socket.write(pile)
    await expect.poll(async () => (await query('{ __typename }')).status).toBe(503)
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    socket.destroy()
    await expect.poll(async () => (await query('{ __typename }')).status).toBe(200)
    for (let i = 0; i < 20; i++) expect((await query(`{ file(id: 1) { ${links} } }`)).status).toBe(200)
  })

  it('[127] gets all of them, in time, while the server stops', async () => {
    let asked = 0
    const { url, close } = await startServer((...call) => {
      asked++
      return withLinks(...call)
    })
    const socket = await connect(url)
    socket.pause()
    socket.write(pile)
    await expect.poll(() => asked).toBe(60)
    const closed = close(10_000)
    await delay(50)
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk
    })
    socket.resume()
    await once(socket, 'close')
    await closed
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(60)
    expect(text.match(/"extensions":\{"cost"/g)).toHaveLength(60)
  })

  it('[102] is cut off after a while', async () => {
    const { url, query } = await startServer(withLinks, { unsentBytes: 1e6, stallTimeoutMs: 1000 })
    const socket = await connect(url)
    socket.pause()
    socket.write(pile)
    await expect.poll(async () => (await query('{ __typename }')).status).toBe(503)
    await expect.poll(async () => (await query('{ __typename }')).status).toBe(200)
  })
})

describe('overload', () => {
  it('[102] is told at once and costs nothing, while as much is done as ever', async () => {
    const waiting: (() => void)[] = []
    const { url } = await startServer(
      (id) =>
        new Promise((resolve) => waiting.push(() => resolve({ file: { id } as File, freshUntilMs: 0 }))),
    )
    const ask = (id: number) => exchange(url, post(JSON.stringify({ query: `{ file(id: ${id}) { id } }` })))
    const isReady = async () => (await exchange(url, toRaw('GET /readyz'))).status

    for (const crowd of [1000, 300]) {
      let refused = 0
      const answers = Array.from({ length: crowd }, async (_, i) => {
        // In waves that the system's queue of new connections has room for: what it drops comes again much later.
        await delay(Math.floor(i / 100) * 10)
        const answer = await ask(crowd + i)
        if (answer.status === 503) refused++
        return answer
      })
      await expect.poll(() => [waiting.length, refused]).toEqual([256, crowd - 256])
      expect(await isReady()).toBe(503)

      // Once is enough, since the test itself may be kept waiting each time.
      const timeRefusal = async () => {
        const startMs = performance.now()
        expect((await ask(1)).status).toBe(503)
        return performance.now() - startMs
      }
      await expect.poll(timeRefusal).toBeLessThan(10)

      for (const finish of waiting.splice(0)) finish()
      const done = await Promise.all(answers)
      expect(done.filter(({ body }) => body.data?.file)).toHaveLength(256)
      const refusal = done.find(({ status }) => status === 503)
      expect(refusal?.head).toMatch(/^retry-after: 1$/m)
      const message = expect.stringContaining('at most 256 operations')
      const extensions = { code: 'SERVICE_UNAVAILABLE', retryable: true, retryAfterSeconds: 1 }
      expect(refusal?.body.errors).toMatchObject([{ message, extensions }])
      expect(refusal?.body.extensions).toEqual({ cost: { calls: 0, usd: 0 } })
    }
    expect(await isReady()).toBe(200)
  })
})
