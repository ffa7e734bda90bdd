// How the server stops: what is in flight, what is idle, and what is stuck.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import type { File } from '../src/file.js'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { KEY, startApp } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { LISTENING, run, start } from './helpers/process.js'
import { startServer } from './helpers/server.js'
import { connect } from './helpers/socket.js'

/** A client that keeps its connection for the next request. */
function createClient(url: string) {
  const agent = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 60_000 })
  const { origin } = new URL(url)

  /** One look-up, or a query that makes none. */
  async function ask(id?: string) {
    const query = id === undefined ? '{ __typename }' : `{ file(id: "${id}") { id } }`
    const options: Dispatcher.RequestOptions = {
      origin,
      path: '/graphql',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    }
    const { headers, body } = await agent.request(options)
    const { data } = (await body.json()) as { data: { file?: { id: string } } }
    return { id: data.file?.id, connection: headers.connection }
  }
  return { ask, close: () => agent.destroy() }
}

function createClients(url: string, count: number) {
  const clients = Array.from({ length: count }, () => createClient(url))
  onTestFinished(async () => void (await Promise.all(clients.map(({ close }) => close()))))
  return clients.map(({ ask }) => ask)
}

/** Takes its ten seconds beside the other tests. */
let stuck: Promise<{ answer: unknown; exitCode: number | null; tookMs: number }>

beforeAll(() => {
  stuck = stopWhileStuck()
})

async function stopWhileStuck() {
  const sandbox = await createSandbox()
  sandbox.fault({ name: 'silence' })
  const env = { PORT: '0', COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url, UPSTREAM_TIMEOUT_MS: '60000' }
  const { child, waitFor, exited } = start(undefined, env)
  try {
    const [, url = ''] = await waitFor(LISTENING)
    const client = createClient(url)
    const answer = client.ask(VIDEO)
    await vi.waitUntil(() => sandbox.calls === 1, { timeout: 30_000 })
    const signalMs = performance.now()
    child.kill('SIGTERM')
    const [answered, exitCode] = await Promise.all([answer, exited])
    await client.close()
    return { answer: answered, exitCode, tookMs: performance.now() - signalMs }
  } finally {
    child.kill('SIGKILL')
    await sandbox.close()
  }
}

it('waits for the answer to what was sent, though its client has left, and for nothing else', async () => {
  const peer = await startPeer((socket) => {
    const answer = toAnswer(`{"file":{"file_id":${VIDEO}}}`)
    setTimeout(() => socket.write(answer, () => answered.push(answer)), 300)
  })
  const answered: string[] = []
  const { app, query } = await startApp({ UPSTREAM_URL: peer.url.href })
  const leaving = new AbortController()
  const left = query(`{ file(id: "${VIDEO}") { id } }`, {}, { signal: leaving.signal }).catch(() => 'left')
  await expect.poll(() => peer.requests.length).toBe(1)
  leaving.abort()
  expect(await left).toBe('left')
  await app.stop(10_000)
  expect(answered).toHaveLength(1)
})

it('[135] is alive but not ready while it drains, and keeps no idle connection', async () => {
  const { app, sandbox, send, query } = await startApp()
  sandbox.fault({ name: 'latency', ms: 700 })
  await connect(app.url)
  const answer = query(`{ file(id: "${VIDEO}") { id } }`)
  await expect.poll(() => sandbox.calls).toBe(1)
  const stopped = app.stop(600_000) // so that a connection that is kept would hang
  const [ready, alive] = await Promise.all([send('/readyz'), send('/livez')])
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'draining' }])
  expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }])
  expect((await answer).data).toEqual({ file: { id: VIDEO } })
  await stopped
})

it('[129] aborts what is still in flight when the grace is over, with an answer', async () => {
  const { app, sandbox, query } = await startApp()
  sandbox.fault({ name: 'silence' })
  const answer = query(`{ file(id: "${VIDEO}") { id } }`)
  await expect.poll(() => sandbox.calls).toBe(1)
  await app.stop(50)
  const { data, errors } = await answer
  expect([data, errors?.[0].extensions.code]).toEqual([{ file: null }, 'UPSTREAM_UNAVAILABLE'])
})

/** A request on a connection that stays open. */
function toRequest(query: string): string {
  const body = JSON.stringify({ query })
  const head = ['POST /graphql HTTP/1.1', 'host: a', 'content-type: application/json']
  return [...head, `content-length: ${body.length}`, '', body].join('\r\n')
}

it('[128] says that a connection ends with the last answer on it, however they were made ready', async () => {
  const finish = new Map<string, () => void>()
  const { url, close } = await startServer((id) => {
    const answer = { file: { id } as File, freshUntilMs: 0 }
    return new Promise((resolve) => finish.set(id, () => resolve(answer)))
  })
  const socket = await connect(url)
  socket.write(['1', '2', '3'].map((id) => toRequest(`{ file(id: ${id}) { id } }`)).join(''))
  await expect.poll(() => finish.size).toBe(3)
  const closed = close(60_000)
  for (const id of ['2', '3', '1']) {
    finish.get(id)?.()
    await new Promise(setImmediate)
  }
  let text = ''
  for await (const chunk of socket.setEncoding('latin1')) text += chunk
  const answers = text.split(/(?=HTTP\/1\.1 )/)
  expect(answers.map((answer) => /"id":"(\d)"/.exec(answer)?.[1])).toEqual(['1', '2', '3'])
  expect(answers.map((answer) => /^connection: (.*)\r$/im.exec(answer)?.[1])).toEqual([
    'keep-alive',
    'keep-alive',
    'close',
  ])
  await closed
})

it('[128] answers what arrives on an idle connection in the last moment before that is closed', async () => {
  const { url, close } = await startServer(async () => Promise.reject(new Error('not asked')))
  const socket = await connect(url)
  const ask = () => socket.write(toRequest('{ __typename }'))
  const answers: string[] = []
  socket.setEncoding('latin1').on('data', (text) => answers.push(String(text)))
  ask()
  await once(socket, 'data')
  // The server waits as long from the same moment on, so its wait is over right after this, in the same turn.
  setTimeout(ask, 20)
  const closed = close(20)
  await Promise.all([closed, once(socket, 'close')])
  expect(answers.join('').match(/"__typename":"Query"/g)).toHaveLength(2)
})

/** The process's timers of ten seconds and more never go off: if it waited for anybody, it would wait for ever. */
const FOR_EVER = `
  const start = globalThis.setTimeout
  globalThis.setTimeout = (work, ms, ...rest) => start(work, ms >= 10_000 ? 2 ** 31 - 1 : ms, ...rest)`
const WITHOUT_END = ['--import', `data:text/javascript,${encodeURIComponent(FOR_EVER)}`]

/** Ids that the sandbox has a file for, once a rule has taken the place of the failures that they ask for. */
const ids = Array.from({ length: 120 }, (_, i) => String(400 + i))

it('[127] [128] fails none of 200 in flight on SIGTERM, nor one on a connection that was idle, and waits for no idle client', async () => {
  const sandbox = await createSandbox()
  onTestFinished(() => sandbox.close())
  sandbox.fault({ name: 'latency', ms: 300 })
  const { child, waitFor, exited } = run(
    { PORT: '0', COMETAPI_KEY: KEY, UPSTREAM_URL: sandbox.url, UPSTREAM_TIMEOUT_MS: '60000' },
    [],
    { nodeArgs: WITHOUT_END },
  )
  const [, url = ''] = await waitFor(LISTENING)
  const [busy, late, idle] = [createClients(url, 200), createClients(url, 20), createClients(url, 20)]
  await Promise.all([...busy, ...late, ...idle].map((ask) => ask()))
  for (let i = 0; i < 5; i++) await connect(url)

  const asked = busy.map((ask, i) => ask(ids[i % ids.length]))
  await expect.poll(() => sandbox.calls).toBeGreaterThanOrEqual(32)
  child.kill('SIGTERM')
  await waitFor(/stopping: finishing requests in flight/)
  asked.push(
    ...late.map(async (ask, i) => {
      await delay(10 * i)
      return ask(ids[i])
    }),
  )
  const answers = await Promise.all(asked)
  expect(await exited).toBe(0)
  expect(answers.map(({ id }) => id)).toEqual([...busy, ...late].map((_, i) => ids[(i % 200) % ids.length]))
  expect(answers.slice(-20).map(({ connection }) => connection)).toEqual(late.map(() => 'close'))
})

it('[129] gives up a stuck upstream ten seconds after SIGTERM, and exits with 0', async () => {
  const { answer, exitCode, tookMs } = await stuck
  // The code is 1 where it takes a second and a half longer. Its upstream would have had a minute.
  expect([answer, exitCode]).toEqual([{ id: undefined, connection: 'close' }, 0])
  expect(tookMs).toBeGreaterThan(9900)
})
