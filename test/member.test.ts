// One member of a tar archive: cut out as the archive comes in, or a clear word why not.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { pack } from 'tar-stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Bytes } from '../src/bytes.js'
import { FileError } from '../src/errors.js'
import { cutMember, type Member } from '../src/http/bytes/member.js'
import { decodeMp3 } from '../src/sandbox/media/mp3.js'
import { createTar } from '../src/sandbox/media/tar.js'
import { startApp, TOKENS } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'

const SPEECH = '437398732800002'
const MP3 = decodeMp3()

type Env = Parameters<typeof startApp>[0]

async function start(env: Env = {}) {
  const app = await startApp(env)
  async function get(query: string, init: RequestInit = {}, id = SPEECH) {
    const response = await fetch(`${app.origin}/files/${id}/content?${query}`, init)
    const body = Buffer.from(await response.arrayBuffer())
    const isFailure = response.status >= 400 && body.length > 0
    const failure = isFailure ? JSON.parse(body.toString()) : undefined
    return { status: response.status, headers: response.headers, body, failure }
  }
  return { ...app, get }
}

describe('a member of a speech', () => {
  it('is the audio, of its own type, length and name', async () => {
    const { get } = await start()
    const { status, headers, body } = await get('member=audio')
    expect([status, body.equals(MP3)]).toEqual([200, true])
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': String(MP3.length),
      'content-disposition': 'inline; filename="content-1.mp3"',
      'accept-ranges': 'none',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private',
      etag: `"${SPEECH}.audio"`,
    })
  })

  it.each([
    ['subtitles', 'content-1.titles', /"time_begin":0/],
    ['extra', 'content-1.extra', /"audio_format":"mp3"/],
  ])('may be its %s', async (member, name, text) => {
    const { headers, body } = await (await start()).get(`member=${member}`)
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
    expect(body.toString()).toMatch(text)
  })

  it('comes by a ticket too, which any page may show', async () => {
    const app = await startApp({ ACCESS_TOKENS: TOKENS.join(), PUBLIC_URL: 'http://localhost/' })
    const headers = { authorization: `Bearer ${TOKENS[0]}` }
    const answer = await app.query(`{ file(id: "${SPEECH}") { contentUrl } }`, undefined, { headers })
    const { pathname } = new URL(answer.data.file.contentUrl)
    const response = await fetch(`${app.origin}${pathname}?member=audio`)
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(Buffer.from(await response.arrayBuffer()).equals(MP3)).toBe(true)
  })

  it('has a head, which costs what the member does', async () => {
    const { get, sandbox } = await start()
    const { status, headers, body } = await get('member=audio', { method: 'HEAD' })
    expect([status, body.length, headers.get('content-length')]).toEqual([200, 0, String(MP3.length)])
    expect(headers.get('content-type')).toBe('audio/mpeg')
    expect(sandbox.requests.length).toBeGreaterThan(1)
  })

  it('is given whole, whatever range or condition on the archive is asked for', async () => {
    const { get, sandbox } = await start()
    const etag = (await get('')).headers.get('etag') ?? ''
    for (const headers of [
      { range: 'bytes=0-9' },
      { range: 'bytes=0-9', 'if-range': etag },
      { 'if-none-match': etag },
      { 'if-match': '"other"' },
    ]) {
      const { status, body } = await get('member=audio', { headers })
      expect([status, body.equals(MP3)]).toEqual([200, true])
      expect(sandbox.requests.at(-1)?.headers).not.toHaveProperty('range')
    }
  })

  it('need not be sent to who has it', async () => {
    const { get, sandbox } = await start()
    const etag = (await get('member=audio')).headers.get('etag') ?? ''
    const asked = sandbox.requests.length
    const { status, headers, body } = await get('member=audio', {
      headers: { 'if-none-match': `"a", ${etag}` },
    })
    expect([status, headers.get('etag'), body.length]).toEqual([304, etag, 0])
    expect(sandbox.requests).toHaveLength(asked)
    expect((await get('member=extra', { headers: { 'if-none-match': etag } })).status).toBe(200)
  })
})

describe('a member that is not there', () => {
  it.each([
    ['a file that is no archive', VIDEO],
    ['a text, which is paid for', '437398323200000'],
  ])('is told as that: %s', async (_, id) => {
    const { get, sandbox } = await start()
    const { status, failure } = await get('member=audio', {}, id)
    expect(status).toBe(404)
    expect(failure.errors[0]).toMatchObject({
      message: 'The file is not a tar archive, or has no such member.',
      extensions: { code: 'MEMBER_NOT_FOUND', retryable: false },
    })
    const { retrieve, content } = sandbox.totals.calls
    expect(failure.extensions.cost.calls).toBe(retrieve + content)
  })

  it.each(['member=', 'member=video', 'member=audio&member=audio', 'member=constructor', 'member=__proto__'])(
    'and never could be is refused without a call: %s',
    async (query) => {
      const { get, sandbox } = await start()
      const { status, failure } = await get(query)
      expect([status, failure.errors[0].extensions.code]).toEqual([400, 'INVALID_INPUT'])
      expect(failure.errors[0].message).toBe('`member` takes audio, subtitles or extra.')
      expect(sandbox.requests).toEqual([])
    },
  )

  it('since there is no such file is told as that', async () => {
    const { status, failure } = await (await start()).get('member=audio', {}, '335560631603474')
    expect([status, failure.errors[0].extensions.code]).toEqual([404, 'FILE_NOT_FOUND'])
  })
})

const BROKEN = new Error('the connection broke')

/** An archive as bytes that come in chunks of so many. */
function toBytes(source: Buffer | Readable, chunkBytes = 65_536): Bytes {
  const chunks = function* (archive: Buffer) {
    for (let at = 0; at < archive.length; at += chunkBytes) yield archive.subarray(at, at + chunkBytes)
  }
  const body = Buffer.isBuffer(source) ? Readable.from(chunks(source), { objectMode: false }) : source
  body.on('error', () => {})
  const start = Buffer.isBuffer(source) ? source : createTar([{ name: 'a', data: Buffer.alloc(0) }])
  const peek = async (count: number) => {
    if (body.errored === BROKEN) throw new FileError('UPSTREAM_UNAVAILABLE')
    if (body.errored) throw body.errored
    return start.subarray(0, count)
  }
  return { status: 200, headers: {}, body, peek }
}

async function cut(bytes: Bytes, member: Member = 'audio'): Promise<string> {
  try {
    const { name, bytes: found } = await cutMember(bytes, member)
    return `${name}: ${await buffer(found.body)}`
  } catch (error) {
    return error instanceof FileError ? error.code : (error as Error).name
  }
}

const member = (name: string, text = name) => ({ name, data: Buffer.from(text) })

/** The head of a member that announces so many bytes. */
function toLong(type: string, size: number, name = 'a.txt'): Buffer {
  const head = createTar([member(name)]).subarray(0, 512)
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  head.write(`        ${type}`, 148, 'latin1')
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return head
}

describe('cutMember', () => {
  const archive = createTar([
    member('a.titles'),
    member('b.mp3', 'sound'),
    member('c.wav'),
    member('d.extra'),
  ])

  it.each([1, 7, 511, 512, 513, 65_536])('reads archives in chunks of %i', async (chunkBytes) => {
    expect(await cut(toBytes(archive, chunkBytes))).toBe('b.mp3: sound')
    expect(await cut(toBytes(archive, chunkBytes), 'extra')).toBe('d.extra: d.extra')
  })

  it.each([
    ['of each format that speech comes in', ['a.FLAC'], 'a.FLAC'],
    ['in a folder', ['speech/a.mp3'], 'speech/a.mp3'],
    ['by the first of several', ['a.txt', 'b.opus', 'a.mp3'], 'b.opus'],
    ['but no shadow of macOS', ['._a.mp3', 'x/._a.mp3', 'a.mp3'], 'a.mp3'],
  ])('finds audio %s', async (_, names, found) => {
    expect(await cut(toBytes(createTar(names.map((name) => member(name, 'x')))))).toBe(`${found}: x`)
  })

  it.each([
    ['nothing', createTar([])],
    ['no audio', createTar([member('a.titles'), member('mp3'), member('a.mp3.txt')])],
    ['one that is a link', toLong('2', 0, 'a.mp3')],
    ['one that is a folder', toLong('5', 0, 'a.mp3')],
    ['what is none', Buffer.from('a'.repeat(2000))],
    ['zeros', Buffer.alloc(10_240)],
    ['the head alone', archive.subarray(0, 300)],
    ['a head that is damaged', Buffer.concat([Buffer.from('x'), archive.subarray(1)])],
    ['a later head that is damaged', Buffer.concat([archive.subarray(0, 1024), Buffer.alloc(512, 'x')])],
  ])('finds none in an archive of %s', async (_, bytes) => {
    expect(await cut(toBytes(bytes))).toBe('NoMember')
  })

  it('reads long names, and one of no bytes', async () => {
    const name = `${'文'.repeat(100)}.mp3`
    const archive = pack()
    archive.entry({ name }, 'sound')
    archive.finalize()
    const chunks: Buffer[] = []
    for await (const chunk of archive) chunks.push(chunk as Buffer)
    expect(await cut(toBytes(Buffer.concat(chunks)))).toBe(`${name}: sound`)
    expect(await cut(toBytes(createTar([member('a.mp3', '')])))).toBe('a.mp3: ')
  })

  it('ends with an error where the archive does amid the member', async () => {
    const half = createTar([member('a.mp3', 'x'.repeat(400_000))]).subarray(0, 200_000)
    const { bytes } = await cutMember(toBytes(half), 'audio')
    await expect(buffer(bytes.body)).rejects.toThrow()
    expect(await cut(toBytes(half.subarray(0, 600)))).toBe('NoMember')
  })

  it('fails as the archive does before the member has come', async () => {
    const body = new Readable({ read() {} })
    body.push(createTar([member('a.titles', 'x'.repeat(5000))]).subarray(0, 2000))
    const outcome = cut(toBytes(body))
    body.destroy(BROKEN)
    expect(await outcome).toBe('UPSTREAM_UNAVAILABLE')
  })

  it('lets go of the archive when its reader leaves', async () => {
    const body = new Readable({ read() {} })
    const bytes = toBytes(body)
    body.push(createTar([member('a.mp3', 'x'.repeat(100_000))]).subarray(0, 50_000))
    const { bytes: found } = await cutMember(bytes, 'audio')
    found.body.destroy()
    await eventually(() => expect(body.destroyed).toBe(true))
  })

  /** An archive without an end, of which so much was read. */
  function createEndless(head: Buffer, filler: Buffer) {
    let read = 0
    const body = new Readable({
      read() {
        read += read === 0 ? head.length : filler.length
        this.push(read === head.length ? head : filler)
      },
    })
    return { body, count: () => read }
  }

  it('takes no more of the archive than the member', async () => {
    const { body, count } = createEndless(archive.subarray(0, 2048), toLong('0', 2 ** 30))
    expect(await cut(toBytes(body))).toBe('b.mp3: sound')
    await eventually(() => expect(body.destroyed).toBe(true))
    expect(count()).toBeLessThan(2 ** 20)
  })

  it('takes no more than its reader does', async () => {
    const head = createTar([member('a.titles'), { name: 'b.mp3', data: Buffer.alloc(2 ** 26) }]).subarray(
      0,
      4096,
    )
    const { body, count } = createEndless(head, Buffer.alloc(65_536))
    const { bytes } = await cutMember(toBytes(body), 'audio')
    let last = -1
    await eventually(() => {
      const settled = count() === last
      last = count()
      expect(settled).toBe(true)
    })
    expect(count()).toBeLessThan(2 ** 20)
    bytes.body.destroy()
  })

  it.each([
    ['an endless name', () => toLong('x', 2 ** 31), 2 ** 19],
    ['names of names', () => toLong('L', 2 ** 20), 2 ** 19],
    ['zeros without end', () => Buffer.alloc(512), 2 ** 19],
    ['another member of a gigabyte', () => toLong('0', 2 ** 30), 2 ** 27],
  ])('gives up in bounded memory on %s', async (_, toHead, most) => {
    const { body, count } = createEndless(toHead(), Buffer.alloc(65_536))
    expect(await cut(toBytes(body))).toBe('NoMember')
    expect([count() < most, body.destroyed]).toEqual([true, true])
  })
})

it('a large member passes byte for byte to a slow client, and waits for it upstream', async () => {
  const app = await startApp()
  const sound = Buffer.alloc(2 ** 20, 'sound')
  const megabytes = 128
  const head = toLong('0', megabytes * sound.length, 'a.mp3')
  let sentMegabytes = 0
  const host = createServer(async (_, response) => {
    response.write(head)
    for (; sentMegabytes < megabytes; sentMegabytes++)
      if (!response.write(sound)) await once(response, 'drain')
    response.end(Buffer.alloc(1024))
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void host.close().closeAllConnections())
  const link = `http://127.0.0.1:${(host.address() as AddressInfo).port}/a?Expires=9999999999`
  app.sandbox.fault({ name: 'field', field: 'download_url', raw: JSON.stringify(link) })
  const response = await fetch(`${app.origin}/files/${VIDEO}/content?member=audio`)
  expect(response.headers.get('content-length')).toBe(String(megabytes * sound.length))
  // What nobody reads yet stays with its host, but for what fits into the sockets between.
  for (let before = -1; sentMegabytes !== before; await delay(50)) before = sentMegabytes
  expect(sentMegabytes).toBeLessThan(megabytes / 2)
  let bytes = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length
  expect(bytes).toBe(megabytes * sound.length)
})
