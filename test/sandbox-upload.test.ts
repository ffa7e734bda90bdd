// The sandbox's uploads: what is refused, what is kept, where, and what their names can ask for.
import { describe, expect, it } from 'vitest'
import { baseFailures } from '../src/sandbox/codes.js'
import { contents } from '../src/sandbox/content.js'
import { seededFiles } from '../src/sandbox/seed.js'
import { collect } from './helpers/collect.js'
import { BOUNDARY, beginUpload, formHeaders, post, toForm, toUpload } from './helpers/sandbox-form.js'
import { ask, converse } from './helpers/sandbox-peer.js'
import { invalid, MAX_UPLOAD_BYTES, MEBIBYTE, toJson, useSandbox } from './helpers/sandbox-use.js'

const use = useSandbox()

describe('an upload', () => {
  const file = { name: 'file', filename: 'a.txt', bytes: 'x' } as const
  const purpose = { name: 'purpose', bytes: 'retrieval' } as const

  it.each([
    ['no purpose', toForm([file]), 'purpose cannot be empty'],
    ['an unknown purpose', toUpload('a.txt', 'x', 'toString'), 'unsupported purpose: toString'],
    [
      'the purpose of what tasks make',
      toUpload('a.mp4', 'x', 'video_generation'),
      'unsupported purpose: video_generation',
    ],
    ['a purpose without end', toUpload('a.txt', 'x', 'p'.repeat(300)), 'purpose is too long'],
    ['no file', toForm([purpose]), 'file cannot be empty'],
    ['a file that is a text', toForm([purpose, { name: 'file', bytes: 'x' }]), 'file cannot be empty'],
    ['a file without a name', toUpload(''), 'file cannot be empty'],
    ['two files', toForm([purpose, file, file]), 'there is more than one file'],
    ['an empty file', toUpload('a.txt', ''), 'file is empty'],
    ['a body cut off', toUpload('a.txt').subarray(0, -10), 'multipart: NextPart: EOF'],
    ['a body that is no form', Buffer.from('{}'), 'multipart: expecting a new Part'],
  ])('with %s is refused and not kept', async (_, body, problem) => {
    const reply = await use.upload(body)
    expect([reply.status, toJson(reply)]).toEqual([200, { base_resp: invalid(problem) }])
    expect([use.sandbox.totals.uploads, use.sandbox.held.length]).toEqual([0, seededFiles.length])
    await expect.poll(use.countOnDisk).toBe(0)
  })

  it('that is no form by its type is refused', async () => {
    const reply = await use.upload(Buffer.from('{}'), { 'content-type': 'application/json' })
    expect(toJson(reply).base_resp).toEqual(invalid("request Content-Type isn't multipart/form-data"))
  })

  it('has parts of other names, which are passed over', async () => {
    const reply = await use.upload(toForm([{ name: 'x', bytes: 'y' }, purpose, file]))
    expect(toJson(reply).file).toMatchObject({ filename: 'a.txt', bytes: 1 })
  })

  it.each([
    ['a text', 'a.txt', 100, 400],
    ['no ending', 'picture', 100, 400],
    ['a picture', 'A.PNG', 100, 200],
    ['a sound that is too large', 'a.wav', 15_000_001, 400],
    ['a film of that size', 'a.mp4', 15_000_001, 200],
  ])('for video input is checked at once: %s answers %s', async (_, filename, size, status) => {
    const reply = await use.upload(toUpload(filename, Buffer.alloc(size), 'video_generation_input'))
    expect([reply.status, use.sandbox.totals.uploads]).toEqual([status, status === 200 ? 1 : 0])
  })

  it('of a voice is taken unread, but not when it is too large', async () => {
    expect(toJson(await use.upload(toUpload('a.mp3', 'no sound', 'voice_clone'))).base_resp.status_code).toBe(
      0,
    )
    const large = toUpload('a.mp3', Buffer.alloc(20_000_001), 'voice_clone')
    expect(toJson(await use.upload(large)).base_resp).toEqual(invalid('file is too large'))
  })

  it('without a length is taken, or refused', async () => {
    const send = () => post(use.sandbox, 'files/upload', toUpload('a.txt'), { chunked: true })
    expect(toJson(await send()).base_resp.status_code).toBe(0)
    use.sandbox.behave({ chunkedUploads: false })
    expect((await send()).status).toBe(411)
  })

  it('larger than all that may be kept is refused before it is read', async () => {
    const { socket, text } = beginUpload(use.sandbox, 512 * MEBIBYTE)
    await expect.poll(text).toMatch(/^HTTP\/1.1 413 /)
    expect(use.sandbox.totals.bytes.received).toBe(0)
    socket.destroy()
  })

  it('of 128 MiB that tells no length is read, refused, and held nowhere', async () => {
    const half = toUpload('a.mp4').subarray(0, -30)
    let peak = 0
    async function* send() {
      yield half
      const chunk = Buffer.alloc(MEBIBYTE, 'z')
      for (let i = 0; i < 128; i++) {
        if (i % 8 === 0) {
          collect()
          peak = Math.max(peak, process.memoryUsage().arrayBuffers)
        }
        yield chunk
      }
    }
    collect()
    const before = process.memoryUsage().arrayBuffers
    const response = await fetch(`${use.sandbox.url}/v1/files/upload`, {
      method: 'POST',
      headers: formHeaders,
      body: ReadableStream.from(send()),
      duplex: 'half',
    })
    expect(response.status).toBe(413)
    expect(use.sandbox.totals.bytes.received).toBeGreaterThan(128 * MEBIBYTE)
    expect(peak - before).toBeLessThan(64 * MEBIBYTE)
    expect(use.sandbox.totals.uploads).toBe(0)
    await expect.poll(use.countOnDisk).toBe(0)
  })

  it('finds no room where earlier ones took it all, until one is deleted', async () => {
    const most = Buffer.alloc(MAX_UPLOAD_BYTES - MEBIBYTE)
    const id = await use.uploadFile('a.mp4', most)
    const refused = toJson(await use.upload(toUpload('b.mp4', most)))
    expect(refused.base_resp).toEqual(invalid('file storage is full, delete some files first'))
    await use.remove(`{"file_id":${id}}`)
    await use.uploadFile('b.mp4', most)
  })

  it('that its sender leaves is not kept', async () => {
    const { socket } = beginUpload(use.sandbox, 100_000)
    socket.write(toUpload('a.txt', Buffer.alloc(50_000)).subarray(0, 40_000))
    await expect.poll(() => use.sandbox.totals.bytes.received).toBe(40_000)
    await expect.poll(use.countOnDisk).toBe(1)
    socket.destroy()
    await expect.poll(use.countOnDisk).toBe(0)
    await expect.poll(() => use.sandbox.requests[0]?.abandoned).toBe(true)
    expect(use.sandbox.totals.uploads).toBe(0)
  })

  it('that its sender leaves when it was refused already is not kept either', async () => {
    const { socket } = beginUpload(use.sandbox, 100_000)
    const wrong = toUpload('a.txt').toString().replace('--\r\n', '+')
    socket.write(wrong + '.'.repeat(50_000))
    await expect.poll(() => use.sandbox.totals.bytes.received).toBeGreaterThan(50_000)
    await expect.poll(use.countOnDisk).toBe(1)
    socket.destroy()
    await expect.poll(use.countOnDisk).toBe(0)
  })

  it('is recorded: its headers, how much of it came, and how it begins', async () => {
    const body = toUpload('文件.txt', Buffer.alloc(10_000, 'x'))
    await use.upload(body)
    expect(use.sandbox.requests).toMatchObject([
      { operation: 'upload', bodyBytes: body.length, abandoned: false, headers: formHeaders },
    ])
    expect(Buffer.byteLength(use.sandbox.requests[0]?.body ?? '')).toBe(4_096)
    expect(use.sandbox.requests[0]?.body).toContain('filename="文件.txt"')
    expect(use.sandbox.totals.bytes.received).toBe(body.length)
  })

  it('has a link or none, and its own bytes behind it', async () => {
    const id = await use.uploadFile('a.wav', contents.wav.bytes)
    const link = async () => toJson(await use.get(`files/retrieve?file_id=${id}`)).file.download_url
    const reply = await ask(await link())
    expect(reply.bytes.equals(contents.wav.bytes)).toBe(true)
    expect(reply.headers['content-type']).toBe('audio/wav')
    use.sandbox.behave({ uploadLinks: false })
    expect(await link()).toBeUndefined()
  })
})

describe('magic names', () => {
  it.each(['fail-1002.txt', 'fail-1008.pdf', 'fail-2013'])(
    '%s answers that code, and is not kept',
    async (name) => {
      const code = Number(/\d+/.exec(name)?.[0]) as keyof typeof baseFailures
      const { base_resp } = toJson(await use.upload(toUpload(name)))
      expect(base_resp).toEqual({ status_code: code, status_msg: baseFailures[code].message })
      expect(use.sandbox.totals.uploads).toBe(0)
      await expect.poll(use.countOnDisk).toBe(0)
    },
  )

  it.each(['http-503.mp3', 'http-413.txt', 'http-504.txt'])(
    '%s answers that status, and is not kept',
    async (name) => {
      expect((await use.upload(toUpload(name))).status).toBe(Number(/\d+/.exec(name)?.[0]))
      expect(use.sandbox.totals.uploads).toBe(0)
      await expect.poll(use.countOnDisk).toBe(0)
    },
  )

  it('reset.wav is reset as soon as its name is read', async () => {
    const { socket } = beginUpload(use.sandbox, 1_000_000)
    const code = new Promise((resolve) =>
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
    )
    socket.write(toUpload('reset.wav', Buffer.alloc(1_000)).subarray(0, 500))
    expect(await code).toBe('ECONNRESET')
    expect(use.sandbox.totals.uploads).toBe(0)
    await expect.poll(use.countOnDisk).toBe(0)
  })

  it('unknown-outcome.pdf is kept, and the answer lost', async () => {
    await expect(use.upload(toUpload('unknown-outcome.pdf'))).rejects.toThrow()
    expect(use.sandbox.held).toContainEqual(
      expect.objectContaining({ filename: 'unknown-outcome.pdf', bytes: 10 }),
    )
  })

  it('slow.mp4 is read slowly, and then kept', async () => {
    const body = toUpload('slow.mp4', Buffer.alloc(100_000))
    use.sandbox.behave({ slowBytesPerSecond: body.length * 20 })
    const startMs = performance.now()
    expect(toJson(await use.upload(body)).file).toMatchObject({ filename: 'slow.mp4', bytes: 100_000 })
    expect(performance.now() - startMs).toBeGreaterThan(45)
  })

  it('slow.mp4 does not keep the sandbox from closing', async () => {
    const { socket } = beginUpload(use.sandbox, 100_000)
    socket.write(toUpload('slow.mp4', Buffer.alloc(90_000)))
    await expect.poll(() => use.sandbox.totals.bytes.received).toBeGreaterThan(0)
    await use.sandbox.close()
    expect(use.sandbox.totals.uploads).toBe(0)
  })
})

it('hostile bodies leave the sandbox well', async () => {
  const toHead = (length: number | string) =>
    Object.entries({ host: 'x', ...formHeaders, 'content-length': length, connection: 'close' })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
  const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="`
  for (const [length, body] of [
    [20, `--${BOUNDARY}\r\n\r\n\r\n`],
    [5, '\0\0\0\0\0'],
    [part.length + 40, `${part}\x01${'/'.repeat(39)}`],
    ['-1', ''],
    ['99999999999999999999', ''],
  ] as const) {
    const send = `POST /v1/files/upload HTTP/1.1\r\n${toHead(length)}\r\n${body}`
    expect((await converse(use.sandbox, '', { send })).text).toMatch(/^HTTP\/1.1 [24]\d\d /)
  }
  expect((await use.get('files/list')).status).toBe(200)
  expect(use.sandbox.totals.uploads).toBe(0)
})
