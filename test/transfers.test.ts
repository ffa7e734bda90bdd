// Downloads over the wire: as they come, as fast as they are read, and never half without a sign.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { buildConnector } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Every, watchIdle, watchPieces } from '../src/idle.js'
import { watchSending } from '../src/wire/sending.js'
import { createTransfers, Framed, MAX_WAITING_BYTES, type TransferCall } from '../src/wire/transfers.js'
import { eventually } from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { startRecorder } from './helpers/upload.js'

/** Time that passes when the test says so. */
function createTicks() {
  const callbacks = new Set<() => void>()
  const every: Every = (_ms, callback) => {
    callbacks.add(callback)
    return () => callbacks.delete(callback)
  }
  return {
    every,
    pass: () => {
      for (const callback of [...callbacks]) callback()
    },
    callbacks,
  }
}

function start(ticks = createTicks()) {
  const transfers = createTransfers({ idleMs: 30_000, every: ticks.every })
  onTestFinished(() => transfers.close())
  const leaving = new AbortController()
  const get = (url: URL | string, call: Partial<TransferCall> = {}) =>
    transfers.get(String(url), { headers: {}, signal: leaving.signal, ...call })
  return { get, ticks, leave: () => leaving.abort(), transfers }
}

async function toFailure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'success',
    (error: { failure?: unknown }) => error.failure ?? error,
  )
}

const FILM = Buffer.alloc(3_000_000, 'film')

it('asks for the URL byte for byte, and for nothing compressed', async () => {
  const peer = await startPeer((socket) => socket.end(toAnswer('a')))
  const { get } = start()
  const path = "/a%2Fb/../c|d'?Signature=x%2by'z&q=[]"
  const { body } = await get(`${peer.url.origin}${path}#f`, { headers: { range: 'bytes=0-' } })
  await buffer(body)
  expect(peer.requests[0]?.target).toBe(path)
  expect(peer.requests[0]?.head).toContain('accept-encoding: identity')
  expect(peer.requests[0]?.head).toContain('range: bytes=0-')
})

it('escapes what no request line may hold', async () => {
  const peer = await startPeer((socket) => socket.end(toAnswer('a')))
  const { body } = await start().get(`${peer.url.origin}/é b?q=ü#f`)
  await buffer(body)
  expect(peer.requests[0]?.target).toBe('/%C3%A9%20b?q=%C3%BC')
})

it('shows the first bytes, and has them still to be read', async () => {
  const peer = await startPeer((socket) => socket.end(toAnswer(FILM.toString())))
  const { get } = start()
  const { body } = await get(peer.url)
  expect((await body.peek(12)).head.toString()).toBe('filmfilmfilm')
  const { head, isAll } = await body.peek(MAX_WAITING_BYTES)
  expect([head.length, isAll]).toEqual([MAX_WAITING_BYTES, false])
  const read = await buffer(body)
  expect(createHash('sha256').update(read).digest()).toEqual(createHash('sha256').update(FILM).digest())
})

it('shows all of a short body, and of an empty one', async () => {
  const peer = await startPeer((socket, { target }) => socket.end(toAnswer(target === '/a' ? 'short' : '')))
  const { get } = start()
  for (const [path, text] of [
    ['a', 'short'],
    ['b', ''],
  ]) {
    const { body } = await get(`${peer.url}${path}`)
    expect(await body.peek(100)).toEqual({ head: Buffer.from(text ?? ''), isAll: true })
    expect((await buffer(body)).toString()).toBe(text)
  }
})

it('follows no redirect', async () => {
  const peer = await startPeer((socket) =>
    socket.end(toAnswer('', { status: '302 Found', headers: ['location: /elsewhere'] })),
  )
  const { get } = start()
  const { status, body } = await get(peer.url)
  body.destroy()
  expect([status, peer.requests.length]).toEqual([302, 1])
})

it('takes no more from the upstream than is read', async () => {
  let sent = 0
  const server = createServer((_, response) => {
    const write = () => {
      for (;;) {
        sent += FILM.length
        if (!response.write(FILM)) break
      }
    }
    response.on('drain', write)
    write()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { get } = start()
  const { body } = await get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await body.peek(MAX_WAITING_BYTES)
  let last = -1
  await eventually(() => {
    const settled = sent === last
    last = sent
    expect(settled).toBe(true)
  })
  expect(body.readableLength).toBeLessThan(4 * MAX_WAITING_BYTES)
  body.destroy()
})

it.each([
  ['a length that is not reached', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', 'end'],
  ['a reset', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', 'reset'],
  ['chunks without the last', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'end'],
])('ends a body that is cut off with an error: %s', async (_, text, way) => {
  const peer = await startPeer((socket) => {
    if (way === 'end') socket.end(text)
    else socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 10))
  })
  const { get } = start()
  const { body } = await get(peer.url)
  expect(await toFailure(buffer(body))).toBe('reset')
})

it('closes the connection when its reader leaves, before the head and in the body', async () => {
  const closed: Promise<unknown>[] = []
  let answer = (_: Socket): void => {}
  const peer = await startPeer((socket) => {
    closed.push(new Promise((resolve) => socket.once('close', resolve)))
    answer(socket)
  })
  const waiting = start()
  const silent = toFailure(waiting.get(peer.url))
  await eventually(() => expect(closed).toHaveLength(1))
  waiting.leave()
  expect(await silent).toBe('aborted')
  answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
  const reading = start()
  const { body } = await reading.get(peer.url)
  reading.leave()
  expect(await toFailure(buffer(body))).toBe('aborted')
  await Promise.all(closed)
  expect(await toFailure(waiting.get(peer.url))).toBe('aborted')
})

it('ends what says nothing or stalls', async () => {
  for (const text of ['', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf']) {
    let isAsked = false
    const peer = await startPeer((socket) => {
      isAsked = true
      socket.write(text)
    })
    const { get, ticks } = start()
    const work = get(peer.url).then(({ body }) => buffer(body))
    const failure = toFailure(work)
    await eventually(() => expect(isAsked).toBe(true))
    ticks.pass()
    expect(await failure).toBe('timeout')
    await eventually(() => expect(peer.open.size).toBe(0))
    expect(ticks.callbacks.size).toBe(0)
  }
})

it('waits for a reader that is slow, whose own side must watch it', async () => {
  const peer = await startPeer((socket) => socket.end(toAnswer(FILM.toString())))
  const { get, ticks } = start()
  const { body } = await get(peer.url)
  await body.peek(MAX_WAITING_BYTES)
  for (let times = 0; times < 10; times++) ticks.pass()
  expect((await buffer(body)).length).toBe(FILM.length)
})

it('leaves alone what keeps above a kibibyte a second, for as long as it takes', () => {
  const ticks = createTicks()
  let bytes = 0
  let idle = 0
  watchIdle(
    { idleMs: 30_000, every: ticks.every },
    () => bytes,
    () => idle++,
  )
  for (let hours = 0; hours < 1000; hours++) {
    bytes += 30 * 1024
    ticks.pass()
  }
  expect(idle).toBe(0)
  bytes += 30 * 1024 - 1
  ticks.pass()
  ticks.pass()
  expect(idle).toBe(1)
})

describe('a client that takes its bytes in pieces', () => {
  const PIECE = 65_536

  /** After how many seconds it is cut off, where so much goes every so many seconds, after a burst. */
  function run(bytes: number, seconds: number, idleMs = 30_000): number {
    const ticks = createTicks()
    let moved = 1e9
    let isCut = false
    watchPieces(
      { idleMs, every: ticks.every },
      () => moved,
      () => {
        isCut = true
      },
    )
    for (let second = 1; second <= 3600; second++) {
      if (second % seconds === 0) moved += bytes
      ticks.pass()
      if (isCut) return second
    }
    return Number.POSITIVE_INFINITY
  }

  it.each([
    [PIECE, 64],
    [PIECE, 1],
    [PIECE / 2, 32],
    [1460, 1],
  ])('is left alone above the floor: %i bytes in %i seconds', (bytes, seconds) => {
    expect(run(bytes, seconds)).toBe(Number.POSITIVE_INFINITY)
  })

  it.each([
    [0, 1, 66],
    [1, 29, 66],
    [512, 1, 130],
    [PIECE, 128, 130],
    [PIECE, 80, 403],
  ])('is cut off below it, however much it took before: %i bytes in %i seconds', (bytes, seconds, after) => {
    const cutAfter = run(bytes, seconds)
    expect(cutAfter).toBeGreaterThan(60)
    expect(cutAfter).toBeLessThanOrEqual(after)
  })

  it('is left alone while there is nothing to take', () => {
    const ticks = createTicks()
    let idle = 0
    watchPieces(
      { idleMs: 30_000, every: ticks.every },
      () => undefined,
      () => idle++,
    )
    for (let second = 1; second <= 3600; second++) ticks.pass()
    expect(idle).toBe(0)
  })

  it('has the time of a piece, or what the setting says where that is more', () => {
    expect(run(0, 1, 1000)).toBe(66)
    expect(run(0, 1, 120_000)).toBe(122)
  })
})

it('says when it is sent, and sends nothing if that is refused', async () => {
  const peer = await startPeer((socket) => socket.end(toAnswer('a')))
  const { get } = start()
  const refusal = new Error('the day is over')
  const refuse = () => {
    throw refusal
  }
  expect(await toFailure(get(peer.url, { onSend: refuse }))).toBe(refusal)
  expect(peer.requests).toHaveLength(0)
  let sent = 0
  const { body } = await get(peer.url, { onSend: () => sent++ })
  await buffer(body)
  expect([sent, peer.requests.length]).toEqual([1, 1])
})

it('ends all that runs when it is closed', async () => {
  const peer = await startPeer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))
  const { get, transfers } = start()
  const { body } = await get(peer.url)
  const failure = toFailure(buffer(body))
  await transfers.close()
  expect(await failure).toBe('aborted')
  expect(await toFailure(get(peer.url))).toBe('aborted')
})

it('gives whoever was waited for the whole of the idle time again', () => {
  const ticks = createTicks()
  let bytes: number | undefined = 0
  let idle = 0
  watchIdle(
    { idleMs: 30_000, every: ticks.every },
    () => bytes,
    () => idle++,
  )
  bytes = undefined
  ticks.pass()
  bytes = 0 // it is their turn just now
  ticks.pass()
  expect(idle).toBe(0)
  ticks.pass()
  expect(idle).toBe(1)
})

it('notices each time that the socket is silent, though it was the body that was waited for before', () => {
  const socket = new Socket()
  onTestFinished(() => void socket.destroy())
  const body = Readable.from([FILM])
  let idle = 0
  const connect = watchSending((_, callback) => callback(null, socket), {
    idleMs: 30_000,
    every: createTicks().every,
    body,
    onIdle: () => idle++,
  })
  connect({ hostname: 'cdn.example', protocol: 'http:', port: '80' }, () => {})
  socket.emit('timeout')
  expect(idle).toBe(0)
  body.pause() // the socket takes no more
  socket.emit('timeout')
  expect(idle).toBe(1)
})

describe('a body that is sent', () => {
  const frame = (source: Readable, verify = async () => {}, bytes = FILM.length) =>
    new Framed({
      head: Buffer.from('<'),
      tail: Buffer.from('>'),
      source: { open: () => source, verify },
      bytes,
    })
  const send = async (body: Framed, bytes: number, more: Partial<TransferCall> = {}) => {
    const { url, received, open } = await startRecorder((response) => response.end('kept'))
    const { transfers } = start()
    const signal = new AbortController().signal
    const call = { headers: {}, signal, onSend: () => body.release(), ...more }
    const work = transfers.post(`${url}/a?b=c`, { body, bytes }, call)
    const end = await work.then(async (response) => String(await buffer(response.body)), toFailureOf)
    await eventually(() => expect(open.size).toBe(0))
    return { end, received }
  }
  const toFailureOf = (error: { failure?: string }) => error.failure ?? error

  it('has its exact length, and its end once the bytes are known to be right', async () => {
    const { end, received } = await send(frame(Readable.from([FILM])), FILM.length + 2)
    expect([end, received.length, received[0]?.end]).toEqual(['kept', 1, 'whole'])
    expect(received[0]).toMatchObject({
      target: '/a?b=c',
      headers: { 'content-length': String(FILM.length + 2) },
      sha256: createHash('sha256').update('<').update(FILM).update('>').digest('hex'),
    })
  })

  it.each([
    ['is not right', frame(Readable.from([FILM]), () => Promise.reject(new Error('wrong'))), FILM.length + 2],
    ['breaks off', frame(Readable.from(breakOff())), FILM.length + 2],
    ['is shorter', frame(Readable.from([FILM]), async () => {}, FILM.length + 1), FILM.length + 3],
    ['is longer', frame(Readable.from([FILM, Buffer.from('a')])), FILM.length + 2],
  ])('is cut off, and never whole, where it %s', async (_, body, bytes) => {
    const { end, received } = await send(body, bytes)
    expect(end).not.toBe('kept')
    await eventually(() => expect(received.map((each) => each.end)).toEqual(['cut']))
  })

  function* breakOff() {
    yield FILM.subarray(0, 1000)
    throw new Error('broken')
  }

  it('is not even begun where sending is refused', async () => {
    let isOpen = false
    const source = {
      open: () => {
        isOpen = true
        return Readable.from([FILM])
      },
      verify: async () => {},
    }
    const refuse = () => {
      throw new Error('the day is over')
    }
    const ends = { head: Buffer.from('<'), tail: Buffer.from('>') }
    const body = new Framed({ ...ends, source, bytes: FILM.length })
    const { end, received } = await send(body, FILM.length + 2, { onSend: refuse })
    expect([String(end), received.length, isOpen]).toEqual(['Error: the day is over', 0, false])
  })

  it('goes out on a connection of its own each time', async () => {
    const { url, received, open } = await startRecorder((response) => response.end('kept'))
    const { transfers } = start()
    for (let times = 0; times < 2; times++) {
      const body = frame(Readable.from([Buffer.from('a')]), async () => {}, 1)
      const call = { headers: {}, signal: new AbortController().signal, onSend: () => body.release() }
      const response = await transfers.post(url, { body, bytes: 3 }, call)
      expect(String(await buffer(response.body))).toBe('kept')
      await eventually(() => expect(open.size).toBe(0))
    }
    expect(received).toHaveLength(2)
  })

  it('goes out through the connector that it is given', async () => {
    const { url } = await startRecorder((response) => response.end('kept'))
    const reached: string[] = []
    const connectPlainly = buildConnector({})
    const transfers = createTransfers({
      idleMs: 30_000,
      connect: (options, callback) => {
        reached.push(options.hostname)
        connectPlainly(options, callback)
      },
    })
    onTestFinished(() => transfers.close())
    const body = frame(Readable.from([FILM]))
    const call = { headers: {}, signal: new AbortController().signal, onSend: () => body.release() }
    await buffer((await transfers.post(url, { body, bytes: FILM.length + 2 }, call)).body)
    expect(reached).toEqual(['127.0.0.1'])
  })
})
