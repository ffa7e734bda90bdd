// The sandbox's tasks: every end that a prompt can ask for, what is refused before, and the limit on queries.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.js'
import { askFile } from './helpers/sandbox-peer.js'

const START_MS = Date.parse('2026-10-09T12:00:00Z')
let nowMs = START_MS
let sandbox: Sandbox

beforeEach(async () => {
  nowMs = START_MS
  sandbox = await createSandbox({ now: () => nowMs })
})
afterEach(() => sandbox.close())

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer should have
type Json = any

async function send(path: string, input?: object | string): Promise<Json> {
  const init = input && { method: 'POST', body: typeof input === 'string' ? input : JSON.stringify(input) }
  const response = await fetch(`${sandbox.url}/v1/${path}`, {
    ...init,
    headers: { authorization: 'Bearer k' },
  })
  expect(response.status).toBe(200)
  return response.json()
}

const invalid = (problem: string) => ({ status_code: 2013, status_msg: `invalid params, ${problem}` })

/** Each pipeline by what the two have in common. */
const pipelines = {
  video: {
    create: (text: string) => send('video_generation', { model: 'MiniMax-Hailuo-02', prompt: text }),
    query: (id: string) => send(`query/video_generation?task_id=${id}`),
    operation: 'createVideo',
    failed: 'Fail',
    firstStatus: 'Preparing',
  },
  speech: {
    create: (text: string) =>
      send('t2a_async_v2', { model: 'speech-02-hd', text, voice_setting: { voice_id: 'v' } }),
    query: (id: string) => send(`query/t2a_async_query_v2?task_id=${id}`),
    operation: 'createSpeech',
    failed: 'Failed',
    firstStatus: 'Processing',
  },
} as const

describe.each(Object.entries(pipelines))('a %s task', (kind, pipeline) => {
  const { create, query, failed, firstStatus, operation } = pipeline

  async function follow(text: string, ms: number) {
    const { task_id } = await create(text)
    nowMs += ms
    return query(task_id)
  }

  it('goes through its statuses and ends within ten seconds', async () => {
    const { task_id } = await create('a ball')
    expect((await query(task_id)).status).toBe(firstStatus)
    nowMs += 10_000
    const { status, file_id } = await query(task_id)
    expect(status).toBe('Success')
    expect(JSON.parse((await askFile(sandbox, String(file_id))).bytes.toString()).base_resp.status_code).toBe(
      0,
    )
  })

  it.each([
    [1026, 'input new_sensitive'],
    [1027, 'output new_sensitive'],
    [1008, 'insufficient balance'],
    [4711, 'unknown error'],
  ])('"fail %i" fails when it is asked about', async (code, message) => {
    const { task_id, base_resp } = await create(`Fail ${code}`)
    expect(base_resp.status_code).toBe(0)
    expect(await query(task_id)).toMatchObject({ status: firstStatus, base_resp: { status_code: 0 } })
    nowMs += 10_000
    expect(await query(task_id)).toMatchObject({
      status: failed,
      base_resp: { status_code: code, status_msg: message },
    })
  })

  it('"refuse 1026" is refused, and never a task', async () => {
    expect((await create('refuse 1026')).base_resp).toMatchObject({ status_code: 1026 })
    expect(sandbox.totals.creations).toEqual({ video: 0, speech: 0 })
  })

  it('"expired" expires', async () => {
    expect(await follow('expired', 10_000)).toMatchObject({
      status: 'Expired',
      base_resp: { status_code: 0 },
    })
  })

  it('"stuck" never ends', async () => {
    expect((await follow('stuck', 86_400_000)).status).toBe('Processing')
  })

  it('"odd status" ends in a status that nobody knows', async () => {
    expect((await follow('odd status', 5_000)).status).toBe('Moderating')
    expect((await follow('odd status', 60_000)).status).toBe('Moderating')
  })

  it('"late file" succeeds, and its file is there twenty seconds later', async () => {
    const { task_id } = await create('late file')
    nowMs += 8_000
    const { status, file_id } = await query(task_id)
    expect(status).toBe('Success')
    const retrieve = async () =>
      JSON.parse((await askFile(sandbox, String(file_id))).bytes.toString()).base_resp
    expect(await retrieve()).toEqual(invalid('file not found'))
    nowMs += 19_999
    expect(await retrieve()).toEqual(invalid('file not found'))
    nowMs += 1
    expect((await retrieve()).status_code).toBe(0)
  })

  it('"unknown outcome" is created, and the answer is lost', async () => {
    await expect(create('unknown outcome')).rejects.toThrow()
    expect(sandbox.totals.creations).toMatchObject({ [kind]: 1 })
  })

  it('takes as long as it should', async () => {
    sandbox.behave({ taskMs: 60_000 })
    const slow = await create('a ball')
    sandbox.behave({ taskMs: 0 })
    const quick = await create('a ball')
    expect((await query(quick.task_id)).status).toBe('Success')
    nowMs += 59_999
    expect((await query(slow.task_id)).status).toBe('Processing')
    nowMs += 1
    expect((await query(slow.task_id)).status).toBe('Success')
  })

  it('is struck by rules, before or after it is created', async () => {
    sandbox.fault({ name: 'base', code: 1002, operation, times: 1 })
    expect((await create('a')).base_resp.status_code).toBe(1002)
    sandbox.fault({ name: 'reset', operation, times: 1 })
    await expect(create('a')).rejects.toThrow()
    expect(sandbox.totals.creations).toMatchObject({ [kind]: 0 })
    sandbox.fault({ name: 'lost', operation, times: 1 })
    await expect(create('a')).rejects.toThrow()
    expect(sandbox.totals.creations).toMatchObject({ [kind]: 1 })
    expect(sandbox.totals.calls[operation]).toBe(3)
  })

  it('is not found by an id that is none of its kind', async () => {
    expect((await query('')).base_resp).toEqual(invalid('task_id cannot by empty'))
    for (const id of ['1', 'abc', '99999999999999999999']) {
      expect((await query(id)).base_resp).toEqual(invalid('task not found'))
    }
  })
})

it('a video task has text ids, and no file before it succeeded', async () => {
  const { task_id } = await pipelines.video.create('a ball')
  expect(await pipelines.video.query(task_id)).toEqual({
    task_id: expect.stringMatching(/^\d{15}$/),
    status: 'Preparing',
    file_id: '',
    video_width: 0,
    video_height: 0,
    base_resp: { status_code: 0, status_msg: 'success' },
  })
})

it('the ids of tasks and files are all different, and say when they were made', async () => {
  const ids = new Set<string>()
  for (let i = 0; i < 10; i++) {
    const { task_id, file_id } = await pipelines.speech.create('a')
    ids.add(String(task_id)).add(String(file_id))
  }
  expect(ids.size).toBe(20)
  for (const id of ids) {
    expect(Number(BigInt(id) >> 12n) + Date.parse('2023-04-15T10:00:00Z')).toBe(START_MS)
  }
})

it('a watermark shows in the name of the film', async () => {
  const { task_id } = await send('video_generation', { model: 'T2V-01', prompt: 'a', aigc_watermark: true })
  nowMs += 10_000
  const { file_id } = await pipelines.video.query(task_id)
  expect((await askFile(sandbox, file_id)).bytes.toString()).toContain('"filename":"output_aigc.mp4"')
})

it('more than ten speech queries within a second are refused', async () => {
  const { task_id } = await pipelines.speech.create('a')
  const codes = async (count: number) => {
    const list: number[] = []
    for (let i = 0; i < count; i++) list.push((await pipelines.speech.query(task_id)).base_resp.status_code)
    return list
  }
  expect(await codes(12)).toEqual([...Array(10).fill(0), 1002, 1002])
  nowMs += 999
  expect(await codes(1)).toEqual([1002])
  nowMs += 1
  expect(await codes(1)).toEqual([0])
})

const picture = 'https://example.com/a.png'
const video = (input: object) => ({ model: 'MiniMax-Hailuo-02', prompt: 'a', ...input })

describe('a video that is not documented', () => {
  it.each([
    ['no object', '[]', 'the body is not a JSON object'],
    ['no JSON', '{', 'the body is not a JSON object'],
    ['no model', { prompt: 'a' }, 'model cannot be empty'],
    ['another model', video({ model: 'gpt' }), 'unsupported model: gpt'],
    ['a model of another kind', video({ model: 'constructor' }), 'unsupported model: constructor'],
    ['no prompt', { model: 'T2V-01' }, 'prompt cannot be empty'],
    ['a long prompt', video({ prompt: '文'.repeat(2_001) }), 'prompt is too long, at most 2000 characters'],
    ['no first frame', video({ model: 'I2V-01' }), 'first_frame_image cannot be empty'],
    ['no subject', video({ model: 'S2V-01' }), 'subject_reference cannot be empty'],
    [
      'a frame that is no URL',
      video({ first_frame_image: 'a.png' }),
      'first_frame_image must be a URL or a data URL',
    ],
    [
      'a file as a frame',
      video({ first_frame_image: 'mm_file://1' }),
      'first_frame_image must be a URL or a data URL',
    ],
    [
      'a last frame',
      video({ model: 'MiniMax-Hailuo-2.3', last_frame_image: picture }),
      'model MiniMax-Hailuo-2.3 does not support last_frame_image',
    ],
    [
      'a small size without a picture',
      video({ resolution: '512P' }),
      'model MiniMax-Hailuo-02 does not support resolution 512P, supported resolutions: 768P, 1080P',
    ],
    [
      'a long film of the largest size',
      video({ resolution: '1080P', duration: 10 }),
      'model MiniMax-Hailuo-02 does not support duration 10, supported durations: 6',
    ],
  ])('is refused: %s', async (_, input, problem) => {
    expect(await send('video_generation', input)).toEqual({ base_resp: invalid(problem) })
    expect(sandbox.totals.creations.video).toBe(0)
  })

  it.each([
    ['a small film that begins with a picture', video({ resolution: '512P', first_frame_image: picture })],
    [
      'two frames and no prompt',
      { model: 'MiniMax-Hailuo-02', first_frame_image: picture, last_frame_image: picture },
    ],
    ['a picture inside', { model: 'I2V-01', first_frame_image: 'data:image/png;base64,iVBO' }],
    [
      'a subject',
      { model: 'S2V-01', prompt: 'a', subject_reference: [{ type: 'character', image: [picture] }] },
    ],
    ['a long prompt that is not too long', video({ prompt: '🎬'.repeat(2_000) })],
    ['CometAPI’s name for a model', video({ model: 'minimax-hailuo-02', duration: 10 })],
  ])('is taken where it is: %s', async (_, input) => {
    expect((await send('video_generation', input)).base_resp.status_code).toBe(0)
  })
})

const speech = (input: object) => ({
  model: 'speech-02-hd',
  text: 'a',
  voice_setting: { voice_id: 'v' },
  ...input,
})

describe('a speech that is not documented', () => {
  it.each([
    ['no model', speech({ model: undefined }), 'model cannot be empty'],
    ['another model', speech({ model: 'speech-9' }), 'unsupported model: speech-9'],
    ['no text', speech({ text: undefined }), 'text cannot be empty'],
    [
      'two texts',
      speech({ text_file_id: 437398323200000 }),
      'only one of text and text_file_id can be given',
    ],
    ['a long text', speech({ text: 'a'.repeat(50_001) }), 'text is too long, at most 50000 characters'],
    ['a file that is not there', speech({ text: undefined, text_file_id: 5 }), 'file_id not exist'],
    [
      'a file of another purpose',
      speech({ text: undefined, text_file_id: 437774745600005 }),
      'file_id not exist',
    ],
    ['no voice', speech({ voice_setting: {} }), 'no voice_id found'],
    [
      'a voice that is too fast',
      speech({ voice_setting: { voice_id: 'v', speed: 2.1 } }),
      'voice_setting.speed is out of range',
    ],
    [
      'a silent voice',
      speech({ voice_setting: { voice_id: 'v', vol: 0 } }),
      'voice_setting.vol is out of range',
    ],
    [
      'an odd rate',
      speech({ audio_setting: { bitrate: 1 } }),
      'audio_setting.bitrate must be one of 32000, 64000, 128000, 256000',
    ],
    [
      'a format that the sandbox cannot make',
      speech({ audio_setting: { format: 'opus' } }),
      'unsupported format: opus (the sandbox makes mp3, wav, pcm)',
    ],
  ])('is refused, with zeros beside: %s', async (_, input, problem) => {
    expect(await send('t2a_async_v2', input)).toEqual({
      ...{ file_id: 0, task_id: 0, task_token: '', usage_characters: 0 },
      base_resp: invalid(problem),
    })
    expect(sandbox.totals.creations.speech).toBe(0)
  })

  it('is taken where it is: from a file whose id is larger than a double can hold', async () => {
    const body = JSON.stringify(speech({ text: undefined, text_file_id: 1 })).replace(
      ':1',
      ':9007199254740993',
    )
    expect(await send('t2a_async_v2', body)).toMatchObject({ base_resp: { status_code: 0 } })
  })

  it.each(['mp3', 'wav', 'pcm'])('is taken where it is: as %s', async (format) => {
    const { file_id } = await send('t2a_async_v2', speech({ audio_setting: { format } }))
    nowMs += 10_000
    const content = await fetch(`${sandbox.url}/v1/files/retrieve_content?file_id=${file_id}`, {
      headers: { authorization: 'Bearer k' },
    })
    const tar = Buffer.from(await content.arrayBuffer())
    expect(tar.toString('latin1', 0, 100).replace(/\0.*/s, '')).toBe(`content-${file_id}.${format}`)
  })
})
