import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type LookupFunction, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createWire,
  type Wire,
  type WireCall,
  WireError,
  type WireFailure,
  type WireOptions,
} from '../src/wire/wire.js'
import { drip, type Peer, startPeer, toAnswer } from './helpers/peer.js'
import { startUpstream } from './helpers/upstream.js'

function makeWire(url: URL, options: Partial<WireOptions> = {}): Wire {
  const wire = createWire(url, { attemptTimeoutMs: 20_000, connectTimeoutMs: 10_000, ...options })
  onTestFinished(() => wire.close())
  return wire
}

/** What one call brings along, and how often it was sent. */
function makeCall(fields: Partial<WireCall> = {}) {
  const call = {
    sent: 0,
    deadlineMs: Number.POSITIVE_INFINITY,
    stop: undefined as (() => void) | undefined,
    onTurn() {},
    onSent: () => void call.sent++,
    ...fields,
  }
  return call
}

/** One call, with what a test may want to know of it. */
async function call(wire: Wire, target = '/', own = makeCall()) {
  const startMs = performance.now()
  const outcome = await wire.get(target, own).then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error: error as WireError }),
  )
  if (outcome.error) expect(outcome.error).toBeInstanceOf(WireError)
  expect(own.stop).toBeUndefined()
  return { ...outcome, sent: own.sent, tookMs: performance.now() - startMs }
}

/** The failure of a call, after checking that `sent` and the count of onSent say the same. */
async function failureOf(outcome: ReturnType<typeof call>): Promise<WireFailure | undefined> {
  const { error, sent } = await outcome
  if (error) expect(sent).toBe(error.sent ? 1 : 0)
  return error?.failure
}

const answerOk = (socket: Socket) => socket.write(toAnswer('ok'))
const findLoopback: LookupFunction = (_, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 5 })

describe('an answer', () => {
  it('comes with its status, its headers in lower case, and its body', async () => {
    const peer = await startPeer((socket) =>
      socket.write(
        toAnswer('{"a":"文"}', { status: '418 No', headers: ['X-Trace: a', 'x-trace: b', '__proto__: c'] }),
      ),
    )
    const { answer, sent } = await call(makeWire(peer.url))
    expect(answer).toMatchObject({ status: 418, body: '{"a":"文"}' })
    const names = ['content-length', 'x-trace', '__proto__', 'constructor']
    expect(names.map((name) => answer?.header(name))).toEqual(['11', 'a', 'c', undefined])
    expect(sent).toBe(1)
  })

  it.each([
    ['204 No Content', ''],
    ['404 Not Found', 'x'],
    ['503 Service Unavailable', 'x'],
  ])('of status %s is an answer too', async (status, body) => {
    const peer = await startPeer((socket) => socket.write(toAnswer(body, { status })))
    const { answer } = await call(makeWire(peer.url))
    expect(answer).toMatchObject({ status: Number(status.slice(0, 3)), body })
  })

  it('loses its byte order mark, and gets replacements for invalid bytes', async () => {
    const body = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62])
    const peer = await startPeer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.write(body)
    })
    expect((await call(makeWire(peer.url))).answer?.body).toBe('a\ufffdb')
  })

  it.each([
    ['in one piece with the answer', (rest: string) => [`HTTP/1.1 100 Continue\r\n\r\n${rest}`]],
    ['before the answer', (rest: string) => ['HTTP/1.1 100 Continue\r\n\r\n', rest]],
    ['twice', (rest: string) => [`${'HTTP/1.1 100 Go\r\nx: y\r\n\r\n'.repeat(2)}${rest}`]],
  ])('may follow a 100 Continue that nobody asked for: %s', async (_, toPieces) => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\n is what this body says'
    const peer = await startPeer(async (socket) => {
      for (const piece of toPieces(toAnswer(body))) {
        socket.write(piece)
        await new Promise(setImmediate)
      }
    })
    const wire = makeWire(peer.url)
    for (let i = 0; i < 3; i++) expect((await call(wire)).answer).toMatchObject({ status: 200, body })
    expect([peer.requests.length, peer.connections]).toEqual([3, 1])
  })

  it('keeps a body that begins like a 100 Continue in a piece of its own', async () => {
    const body = 'HTTP/1.1 100 Continue\r\n\r\n'
    const peer = await startPeer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`)
      setTimeout(() => socket.write(body), 20)
    })
    expect((await call(makeWire(peer.url))).answer?.body).toBe(body)
  })

  it('may come in pieces that cut a character, after early hints, or until the connection ends', async () => {
    const peer = await startPeer(async (socket, { target }) => {
      if (target === '/hints') socket.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${toAnswer('文')}`)
      if (target === '/end') socket.end('HTTP/1.0 200 OK\r\n\r\n文')
      if (target !== '/pieces') return
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      for (const byte of Buffer.from('文')) {
        socket.write(Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a]))
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      socket.write('0\r\n\r\n')
    })
    const wire = makeWire(peer.url)
    for (const target of ['/pieces', '/hints', '/end']) {
      expect((await call(wire, target)).answer).toMatchObject({ status: 200, body: '文' })
    }
  })
})

describe('a request', () => {
  it('carries the target and the headers it was given, and asks for no compression', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(new URL('/ignored?x', peer.url), { headers: { authorization: 'Bearer k' } })
    await call(wire, '/v1/files?file_id=1')
    const head = peer.requests[0]?.head ?? ''
    expect(head).toMatch(/^GET \/v1\/files\?file_id=1 HTTP\/1\.1\r\n/)
    expect(head).toContain(`host: ${peer.url.host}\r\n`)
    expect(head).toContain('authorization: Bearer k\r\n')
    expect(head).toContain('accept-encoding: identity\r\n')
  })

  it('carries a body as a POST of JSON, on a connection that serves the next look-up as well', async () => {
    const got: string[] = []
    const server = createHttpServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { 'content-type': type, 'content-length': length } = request.headers
      got.push(`${request.method} ${request.url} ${type} ${length} ${body}`)
      response.end(String(request.socket.remotePort))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const wire = makeWire(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    const own = makeCall()
    const { body: port } = await wire.post('/v1/files/delete', '{"file_id":9007199254740993}', own)
    expect([own.sent, own.stop]).toEqual([1, undefined])
    expect((await call(wire, '/next')).answer?.body).toBe(port)
    expect(got).toEqual([
      'POST /v1/files/delete application/json 28 {"file_id":9007199254740993}',
      'GET /next undefined undefined ',
    ])
  })

  it('gives a POST until the deadline of the call, since it is not sent again', async () => {
    let answerLate = () => {}
    const late = (response: ServerResponse) => {
      answerLate = () => void response.end('late')
    }
    const { url, requests } = await startUpstream(({ method }) => (method === 'POST' ? late : () => {}))
    const wire = makeWire(new URL(url), { attemptTimeoutMs: 100 })
    const own = makeCall()
    const answer = wire.post('/', '{}', own)
    await expect.poll(() => requests.length).toBe(1)
    // By now what is sent as a GET has had its time.
    expect((await call(wire)).error).toMatchObject({ failure: 'timeout' })
    answerLate()
    expect((await answer).body).toBe('late')
  })

  it('reuses the connection of the one before', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(peer.url)
    for (let i = 0; i < 10; i++) expect((await call(wire)).answer?.body).toBe('ok')
    expect(peer.connections).toBe(1)
  })

  it('gets its own answer among twenty at once, over no more connections than allowed', async () => {
    const peer = await startPeer((socket, { target }) => setTimeout(() => socket.write(toAnswer(target)), 10))
    const wire = makeWire(peer.url, { connections: 4 })
    const targets = Array.from({ length: 20 }, (_, i) => `/${i}`)
    const outcomes = await Promise.all(targets.map((target) => call(wire, target)))
    expect(outcomes.map(({ answer }) => answer?.body)).toEqual(targets)
    expect(outcomes.every(({ sent }) => sent === 1)).toBe(true)
    expect(peer.connections).toBe(4)
  })

  it('does not spend its attempt waiting in our own queue', async () => {
    const peer = await startPeer((socket) => setTimeout(() => answerOk(socket), 50))
    const wire = makeWire(peer.url, { connections: 1, attemptTimeoutMs: 600, connectTimeoutMs: 600 })
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => call(wire)))
    expect(outcomes.map(({ answer }) => answer?.body)).toEqual(Array(15).fill('ok'))
    expect(outcomes.at(-1)?.tookMs).toBeGreaterThan(700)
  })

  it('is turned away unsent when too many wait already', async () => {
    const peer = await startPeer(() => {})
    const wire = makeWire(peer.url, { connections: 1, maxQueued: 2 })
    const calls = [1, 2, 3].map(() => makeCall())
    const waiting = calls.map((each) => failureOf(call(wire, '/', each)))
    expect(await failureOf(call(wire))).toBe('overloaded')
    for (const { stop } of calls) stop?.()
    expect(await Promise.all(waiting)).toEqual(['aborted', 'aborted', 'aborted'])
    expect(peer.requests.length).toBe(0)
  })

  it('that HTTP cannot carry is refused unsent', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(peer.url)
    expect(await failureOf(call(wire, '/a b'))).toBe('malformed')
    expect((await call(wire)).answer?.body).toBe('ok')
  })

  it('does not follow a redirect', async () => {
    const other = await startPeer(answerOk)
    const headers = [`location: ${other.url}`]
    const peer = await startPeer((socket) => socket.write(toAnswer('', { status: '302 Found', headers })))
    const { answer } = await call(makeWire(peer.url))
    expect([answer?.status, answer?.header('location')]).toEqual([302, String(other.url)])
    expect(other.connections).toBe(0)
  })
})

describe('time', () => {
  const silences: [string, (socket: Socket) => void][] = [
    ['nothing is answered', () => {}],
    ['the headers stop half way', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le')],
    ['the body stops half way', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    ['the headers drip', (socket) => drip(socket, toAnswer('x', { headers: [`x: ${'y'.repeat(900)}`] }), 5)],
    [
      'the body drips',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n')
        drip(socket, 'x', 5)
      },
    ],
  ]

  it.each(silences)('ends an attempt when %s, and closes its connection', async (_, answer) => {
    const peer = await startPeer((socket, { target }) => (target === '/' ? answer(socket) : answerOk(socket)))
    const wire = makeWire(peer.url, { attemptTimeoutMs: 100 })
    const outcome = call(wire)
    expect(await failureOf(outcome)).toBe('timeout')
    expect((await outcome).tookMs).toBeGreaterThan(95)
    expect((await outcome).tookMs).toBeLessThan(15_000)
    expect((await call(wire, '/next')).answer?.body).toBe('ok')
    await eventually(() => expect(peer.open.size).toBe(1))
  })

  it.each(silences)("is up at the caller's total deadline when %s", async (_, answer) => {
    const peer = await startPeer(answer)
    const own = makeCall({ deadlineMs: performance.now() + 100 })
    const outcome = call(makeWire(peer.url, { attemptTimeoutMs: 60_000 }), '/', own)
    expect(await failureOf(outcome)).toBe('timeout')
    expect((await outcome).tookMs).toBeLessThan(15_000)
  })

  it('is up in our own queue without a word of the upstream', async () => {
    const peer = await startPeer(() => {})
    const wire = makeWire(peer.url, { connections: 1, attemptTimeoutMs: 400 })
    const first = failureOf(call(wire))
    const waiting = call(wire, '/', makeCall({ deadlineMs: performance.now() + 50 }))
    expect(await failureOf(waiting)).toBe('expired')
    expect((await waiting).sent).toBe(0)
    expect(await first).toBe('timeout')
  })

  it('to connect is as long as that for an answer', async () => {
    const peer = await startPeer(answerOk)
    const connect: WireOptions['connect'] = { lookup: (...args) => setTimeout(findLoopback, 120, ...args) }
    const url = new URL(`http://peer.test:${peer.url.port}`)
    const wire = createWire(url, { attemptTimeoutMs: 5000, connect })
    onTestFinished(() => wire.close())
    expect((await call(wire)).answer?.body).toBe('ok')
    const hurried = createWire(url, { attemptTimeoutMs: 60, connect })
    onTestFinished(() => hurried.close())
    expect(await failureOf(call(hurried))).toBe('timeout')
  })
})

describe('a turn', () => {
  it('that is refused sends nothing, and passes the connection on', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(peer.url, { connections: 1 })
    const useless = new Error('useless')
    const refuse = () => {
      throw useless
    }
    await expect(wire.get('/refused', makeCall({ onTurn: refuse }))).rejects.toBe(useless)
    expect(peer.connections).toBe(0)
    expect((await call(wire)).answer?.body).toBe('ok')
    const [first, second, third] = ['/first', '/second', '/third'].map((target) =>
      wire.get(target, makeCall(target === '/second' ? { onTurn: refuse } : {})),
    )
    await expect(second).rejects.toBe(useless)
    expect((await Promise.all([first, third])).map((answer) => answer?.body)).toEqual(['ok', 'ok'])
    expect(peer.requests.map(({ target }) => target)).toEqual(['/', '/first', '/third'])
  })

  it('is asked for once more when the connection is made', async () => {
    const peer = await startPeer(answerOk)
    let turns = 0
    const wire = makeWire(peer.url)
    const late = makeCall({
      onTurn: () => {
        if (++turns === 2) throw new Error('useless')
      },
    })
    await expect(wire.get('/late', late)).rejects.toThrow('useless')
    expect([turns, late.sent, peer.requests.length]).toEqual([2, 0, 0])
    expect((await call(wire)).answer?.body).toBe('ok')
    expect(peer.connections).toBe(1)
  })
})

describe('a caller who leaves', () => {
  it('after the request was sent changes nothing', async () => {
    const peer = await startPeer((socket) => setTimeout(() => answerOk(socket), 30))
    const own = makeCall()
    const outcome = call(makeWire(peer.url), '/', own)
    await eventually(() => expect(peer.requests.length).toBe(1))
    expect(own.stop).toBeUndefined()
    expect((await outcome).answer?.body).toBe('ok')
  })

  it('while waiting in the queue has sent nothing, and leaves the rest alone', async () => {
    const peer = await startPeer((socket) => setTimeout(() => answerOk(socket), 30))
    const wire = makeWire(peer.url, { connections: 1 })
    const leaving = makeCall()
    const first = call(wire, '/first')
    const second = failureOf(call(wire, '/second', leaving))
    const third = call(wire, '/third')
    leaving.stop?.()
    expect(await second).toBe('aborted')
    expect([(await first).answer?.body, (await third).answer?.body]).toEqual(['ok', 'ok'])
    expect(peer.requests.map(({ target }) => target)).toEqual(['/first', '/third'])
  })

  it('while it connects has sent nothing, and leaves the connection to the next', async () => {
    const peer = await startPeer(answerOk)
    let proceed: () => void = () => {}
    const lookup = vi.fn<LookupFunction>((...args) => {
      proceed = () => findLoopback(...args)
    })
    const wire = makeWire(new URL(`http://peer.test:${peer.url.port}`), {
      connections: 1,
      connect: { lookup },
    })
    const leaving = makeCall()
    const first = failureOf(call(wire, '/first', leaving))
    const second = call(wire, '/second')
    await eventually(() => expect(lookup).toHaveBeenCalledOnce())
    leaving.stop?.()
    expect(await first).toBe('aborted')
    proceed()
    expect((await second).answer?.body).toBe('ok')
    expect(peer.requests.map(({ target }) => target)).toEqual(['/second'])
    expect(peer.connections).toBe(1)
  })
})

describe('no connection', () => {
  it('is a connect failure when it is refused', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const { error, sent } = await call(makeWire(new URL(`http://127.0.0.1:${port}`)))
    expect(error).toMatchObject({ failure: 'connect', sent: false, idleClose: false })
    expect(error?.cause).toMatchObject({ code: 'ECONNREFUSED' })
    expect(error?.message).toBe('No connection could be made.')
    expect(sent).toBe(0)
  })

  it('is a time-out when the connector never calls back', async () => {
    const wire = makeWire(new URL('http://peer.test'), {
      attemptTimeoutMs: 60_000,
      connectTimeoutMs: 60,
      connect: () => {},
    })
    const outcome = call(wire)
    expect(await failureOf(outcome)).toBe('timeout')
    expect((await outcome).tookMs).toBeLessThan(15_000)
  })

  it('is a time-out when the look-up of the name never ends, and the place is free again soon after', async () => {
    const lookup = vi.fn<LookupFunction>()
    const options = { connectTimeoutMs: 60, connections: 1, connect: { lookup } }
    const wire = makeWire(new URL('http://peer.test'), options)
    expect(await failureOf(call(wire))).toBe('timeout')
    expect(await failureOf(call(wire))).toBe('timeout')
    expect(lookup).toHaveBeenCalledTimes(2)
  })

  const failing =
    (code: string): LookupFunction =>
    (_, options, callback) => {
      const error = Object.assign(new Error(code), { code })
      setImmediate(() => (options.all ? callback(error, []) : callback(error, '', 4)))
    }

  it('is a dns failure when there is no such name', async () => {
    const wire = makeWire(new URL('http://peer.test'), { connect: { lookup: failing('ENOTFOUND') } })
    expect(await failureOf(call(wire))).toBe('dns')
  })

  it('is a connect failure while the name service is out of order, and the next call succeeds', async () => {
    const peer = await startPeer(answerOk)
    const lookup = vi.fn(findLoopback).mockImplementationOnce(failing('EAI_AGAIN'))
    const wire = makeWire(new URL(`http://peer.test:${peer.url.port}`), { connect: { lookup } })
    expect(await failureOf(call(wire))).toBe('connect')
    expect((await call(wire)).answer?.body).toBe('ok')
  })
})

describe('a broken connection', () => {
  const breaks: [string, (socket: Socket) => void][] = [
    ['reset before the answer', (socket) => socket.resetAndDestroy()],
    ['closed before the answer', (socket) => socket.end()],
    ['closed within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    [
      'closed within a body of known length',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
    ],
    [
      'closed within a body of known length, as announced',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf'),
    ],
    [
      'closed within a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'),
    ],
    [
      'closed within a chunk, as announced',
      (socket) =>
        socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'),
    ],
    [
      'reset within the body',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', () =>
          setTimeout(() => socket.resetAndDestroy(), 5),
        ),
    ],
  ]

  it.each(breaks)('%s is a reset, and the next call is clean', async (_, answer) => {
    const peer = await startPeer((socket, { target }) => (target === '/' ? answer(socket) : answerOk(socket)))
    const wire = makeWire(peer.url)
    const { error, sent } = await call(wire)
    expect(error).toMatchObject({ failure: 'reset', sent: true, idleClose: false })
    expect(error?.cause).toBeInstanceOf(Error)
    expect(sent).toBe(1)
    expect((await call(wire, '/next')).answer?.body).toBe('ok')
  })

  it.each(breaks.slice(0, 2))('that had served before, %s, is told apart', async (_, answer) => {
    const peer = await startPeer((socket, { target }) => (target === '/' ? answer(socket) : answerOk(socket)))
    const wire = makeWire(peer.url)
    await call(wire, '/first')
    expect((await call(wire)).error).toMatchObject({ failure: 'reset', sent: true, idleClose: true })
    expect((await call(wire)).error).toMatchObject({ failure: 'reset', sent: true, idleClose: false })
  })

  it.each(breaks.slice(2))('that had served before, %s, is an ordinary reset', async (_, answer) => {
    const peer = await startPeer((socket, { target }) => (target === '/' ? answer(socket) : answerOk(socket)))
    const wire = makeWire(peer.url)
    await call(wire, '/first')
    expect((await call(wire)).error).toMatchObject({ failure: 'reset', sent: true, idleClose: false })
  })

  it('that was closed while idle is not used again', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(peer.url)
    await call(wire)
    for (const socket of peer.open) socket.end()
    await eventually(() => expect(peer.open.size).toBe(0))
    expect((await call(wire)).answer?.body).toBe('ok')
  })
})

describe('a content coding', () => {
  const twice = (text: string) => gzipSync(brotliCompressSync(text))

  it.each<[string, Buffer | string]>([
    ['gzip', gzipSync('ok')],
    ['X-GZip', gzipSync('ok')],
    ['deflate', deflateSync('ok')],
    ['deflate', deflateRawSync('ok')],
    ['br', brotliCompressSync('ok')],
    ['br, gzip', twice('ok')],
    ['identity, identity', 'ok'],
    // Names that are no codings, and codings that were not put on.
    ['UTF-8', 'ok'],
    ['none', 'ok'],
    ['binary', 'ok'],
    ['__proto__', 'ok'],
    ['gzip', 'ok'],
    ['br', 'ok'],
    ['', 'ok'],
  ])('%j is undone where it was put on', async (name, body) => {
    const peer = await startPeer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${name}\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.write(body)
    })
    expect((await call(makeWire(peer.url))).answer?.body).toBe('ok')
  })

  it.each<[string, WireFailure, string, Buffer]>([
    ['64 MiB of zeros', 'too-large', 'gzip', gzipSync(Buffer.alloc(2 ** 26))],
    ['the same packed twice', 'too-large', 'gzip, gzip', gzipSync(gzipSync(Buffer.alloc(2 ** 26)))],
    ['three codings', 'encoded', 'gzip, gzip, gzip', gzipSync('ok')],
    ['a hundred codings', 'encoded', Array(100).fill('gzip').join(), gzipSync('ok')],
  ])('that hides %s is %s', async (_, failure, name, body) => {
    const peer = await startPeer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${name}\r\ncontent-length: ${body.length}\r\n\r\n`)
      socket.write(body)
    })
    expect(await failureOf(call(makeWire(peer.url)))).toBe(failure)
  })
})

describe('what is refused', () => {
  const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`
  const refusals: [string, WireFailure, () => string | Buffer][] = [
    ['a length over the cap', 'too-large', () => head('content-length: 1048577')],
    [
      'a body over the cap',
      'too-large',
      () => `${head('transfer-encoding: chunked')}100001\r\n${'x'.repeat(2 ** 20 + 1)}`,
    ],
    ['40 KB of headers', 'malformed', () => toAnswer('ok', { headers: [`x: ${'y'.repeat(40_000)}`] })],
    ['two lengths', 'malformed', () => `${head('content-length: 2\r\ncontent-length: 3')}ok`],
    [
      'a length and chunks',
      'malformed',
      () => `${head('content-length: 2\r\ntransfer-encoding: chunked')}2\r\nok\r\n0\r\n\r\n`,
    ],
    ['a length that is no number', 'malformed', () => `${head('content-length: two')}ok`],
    [
      'a chunk size that is no number',
      'malformed',
      () => `${head('transfer-encoding: chunked')}zz\r\nok\r\n0\r\n\r\n`,
    ],
    ['garbage', 'malformed', () => 'garbage\r\n\r\n'],
    ['garbage in a header', 'malformed', () => `${head('a b c\r\ncontent-length: 2')}ok`],
    [
      'a change of protocol',
      'reset',
      () => 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
  ]

  it.each(refusals)(
    '%s is %s, its connection is closed, and the next call is clean',
    async (_, failure, answer) => {
      const peer = await startPeer((socket, { target }) =>
        socket.write(target === '/' ? answer() : toAnswer('ok')),
      )
      const wire = makeWire(peer.url)
      const { error, sent } = await call(wire)
      expect(error).toMatchObject({ failure, sent: true, idleClose: false })
      expect(sent).toBe(1)
      expect((await call(wire, '/next')).answer?.body).toBe('ok')
      expect(peer.requests.map(({ connection }) => connection)).not.toEqual([1, 1])
    },
  )

  it('a body without end is cut soon after the cap', async () => {
    let written = 0
    const peer = await startPeer((socket) => {
      socket.write(head('transfer-encoding: chunked'))
      const chunk = `10000\r\n${'x'.repeat(2 ** 16)}\r\n`
      const pump = () => {
        while (!socket.destroyed && socket.write(chunk)) written += 2 ** 16
      }
      socket.on('drain', pump)
      pump()
    })
    expect(await failureOf(call(makeWire(peer.url)))).toBe('too-large')
    await eventually(() => expect([...peer.open].filter(({ bytesRead }) => bytesRead > 0)).toEqual([]))
    expect(written).toBeLessThan(2 ** 24)
  })

  it('a body of just the cap is not refused', async () => {
    const peer = await startPeer((socket) =>
      socket.write(toAnswer('x'.repeat(1000), { headers: ['content-encoding: identity'] })),
    )
    expect((await call(makeWire(peer.url, { maxBytes: 1000 }))).answer?.body).toHaveLength(1000)
    expect(await failureOf(call(makeWire(peer.url, { maxBytes: 999 })))).toBe('too-large')
  })

  it('a body may be larger where the request says so, and only there', async () => {
    const peer = await startPeer((socket) => socket.write(toAnswer('x'.repeat(1000))))
    const wire = makeWire(peer.url, { maxBytes: 999 })
    expect((await wire.get('/', makeCall(), 1000)).body).toHaveLength(1000)
    expect(await failureOf(call(wire))).toBe('too-large')
  })

  it.each(['EXTRA', toAnswer('evil')])(
    'bytes after the answer never reach the next call (%j)',
    async (extra) => {
      const peer = await startPeer((socket, { target }) =>
        socket.write(target === '/' ? toAnswer('first') + extra : toAnswer('next')),
      )
      const wire = makeWire(peer.url, { connections: 1 })
      expect((await call(wire)).answer?.body).toBe('first')
      expect((await call(wire, '/next')).answer?.body).toBe('next')
      expect(peer.connections).toBe(2)
    },
  )
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describe.skipIf(!hasOpenssl)('TLS', () => {
  let key: Buffer
  let cert: Buffer
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'wire-'))
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
    const subject = ['-days', '1', '-subj', '/CN=peer.test', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    execFileSync('openssl', [...kind, ...files, ...subject], { stdio: 'ignore' })
    key = readFileSync(join(folder, 'key.pem'))
    cert = readFileSync(join(folder, 'cert.pem'))
    rmSync(folder, { recursive: true })
  })

  const expectTlsFailure = async (peer: Peer, connect: WireOptions['connect']) => {
    const { error } = await call(makeWire(peer.url, connect && { connect }))
    expect(error).toMatchObject({ failure: 'tls', sent: false })
    expect(peer.requests).toEqual([])
  }

  it('refuses a certificate that nobody vouches for', async () => {
    await expectTlsFailure(await startPeer(answerOk, { key, cert }), undefined)
  })

  it('refuses a certificate for another name', async () => {
    await expectTlsFailure(await startPeer(answerOk, { key, cert }), { ca: cert, servername: 'other.test' })
  })

  it('refuses a server that does not speak it', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { error } = await call(makeWire(new URL(`https://127.0.0.1:${port}`)))
    expect(error).toMatchObject({ failure: 'tls', sent: false })
  })

  it('that stops in the middle of the handshake is a time-out', async () => {
    const { url } = await startPeer(() => {})
    const wire = makeWire(new URL(`https://${url.host}`), { connectTimeoutMs: 60 })
    expect(await failureOf(call(wire))).toBe('timeout')
  })

  it('serves where the certificate is trusted, and tells a reused connection there as well', async () => {
    const peer = await startPeer((socket, { target }) => (target === '/' ? answerOk(socket) : socket.end()), {
      key,
      cert,
    })
    const wire = makeWire(peer.url, { connect: { ca: cert } })
    expect((await call(wire, '/end')).error).toMatchObject({ failure: 'reset', idleClose: false })
    expect((await call(wire)).answer?.body).toBe('ok')
    expect((await call(wire, '/end')).error).toMatchObject({ failure: 'reset', idleClose: true })
  })
})

describe('closing', () => {
  it('aborts what runs and what waits, closes the connections, and serves no more', async () => {
    const peer = await startPeer((socket, { target }) => target === '/first' && answerOk(socket))
    const wire = makeWire(peer.url, { connections: 2 })
    await call(wire, '/first')
    const outcomes = Promise.all([1, 2, 3, 4].map(() => failureOf(call(wire))))
    await eventually(() => expect(peer.requests.length).toBe(3))
    await wire.close()
    expect(await outcomes).toEqual(Array(4).fill('aborted'))
    await eventually(() => expect(peer.open.size).toBe(0))
    expect(await failureOf(call(wire))).toBe('aborted')
    await wire.close()
    expect(peer.requests.length).toBe(3)
  })

  it('closes a connection that is kept for the next call', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(peer.url)
    await call(wire)
    expect(peer.open.size).toBe(1)
    await wire.close()
    await eventually(() => expect(peer.open.size).toBe(0))
  })

  it('holds for a wire that was never used', async () => {
    const peer = await startPeer(answerOk)
    const wire = makeWire(peer.url)
    await wire.close()
    expect(await failureOf(call(wire))).toBe('aborted')
    expect(peer.connections).toBe(0)
  })
})
