// The server as a subgraph behind real gateways, each a process of its own, beside a catalogue of 50 videos. The
// gateways are heavy, so they have an install of their own: `npm ci --prefix test/gateways`.
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { generatedVideo, type SandboxFile, seededFiles } from '../src/sandbox/seed.js'
import { KEY } from './helpers/app.js'
import { startCatalogue } from './helpers/catalogue.js'
import { subscribe } from './helpers/events.js'
import { type Run, start } from './helpers/process.js'
import { type Exchange, startProxy } from './helpers/proxy.js'

const folder = new URL('gateways/', import.meta.url)
const installed = existsSync(new URL('node_modules/', folder))

const TOKEN = 'token-SENTINEL-fedcba9876543210'
const GONE = '335560631603474'
const SERVING = /GraphQL +(http:\S+)/

/** Every kind of file and link that the sandbox knows, ids beyond 2^53 among them, and more of the usual kind. */
const files: readonly SandboxFile[] = [
  ...seededFiles,
  ...Array.from({ length: 49 - seededFiles.length }, (_, at) => ({
    ...generatedVideo,
    id: String(437_030_092_810_000 + at),
    filename: `output_${at}.mp4`,
  })),
]
/** The one that is gone stands amid the others. */
const ids = files.map(({ id }) => id).toSpliced(42, 0, GONE)

async function startSupergraph(gateway: string, planner: string) {
  const sandbox = await createSandbox({ files, behaviour: { taskMs: 2000 } })
  const server = start(undefined, {
    PORT: '0',
    COMETAPI_KEY: KEY,
    UPSTREAM_URL: sandbox.url,
    ACCESS_TOKENS: TOKEN,
    TASK_POLL_SECONDS: '1',
  })
  const toFiles = await startProxy(await urlOf(server))
  const tasks = [await createTask(sandbox.url, 'a ball'), await createTask(sandbox.url, 'fail 1026')]
  const catalogue = await startCatalogue(ids, tasks)
  const toVideos = await startProxy(catalogue.url)
  const router = start(fileURLToPath(new URL(gateway, folder)), {
    NODE_ENV: 'production',
    FILES_URL: toFiles.url,
    VIDEOS_URL: toVideos.url,
    FILES_TOKEN: TOKEN,
    PLANNER: planner,
  })
  const url = await urlOf(router)

  return {
    url,
    tasks,
    sandbox,
    toFiles,
    toVideos,
    query: async (query: string, headers: Readonly<Record<string, string>> = {}) => {
      const body = JSON.stringify({ query })
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }
      return (await (await fetch(url, init)).json()) as Answer
    },
    stop: async () => {
      for (const { child } of [router, server]) child.kill('SIGKILL')
      for (const proxy of [toFiles, toVideos]) proxy.stop()
      await catalogue.stop()
      await sandbox.close()
      expect(server.output()).not.toContain(TOKEN)
    },
  }
}

async function createTask(url: string, prompt: string): Promise<string> {
  const body = JSON.stringify({ model: 'MiniMax-Hailuo-02', prompt })
  const init = { method: 'POST', headers: { authorization: 'Bearer k' }, body }
  const answer = await (await fetch(`${url}/v1/video_generation`, init)).json()
  return (answer as { task_id: string }).task_id
}

type Answer = {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its query asked for
  readonly data: any
  readonly errors?: readonly {
    readonly path: readonly (string | number)[]
    readonly extensions: Readonly<Record<string, unknown>>
  }[]
}

async function urlOf({ waitFor }: Run): Promise<string> {
  const [, url = ''] = await waitFor(SERVING)
  return url
}

function asksForEntities({ request }: Exchange): boolean {
  return request.query.includes('_entities')
}

const VIDEOS = '{ videos { title file { id filename downloadUrl } } }'

const title = installed
  ? 'behind gateways/%s%s'
  : 'behind gateways/%s%s, which `npm ci --prefix test/gateways` installs'

describe.skipIf(!installed).each([
  ['apollo.js', '', [[]]],
  ['hive.js', '', [['filename'], ['downloadUrl']]],
  ['hive.js', ' with its planner in Rust', [[]]],
])(title, (gateway, planner, failedFields) => {
  let graph: Awaited<ReturnType<typeof startSupergraph>>

  beforeAll(async () => {
    graph = await startSupergraph(gateway, planner && 'rust')
  })
  afterAll(() => graph.stop())

  it('answers a list of 50 videos with one request; 49 keep their data, and one says why it has none', async () => {
    const { data, errors = [] } = await graph.query(VIDEOS, { 'x-request-id': 'catalogue-page' })
    expect(graph.toFiles.exchanges.filter(asksForEntities)).toHaveLength(1)
    expect(graph.sandbox.calls).toBe(50)
    const names = new Map(files.map(({ id, filename }) => [id, filename]))
    expect(data.videos).toMatchObject(
      ids.map((id, at) => ({ title: `Video ${at}`, file: { id, filename: names.get(id) ?? null } })),
    )
    const place = ['videos', ids.indexOf(GONE), 'file']
    expect(errors.map(({ path }) => path)).toEqual(failedFields.map((field) => [...place, ...field]))
    for (const { extensions } of errors) {
      expect(extensions).toMatchObject({
        code: 'FILE_NOT_FOUND',
        retryable: false,
        retryAfterSeconds: null,
        requestId: 'catalogue-page',
        upstream: { httpStatus: 200, statusCode: 2013 },
      })
      expect(extensions).not.toHaveProperty('stacktrace')
    }
  })

  it('follows the tasks of videos that are to come, by asking, to their files', async () => {
    const coming =
      '{ comingVideos { title task { id status retryAfterSeconds failure { code } file { filename } } } }'
    const ask = async () =>
      (await graph.query(coming)).data.comingVideos.map(({ task }: { task: unknown }) => task)
    const isOver = ({ retryAfterSeconds }: { retryAfterSeconds: number | null }) => retryAfterSeconds === null
    let tasks = await ask()
    for (; !tasks.every(isOver); await delay(50)) tasks = await ask()
    const [ball, failed] = graph.tasks
    const over = { retryAfterSeconds: null, failure: null, file: null }
    expect(tasks).toEqual([
      { ...over, id: ball, status: 'SUCCEEDED', file: { filename: 'output.mp4' } },
      { ...over, id: failed, status: 'FAILED', failure: { code: 'UPSTREAM_CONTENT_REJECTED' } },
    ])
  })

  it('passes links on byte for byte, so that their signatures hold', async () => {
    const { data } = await graph.query(VIDEOS)
    const sent = JSON.parse(graph.toFiles.exchanges.findLast(asksForEntities)?.answer ?? '').data._entities
    const toLinks = (all: readonly ({ readonly downloadUrl: string | null } | null)[]) =>
      all.flatMap((file) => file?.downloadUrl ?? []).sort()
    const links = toLinks(data.videos.map(({ file }: { file: { downloadUrl: string | null } }) => file))
    expect(links).toHaveLength(files.filter(({ link }) => link !== 'none').length)
    expect(links).toEqual(toLinks(sent))
    const statuses = await Promise.all(links.map(async (link) => (await fetch(link)).status))
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('shows a failure as data, where nothing can hide it', async () => {
    const { data, errors } = await graph.query(`{
      fileResult(id: "${GONE}") { ...Result }
      fileResults(ids: ["9007199254740993", "${GONE}", "x"]) { ...Result }
    }
    fragment Result on FileResult {
      ... on File { id filename }
      ... on FileError { code retryable }
    }`)
    const gone = { code: 'FILE_NOT_FOUND', retryable: false }
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      fileResult: gone,
      fileResults: [
        { id: '9007199254740993', filename: 'beyond-2-53.txt' },
        gone,
        { code: 'INVALID_FILE_ID', retryable: false },
      ],
    })
  })

  it('lists files in pages, and deletes them', async () => {
    const page = '{ files(first: 2) { nodes { id filename } pageInfo { hasNextPage endCursor } totalCount } }'
    const { data, errors } = await graph.query(page)
    expect(errors).toBeUndefined()
    expect(data.files).toMatchObject({ totalCount: expect.any(Number), pageInfo: { hasNextPage: true } })
    const [{ id }, next] = data.files.nodes
    const deletion = `mutation { deleteFile(id: "${id}") { __typename ... on DeletedFile { id } ... on FileError { code } } }`
    expect((await graph.query(deletion)).data.deleteFile).toEqual({ __typename: 'DeletedFile', id })
    expect((await graph.query(deletion)).data.deleteFile).toEqual({
      __typename: 'FileError',
      code: 'FILE_NOT_FOUND',
    })
    const later = (await graph.query(page)).data.files
    expect([later.nodes[0], later.totalCount]).toEqual([next, data.files.totalCount - 1])
  })

  it('gives links to this server’s own bytes, which need neither the gateway nor a token', async () => {
    const video = ids[0]
    const before = graph.sandbox.totals.calls.content
    const { data, errors } = await graph.query(
      `{ file(id: "${video}") { contentUrl } videos { file { id contentUrl } } }`,
    )
    const urls = data.videos.map(({ file }: { file: { contentUrl: string } | null }) => file?.contentUrl)
    expect(errors?.map(({ extensions }) => extensions.code) ?? []).toEqual(
      expect.arrayContaining(['FILE_NOT_FOUND']),
    )
    expect(urls[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/content\/[\w.-]+$/)
    for (const url of [data.file.contentUrl, urls[0]]) {
      const response = await fetch(url)
      expect([response.status, (await response.arrayBuffer()).byteLength > 0]).toEqual([200, true])
    }
    expect(graph.sandbox.totals.calls.content).toBe(before)
  })

  it('hands the access token to this server, and to no other', async () => {
    await graph.query(VIDEOS)
    const tokens = ({ exchanges }: typeof graph.toFiles) =>
      new Set(exchanges.map(({ headers }) => headers['router-authorization']))
    expect(tokens(graph.toFiles)).toEqual(new Set([TOKEN]))
    expect(tokens(graph.toVideos)).toEqual(new Set([undefined]))
  })

  // @apollo/gateway has neither.
  if (gateway === 'hive.js') {
    it('passes a subscription on, from server-sent events to server-sent events', async () => {
      const id = await createTask(graph.sandbox.url, 'a ball')
      const query = `subscription { videoTask(id: "${id}") { id status file { id filename } } }`
      const { response, rest } = await subscribe(graph.url, { query }, { 'x-request-id': 'followed' })
      expect(response.headers.get('content-type')).toContain('text/event-stream')
      const told = (await rest()).map(({ data }) => data?.data?.videoTask)
      expect(told.at(-2)).toEqual({
        id,
        status: 'SUCCEEDED',
        file: { id: expect.any(String), filename: 'output.mp4' },
      })
      const { headers } =
        graph.toFiles.exchanges.findLast(({ request }) => request.query.includes('subscription')) ?? {}
      expect(headers).toMatchObject({ accept: 'text/event-stream', 'router-authorization': TOKEN })
    })

    it('ends a subscription with its failure, which it masks with its planner in Rust', async () => {
      const { rest } = await subscribe(graph.url, { query: 'subscription { videoTask(id: "77") { id } }' })
      const [failed] = await rest()
      const code = planner === '' ? 'TASK_NOT_FOUND' : 'INTERNAL_SERVER_ERROR'
      expect(failed?.data.errors[0].extensions).toMatchObject({ code })
    })

    it('sends one request for those that ask the same at the same time', async () => {
      graph.toVideos.delayMs = 40
      const before = graph.toFiles.exchanges.length
      const answers = await Promise.all([graph.query(VIDEOS), graph.query(VIDEOS)])
      expect(answers[1]).toEqual(answers[0])
      expect(graph.toFiles.exchanges.length - before).toBe(1)
    })
  }
})
