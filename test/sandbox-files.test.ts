// The sandbox's listings, contents and deletions: each switch for what is unknown of the real upstream, both ways.
import { describe, expect, it } from 'vitest'
import { contents } from '../src/sandbox/content.js'
import { generatedVideo, seededFiles } from '../src/sandbox/seed.js'
import { ask } from './helpers/sandbox-peer.js'
import { invalid, type Json, MEBIBYTE, toJson, useSandbox } from './helpers/sandbox-use.js'

const VIDEO = generatedVideo.id
const VOICE = '437774745600005'
const LARGE_ID = '9007199254740993'

const use = useSandbox()

it('each operation answers behind a prefix', async () => {
  const { status } = await ask(`${use.sandbox.url}/minimax/v1/files/list`, {
    headers: { authorization: 'Bearer k' },
  })
  expect(status).toBe(200)
})

describe('a listing', () => {
  const list = async (query = '') => toJson(await use.get(`files/list${query}`))
  const toIds = ({ files }: Json) => files.map(({ file_id }: Json) => file_id)

  it('has every file, without links, its ids exact', async () => {
    const { bytes } = await use.get('files/list')
    const { files } = JSON.parse(bytes.toString())
    expect(files.map(({ filename }: Json) => filename)).toEqual(seededFiles.map(({ filename }) => filename))
    expect(bytes.toString()).toContain(`"file_id":${LARGE_ID},`)
    expect(files[0]).toEqual({
      file_id: Number(VIDEO),
      bytes: 0,
      created_at: Date.parse(generatedVideo.createdAt) / 1_000,
      filename: 'output_aigc.mp4',
      purpose: 'video_generation',
    })
  })

  it('is one of a purpose, if there is such a purpose', async () => {
    expect(toIds(await list('?purpose=voice_clone'))).toEqual([Number(VOICE)])
    expect((await list('?purpose=nothing')).base_resp).toEqual(invalid('unsupported purpose: nothing'))
  })

  it('may need a purpose', async () => {
    use.sandbox.behave({ listNeedsPurpose: true })
    expect((await list()).base_resp).toEqual(invalid('purpose cannot be empty'))
    expect(toIds(await list('?purpose=voice_clone'))).toEqual([Number(VOICE)])
  })

  it('has the order and the cap that it should', async () => {
    const times = async (listOrder: 'newest-first' | 'oldest-first') => {
      use.sandbox.behave({ listOrder })
      return (await list()).files.map(({ created_at }: Json) => created_at)
    }
    const newest = await times('newest-first')
    expect(newest).toEqual([...newest].sort((a, b) => b - a))
    expect(await times('oldest-first')).toEqual([...newest].reverse())
    use.sandbox.behave({ listCap: 3 })
    expect(await times('newest-first')).toEqual(newest.slice(0, 3))
  })

  it('is empty in three ways', async () => {
    await use.remove(`{"file_id":${VOICE}}`)
    const ofNone = async (emptyList: 'empty' | 'absent' | 'null') => {
      use.sandbox.behave({ emptyList })
      return list('?purpose=voice_clone')
    }
    const base_resp = { status_code: 0, status_msg: 'success' }
    expect(await ofNone('empty')).toEqual({ files: [], base_resp })
    expect(await ofNone('null')).toEqual({ files: null, base_resp })
    expect(await ofNone('absent')).toEqual({ base_resp })
  })
})

describe('content', () => {
  it('is that of the file, whether it has a link or not', async () => {
    for (const { id, content } of seededFiles) {
      const reply = await use.content(id)
      expect(reply.bytes.equals(contents[content].bytes)).toBe(true)
      expect(reply.headers['content-type']).toBe('application/octet-stream')
    }
  })

  it.each([
    ['own', 'audio/wav'],
    ['application/json', 'application/json'],
    ['none', undefined],
  ] as const)('has the type "%s"', async (contentType, expected) => {
    use.sandbox.behave({ contentType })
    expect((await use.content(VOICE)).headers['content-type']).toBe(expected)
  })

  it('comes whole whatever range is asked for, unless ranges are there', async () => {
    const range = { range: 'bytes=4-9' }
    const whole = await use.content(VOICE, range)
    expect([whole.status, whole.headers['accept-ranges']]).toEqual([200, undefined])
    use.sandbox.behave({ contentRanges: true })
    const part = await use.content(VOICE, range)
    expect([part.status, part.bytes.equals(contents.wav.bytes.subarray(4, 10))]).toEqual([206, true])
  })

  it('takes HEAD, or does not know it', async () => {
    const head = await use.content(VOICE, {}, 'HEAD')
    expect([head.status, head.headers['content-length']]).toEqual([200, String(contents.wav.bytes.length)])
    expect((await use.get(`files/retrieve?file_id=${VOICE}`, {}, 'HEAD')).status).toBe(404)
    use.sandbox.behave({ contentHead: false })
    expect((await use.content(VOICE, {}, 'HEAD')).status).toBe(404)
  })

  it('of a file on disk comes whole, in part, and not at all for HEAD', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251))
    const id = await use.uploadFile('a.bin', bytes)
    use.sandbox.behave({ contentRanges: true })
    expect((await use.content(id)).bytes.equals(bytes)).toBe(true)
    const { bytes: part } = await use.content(id, { range: 'bytes=100000-299998' })
    expect(part.equals(bytes.subarray(100_000, 299_999))).toBe(true)
    const head = await use.content(id, {}, 'HEAD')
    expect([head.headers['content-length'], head.bytes.length]).toEqual(['300000', 0])
  })

  it.each([
    ['file_id=5555', 'file not found'],
    ['file_id=abc', 'file_id must be an integer'],
    ['', 'file_id cannot be empty'],
  ])('of "%s" is a failure under HTTP 200', async (query, problem) => {
    const reply = await use.get(`files/retrieve_content?${query}`)
    expect([reply.status, toJson(reply)]).toEqual([200, { base_resp: invalid(problem) }])
  })
})

describe('a deletion', () => {
  it('takes the id as a number, digit by digit', async () => {
    const reply = await use.remove(`{"purpose":"t2a_async_input","file_id":${LARGE_ID}}`)
    expect(reply.bytes.toString()).toContain(`"file_id":${LARGE_ID},`)
    expect(use.sandbox.held.some(({ id }) => id === LARGE_ID)).toBe(false)
    expect(use.sandbox.requests[0]?.body).toContain(LARGE_ID)
  })

  it.each([
    ['{}', 'file_id cannot be empty'],
    [`{"file_id":"${VOICE}"}`, 'file_id must be an integer'],
    ['{"file_id":1.5}', 'file_id must be an integer'],
    ['{"file_id":9223372036854775808}', 'file_id must be an integer'],
    ['{"file_id":9007199254740992}', 'file not found'], // a neighbour of a file's
    ['[1]', 'the body is not a JSON object'],
    ['{"file_id":', 'the body is not a JSON object'],
    ['', 'the body is not a JSON object'],
  ])('of %s is refused', async (body, problem) => {
    expect(toJson(await use.remove(body)).base_resp).toEqual(invalid(problem))
    expect(use.sandbox.totals.deletions).toBe(0)
  })

  it('of an unknown file is refused, or succeeds', async () => {
    expect(toJson(await use.remove('{"file_id":5555}')).base_resp).toEqual(invalid('file not found'))
    use.sandbox.behave({ deleteUnknown: 'success' })
    expect(toJson(await use.remove('{"file_id":5555}'))).toMatchObject({
      file_id: 5555,
      base_resp: { status_code: 0 },
    })
    expect(use.sandbox.totals.deletions).toBe(0)
  })

  it('with another purpose is refused, or succeeds', async () => {
    const body = `{"file_id":${VOICE},"purpose":"prompt_audio"}`
    expect(toJson(await use.remove(body)).base_resp).toEqual(invalid('purpose does not match'))
    use.sandbox.behave({ deleteMismatch: 'success' })
    expect(toJson(await use.remove(body)).base_resp.status_code).toBe(0)
    expect(use.sandbox.totals.deletions).toBe(1)
  })

  it('may lag: the file is found for a while, and deleted once', async () => {
    use.sandbox.behave({ deleteLagMs: 5_000 })
    const id = await use.uploadFile('a.txt')
    const link = toJson(await use.get(`files/retrieve?file_id=${id}`)).file.download_url
    expect(toJson(await use.remove(`{"file_id":${id}}`)).base_resp.status_code).toBe(0)
    expect(toJson(await use.remove(`{"file_id":${id}}`)).base_resp).toEqual(invalid('file not found'))
    use.pass(4_999)
    expect((await use.content(id)).bytes.toString()).toBe('some bytes')
    expect(use.sandbox.held.some((file) => file.id === id)).toBe(true)
    use.pass(1)
    expect(toJson(await use.content(id)).base_resp).toEqual(invalid('file not found'))
    expect((await ask(link)).status).toBe(404)
    await expect.poll(use.countOnDisk).toBe(0)
  })

  it('of too large a body is refused', async () => {
    expect((await use.remove(`{"x":"${'y'.repeat(8 * MEBIBYTE)}"}`)).status).toBe(413)
  })
})
