// Uploads as forms: what browsers and `curl -F` send, and what nobody should.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { eventually } from './helpers/faults.js'
import { connect } from './helpers/socket.js'
import { begin, startUploads, toForm } from './helpers/upload.js'

const BOUNDARY = '----a-boundary'
const TYPE = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
const toPart = (disposition: string, content: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`
const PURPOSE = toPart('name="purpose"', 'retrieval')
const FILE = toPart('name="file"; filename="a.txt"', 'hello')
const END = `--${BOUNDARY}--\r\n`

/** Posts a form as it stands. */
async function post(body: string | Buffer, headers: Record<string, string | number> = {}) {
  const app = await startUploads()
  const length = Buffer.byteLength(body)
  const { outgoing, answer } = begin(
    app.origin,
    '/files',
    { ...TYPE, 'content-length': length, ...headers },
    'POST',
  )
  outgoing.end(body)
  return { ...app, answer: await answer }
}

describe('a form', () => {
  it.each([
    ['empty lines', '\r\n\r\n\r\n\r\n'],
    ['dashes', '--'],
    ['what looks like its end', `\r\n--${BOUNDARY.slice(0, -1)}--\r\n`],
    ['what looks like a part', 'Content-Disposition: form-data; name="purpose"\r\n\r\nvoice_clone'],
    ['one byte', '\n'],
    ['much', 'a'.repeat(1_000_000)],
  ])('becomes a file of just its bytes: %s', async (_, content) => {
    const app = await startUploads()
    const { status, body } = await app.form(toForm('视频 "1".txt', content))
    expect(status).toBe(201)
    expect(body.file).toMatchObject({ bytes: content.length, purposeName: 'retrieval' })
    expect(body.file.sha256).toBe(createHash('sha256').update(content).digest('hex'))
    expect(app.sandbox.held.at(-1)?.filename).toBe('视频 %221%22.txt')
    const bytes = await (await fetch(`${app.origin}/files/${body.file.id}/content`)).text()
    expect(bytes === content).toBe(true)
  })

  it.each([
    ['other fields before its file', PURPOSE + toPart('name="note"', 'x') + FILE + END],
    [
      'no quotes',
      `${PURPOSE}--${BOUNDARY}\r\ncontent-disposition: form-data; name=file; filename=a.txt\r\n\r\nhello\r\n${END}`,
    ],
    [
      'a type of its own',
      (PURPOSE + FILE + END).replace('a.txt"\r\n', 'a.txt"\r\nContent-Type: text/html\r\n'),
    ],
    ['a name with a path', (PURPOSE + FILE + END).replace('a.txt', '../../a.txt')],
  ])('may have %s', async (_, body) => {
    const { answer, sandbox } = await post(body)
    expect(answer.status).toBe(201)
    expect(sandbox.held.at(-1)).toMatchObject({ filename: 'a.txt', bytes: 5, purpose: 'retrieval' })
  })

  it('may come in pieces of any size', async () => {
    const app = await startUploads()
    const text = PURPOSE + FILE + END
    for (const size of [1, 3, 64]) {
      const head = { ...TYPE, 'content-length': text.length }
      const { outgoing, answer } = begin(app.origin, '/files', head, 'POST')
      for (let at = 0; at < text.length; at += size) {
        outgoing.write(text.slice(at, at + size))
        await new Promise((resolve) => setImmediate(resolve))
      }
      outgoing.end()
      expect((await answer).status).toBe(201)
      expect(app.sandbox.held.at(-1)?.bytes).toBe(5)
    }
  })

  it('is checked by the digest of the whole of it', async () => {
    const body = PURPOSE + FILE + END
    const digest = (text: string) => ({
      'content-digest': `sha-256=:${createHash('sha256').update(text).digest('base64')}:`,
    })
    expect((await post(body, digest(body))).answer.status).toBe(201)
    const altered = await post(body.replace('hello', 'hallo'), digest(body))
    expect(altered.answer).toMatchObject({ status: 400, code: 'DIGEST_MISMATCH' })
    await eventually(() => expect(altered.kept()).toEqual([0, 0]))
  })
})

describe('a form that is not as it should be is refused', () => {
  const toBody = (text: string) => PURPOSE + FILE.replace('a.txt', text) + END
  it.each<[string, string, number, string]>([
    ['without a purpose', FILE + END, 400, 'BAD_REQUEST'],
    ['with an empty purpose', toPart('name="purpose"', '') + FILE + END, 400, 'BAD_REQUEST'],
    ['with its file before its purpose', FILE + PURPOSE + END, 400, 'BAD_REQUEST'],
    ['with two purposes', PURPOSE + PURPOSE + FILE + END, 400, 'BAD_REQUEST'],
    ['without a file', PURPOSE + END, 400, 'BAD_REQUEST'],
    ['with a text for a file', PURPOSE + toPart('name="file"', 'hello') + END, 400, 'BAD_REQUEST'],
    ['with a file of another name', PURPOSE + FILE.replace('"file"', '"document"') + END, 400, 'BAD_REQUEST'],
    ['with an empty file', PURPOSE + FILE.replace('hello', '') + END, 400, 'BAD_REQUEST'],
    ['with nothing in it', '', 400, 'BAD_REQUEST'],
    ['that is none', 'hello', 400, 'BAD_REQUEST'],
    ['with too many fields', toPart('name="a"', 'b').repeat(20) + PURPOSE + FILE + END, 400, 'BAD_REQUEST'],
    [
      'with too much before its file',
      toPart('name="a"', 'b'.repeat(100_000)) + PURPOSE + FILE + END,
      400,
      'BAD_REQUEST',
    ],
    ['with a line break in a name', toBody('a\r\nb.txt'), 415, 'UNSUPPORTED_FILE_FORMAT'],
    ['with an ending that its purpose does not take', toBody('a.exe'), 415, 'UNSUPPORTED_FILE_FORMAT'],
    [
      'with more than its purpose takes',
      toBody('a.mp3').replace('retrieval', 'voice_clone').replace('hello', 'a'.repeat(20_000_001)),
      413,
      'FILE_TOO_LARGE',
    ],
  ])('%s, without a call', async (_, body, status, code) => {
    const { answer, sandbox } = await post(body)
    expect(answer).toMatchObject({ status, code })
    expect(sandbox.requests).toEqual([])
  })

  it.each<[string, string]>([
    ['with two files', PURPOSE + FILE + FILE.replace('a.txt', 'b.txt') + END],
    ['with a field behind its file', PURPOSE + FILE + toPart('name="a"', 'b') + END],
    ['with its purpose again behind its file', PURPOSE + FILE + PURPOSE + END],
    ['with something behind its end', `${PURPOSE}${FILE}${END}x`],
    ['with as much behind its end as it has', `${PURPOSE}${FILE}${END}${END}`],
    ['without a line break at its end', PURPOSE + FILE + END.trimEnd()],
    ['without an end', PURPOSE + FILE],
    ['with half an end', (PURPOSE + FILE + END).slice(0, -6)],
    ['with another boundary at its end', PURPOSE + FILE + END.replace('a-b', 'b-a')],
    ['whose end is only another part', `${PURPOSE}${FILE}--${BOUNDARY}\r\nxx`],
  ])('%s, and nothing is kept', async (_, body) => {
    const app = await post(body)
    expect(app.answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
  })

  it.each<[string, Record<string, string | number>, number, string]>([
    ['of no known length', { 'transfer-encoding': 'chunked' }, 411, 'BAD_REQUEST'],
    ['of 2 GiB', { 'content-length': 2 ** 31 }, 413, 'FILE_TOO_LARGE'],
    ['of another type', { 'content-length': 5, 'content-type': 'application/json' }, 415, 'BAD_REQUEST'],
    [
      'without a boundary',
      { 'content-length': 5, 'content-type': 'multipart/form-data' },
      415,
      'BAD_REQUEST',
    ],
  ])('%s, before any of it is asked for', async (_, headers, status, code) => {
    const app = await startUploads()
    const head = { ...TYPE, ...headers, expect: '100-continue' }
    const { answer, isContinued } = begin(app.origin, '/files', head, 'POST')
    expect(await answer).toMatchObject({ status, code })
    expect([isContinued(), app.sandbox.requests]).toEqual([false, []])
  })

  it('whose client leaves or stalls before its file', async () => {
    const app = await startUploads({ TRANSFER_IDLE_SECONDS: '1' })
    const head = { ...TYPE, 'content-length': 1000 }
    const leaving = begin(app.origin, '/files', head, 'POST')
    leaving.outgoing.write(PURPOSE)
    const stalling = begin(app.origin, '/files', head, 'POST')
    stalling.outgoing.write(PURPOSE)
    leaving.outgoing.destroy()
    expect(await stalling.answer).toMatchObject({ status: 408, code: 'BAD_REQUEST' })
    expect(app.sandbox.requests).toEqual([])
  })

  it('that is longer than it says: what is left over is no request', async () => {
    const app = await startUploads()
    const socket = await connect(app.origin)
    const body = PURPOSE + FILE + END
    socket.write(
      `POST /files HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${TYPE['content-type']}\r\ncontent-length: ${body.length - 10}\r\n\r\n${body}`,
    )
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    await once(socket, 'end')
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    await eventually(() => expect(app.kept()).toEqual([0, 0]))
  })
})

describe('a form from a page of another origin', () => {
  const OWN = 'https://files.example'
  const send = async (headers: Record<string, string>, env = {}) => {
    const app = await startUploads({ PUBLIC_URL: `${OWN}/mff`, CORS_ORIGINS: 'https://app.example', ...env })
    const own = headers.origin === 'self' ? { ...headers, origin: app.origin } : headers
    const { status, code } = await app.form(toForm('a.txt', 'hello'), own)
    return [status, code, app.sandbox.totals.calls.upload]
  }

  it.each<[Record<string, string>, Record<string, string>?]>([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }],
    [{ 'sec-fetch-site': 'cross-site', origin: 'self' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'https://files.example.evil.example' }],
    [{ origin: `${OWN}:8443` }],
  ])('is refused without a call: %j', async (headers) => {
    expect(await send(headers)).toEqual([403, 'FORBIDDEN', 0])
  })

  it.each<[Record<string, string>, Record<string, string>?]>([
    [{}],
    [{ 'sec-fetch-site': 'same-origin', origin: 'self' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: 'self' }],
    [{ origin: OWN }],
    [{ origin: 'https://app.example' }],
    [{ origin: 'https://any.example' }, { CORS_ORIGINS: '*' }],
  ])('is taken where it is ours or allowed: %j %j', async (headers, env) => {
    expect(await send(headers, env)).toEqual([201, undefined, 1])
  })
})
