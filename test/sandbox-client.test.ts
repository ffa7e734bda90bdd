// A client of the upstream written from its documents alone, with nothing but fetch: it does all five file operations and
// both pipelines on the sandbox, in both dialects. It shares no code with the server, nor with the sandbox.
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.js'
import { start } from './helpers/process.js'

type Account = { readonly baseUrl: string; readonly key: string; readonly model?: string }

/** What the documents call a file. */
type FileObject = {
  readonly file_id: number
  readonly bytes: number
  readonly created_at: number
  readonly filename: string
  readonly purpose: string
  readonly download_url?: string
}

type BaseResp = { readonly base_resp: { readonly status_code: number; readonly status_msg: string } }

function createClient({ baseUrl, key, model }: Account) {
  function send(path: string, query: Record<string, string>, init: RequestInit = {}): Promise<Response> {
    const parameters = new URLSearchParams({ ...(model !== undefined && { model }), ...query })
    const headers = { ...init.headers, authorization: `Bearer ${key}` }
    return fetch(`${baseUrl}/v1/${path}?${parameters}`, { ...init, headers })
  }

  /** Any call: HTTP 200, and `base_resp` says how it went. */
  async function call<Answer>(path: string, query: Record<string, string>, init?: RequestInit) {
    const response = await send(path, query, init)
    const answer = (await response.json()) as Answer & BaseResp
    if (response.status !== 200) throw new Error(`HTTP ${response.status} ${JSON.stringify(answer)}`)
    const { status_code, status_msg } = answer.base_resp
    if (status_code !== 0) throw new Error(`${status_code} ${status_msg}`)
    return answer
  }

  function post<Answer>(path: string, body: unknown) {
    const headers = { 'content-type': 'application/json' }
    return call<Answer>(path, {}, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  return {
    async upload(purpose: string, filename: string, bytes: Buffer, fileFirst = false): Promise<FileObject> {
      const form = new FormData()
      if (!fileFirst) form.append('purpose', purpose)
      form.append('file', new Blob([new Uint8Array(bytes)]), filename)
      if (fileFirst) form.append('purpose', purpose)
      return (await call<{ file: FileObject }>('files/upload', {}, { method: 'POST', body: form })).file
    },

    async list(purpose?: string): Promise<FileObject[]> {
      const query: Record<string, string> = purpose === undefined ? {} : { purpose }
      return (await call<{ files?: FileObject[] }>('files/list', query)).files ?? []
    },

    async retrieve(id: number | string): Promise<FileObject> {
      return (await call<{ file: FileObject }>('files/retrieve', { file_id: String(id) })).file
    },

    async content(id: number): Promise<Buffer> {
      const response = await send('files/retrieve_content', { file_id: String(id) })
      return Buffer.from(await response.arrayBuffer())
    },

    async delete(file_id: number, purpose?: string): Promise<number> {
      return (await post<{ file_id: number }>('files/delete', { file_id, purpose })).file_id
    },

    async createVideo(input: object): Promise<string> {
      return (await post<{ task_id: string }>('video_generation', input)).task_id
    },

    queryVideo(task_id: string) {
      type Answer = { status: string; file_id: string; video_width: number; video_height: number }
      return call<Answer>('query/video_generation', { task_id })
    },

    createSpeech(input: object) {
      type Answer = { task_id: number; file_id: number; task_token: string; usage_characters: number }
      return post<Answer>('t2a_async_v2', input)
    },

    querySpeech(task_id: number) {
      type Answer = { status: string; file_id: number }
      return call<Answer>('query/t2a_async_query_v2', { task_id: String(task_id) })
    },
  }
}

const START_MS = Date.parse('2026-10-09T12:00:00Z')
let nowMs = START_MS
let sandbox: Sandbox

beforeEach(async () => {
  nowMs = START_MS
  sandbox = await createSandbox({ now: () => nowMs })
})
afterEach(() => sandbox.close())

async function download({ download_url }: FileObject): Promise<Buffer> {
  const response = await fetch(String(download_url))
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

const SONG = Buffer.from(Array.from({ length: 1_251 }, (_, i) => (i * 7) % 256))

describe.each([
  ['MiniMax', undefined],
  ['CometAPI', 'minimax-files-retrieve'],
])('a client of %s', (_, model) => {
  const connect = () => createClient({ baseUrl: sandbox.url, key: 'sk-any', ...(model && { model }) })

  it.each([
    ['purpose first', false],
    ['file first', true],
  ])(
    'uploads, lists, retrieves, downloads and deletes a file, its form with the %s',
    async (_, fileFirst) => {
      const client = connect()
      const uploaded = await client.upload('voice_clone', 'Stimme 声.mp3', SONG, fileFirst)
      const { file_id } = uploaded
      expect(uploaded).toEqual({
        file_id,
        bytes: SONG.length,
        created_at: START_MS / 1_000,
        filename: 'Stimme 声.mp3',
        purpose: 'voice_clone',
      })
      expect(await client.list()).toContainEqual(uploaded)
      expect(await client.list('voice_clone')).toContainEqual(uploaded)
      expect(await client.list('prompt_audio')).not.toContainEqual(uploaded)
      const retrieved = await client.retrieve(file_id)
      expect(retrieved).toMatchObject(uploaded)
      expect((await client.content(file_id)).equals(SONG)).toBe(true)
      expect((await download(retrieved)).equals(SONG)).toBe(true)
      expect(await client.delete(file_id, 'voice_clone')).toBe(file_id)
      await expect(client.retrieve(file_id)).rejects.toThrow('2013 invalid params, file not found')
      expect(await client.list()).not.toContainEqual(uploaded)
    },
  )

  it('deletes without naming the purpose, as official clients do', async () => {
    const client = connect()
    const { file_id } = await client.upload('retrieval', 'a.txt', SONG)
    await client.delete(file_id)
    await expect(client.delete(file_id)).rejects.toThrow('2013 invalid params, file not found')
  })

  it('makes a film: creates, follows, retrieves, downloads', async () => {
    const client = connect()
    const id = await client.createVideo({ model: 'MiniMax-Hailuo-02', prompt: 'a ball that bounces' })
    expect(id).toMatch(/^\d{15}$/)
    const statuses: string[] = []
    let last = await client.queryVideo(id)
    for (; last.file_id === ''; last = await client.queryVideo(id)) {
      expect([last.video_width, last.video_height]).toEqual([0, 0])
      if (statuses.at(-1) !== last.status) statuses.push(last.status)
      nowMs += 500
    }
    expect(statuses).toEqual(['Preparing', 'Queueing', 'Processing'])
    expect(last).toMatchObject({ status: 'Success', video_width: 320, video_height: 180 })
    expect(nowMs - START_MS).toBeLessThanOrEqual(10_000)
    const file = await client.retrieve(last.file_id)
    expect(file).toMatchObject({ bytes: 0, filename: 'output.mp4', purpose: 'video_generation' })
    const film = await download(file)
    expect(film.toString('latin1', 4, 8)).toBe('ftyp')
    expect((await client.content(file.file_id)).equals(film)).toBe(true)
  })

  it('makes a speech: the file is named at once, and there when the task is done', async () => {
    const client = connect()
    const voice_setting = { voice_id: 'English_Narrator', speed: 1 }
    const task = await client.createSpeech({ model: 'speech-2.8-hd', text: 'Good evening.', voice_setting })
    expect(task.usage_characters).toBe(13)
    await expect(client.retrieve(task.file_id)).rejects.toThrow('2013 invalid params, file not found')
    expect(await client.querySpeech(task.task_id)).toMatchObject({ status: 'Processing' })
    nowMs += 10_000
    expect(await client.querySpeech(task.task_id)).toMatchObject({
      status: 'Success',
      file_id: task.file_id,
    })
    const file = await client.retrieve(task.file_id)
    expect(file.purpose).toBe('t2a_async')
    const tar = await download(file)
    expect([tar.toString('latin1', 257, 262), tar.length]).toEqual(['ustar', file.bytes])
    expect(tar.toString()).toContain('"Good evening."')
  })

  it('speaks a text that was uploaded', async () => {
    const client = connect()
    const { file_id } = await client.upload('t2a_async_input', 'novel.txt', Buffer.from('Es war einmal.'))
    const voice_setting = { voice_id: 'v' }
    const input = { model: 'speech-2.6-turbo', text_file_id: file_id, voice_setting }
    expect((await client.createSpeech(input)).usage_characters).toBe(14)
  })
})

it('a client of a gateway that sells retrieve alone can still retrieve', async () => {
  const client = createClient({ baseUrl: sandbox.url, key: 'sk', model: 'minimax-files-retrieve' })
  sandbox.behave({ sold: ['retrieve'] })
  expect((await client.retrieve(sandbox.files[0]?.id ?? '')).purpose).toBe('video_generation')
  await expect(client.list()).rejects.toThrow(/HTTP 404 .*comet_api_error/)
  await expect(client.upload('retrieval', 'a.txt', SONG)).rejects.toThrow('HTTP 404')
  await expect(client.createVideo({})).rejects.toThrow('HTTP 404')
})

it('a client of `npm run sandbox` finds what it prints', async () => {
  const script = fileURLToPath(new URL('../dist/sandbox/main.js', import.meta.url))
  const { child, waitFor, output, exited } = start(script, { PORT: '0' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [, baseUrl = ''] = await waitFor(/listens on (http:\S+)\. /)
  await waitFor(/video_generation\n/)
  const client = createClient({ baseUrl, key: 'any-key' })
  const ids = [...output().matchAll(/^ {2}(\d+) +(\S+)/gm)]
  expect(ids).toHaveLength(sandbox.files.length)
  for (const [, id = '', purpose] of ids) expect((await client.retrieve(id)).purpose).toBe(purpose)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
})
