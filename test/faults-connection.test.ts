// What goes wrong between us and the upstream before and while bytes come: one test per known fault, with the number
// of requests that it may cost. An attempt's time is half of a look-up's.
import { spawnSync } from 'node:child_process'
import type { LookupFunction } from 'node:net'
import { expect, it, vi } from 'vitest'
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.js'
import { startApp } from './helpers/app.js'
import {
  closedUrl,
  createCertificate,
  eventually,
  expectOutcome,
  lookUp,
  startClient,
  strike,
  VIDEO,
} from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'

// Half of it is enough for a second attempt to be sent in, on a machine that is busy elsewhere as well.
const SHORT = { UPSTREAM_TIMEOUT_MS: '1500' }

/** After the look-up's deadline, and well before any other timer of a library's. */
function expectDeadline(tookMs: number): void {
  expect(tookMs).toBeGreaterThan(1490)
  expect(tookMs).toBeLessThan(15_000)
}

async function expectAbandoned({ requests }: Sandbox): Promise<void> {
  await eventually(() => expect(requests.map(({ abandoned }) => abandoned)).toEqual(requests.map(() => true)))
}

it('[1] gives a refused connection three attempts, which cost nothing, and leaves siblings alone', async () => {
  const { query } = await startApp({ UPSTREAM_URL: await closedUrl(), UPSTREAM_TIMEOUT_MS: '60000' })
  const startMs = performance.now()
  const { data, extensions } = await query(`{
    fileResult(id: "${VIDEO}") { ... on FileError { code } }
    sibling: fileResult(id: "x") { ... on FileError { code } }
  }`)
  expect(performance.now() - startMs).toBeLessThan(15_000)
  expect(data).toEqual({
    fileResult: { code: 'UPSTREAM_UNAVAILABLE' },
    sibling: { code: 'INVALID_FILE_ID' },
  })
  expect(extensions.cost.calls).toBe(0)

  const connect = vi.fn((_: unknown, callback: (error: Error, socket: null) => void) => {
    setImmediate(callback, Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), null)
  })
  const { ask, pausesMs } = startClient('http://peer.test', { connect: connect as never })
  const { error, sent } = await ask()
  expect([error?.code, connect.mock.calls.length, sent]).toEqual(['UPSTREAM_UNAVAILABLE', 3, 0])
  // Full jitter: half of 100 ms, then half of 200 ms, for dice that show one half.
  expect(pausesMs).toEqual([50, 100])
})

it('[2] ends a connection that is never made, within the time for connecting', async () => {
  const connect = vi.fn()
  const { ask } = startClient('http://peer.test', { connect, connectTimeoutMs: 60, timeoutMs: 60_000 })
  const { error, sent, tookMs } = await ask()
  expect([error?.code, connect.mock.calls.length, sent]).toEqual(['UPSTREAM_TIMEOUT', 3, 0])
  expect(tookMs).toBeLessThan(15_000)
})

const failing =
  (code: string): LookupFunction =>
  (_, options, callback) => {
    const error = Object.assign(new Error(`${code} peer.test`), { code })
    setImmediate(() => (options.all ? callback(error, []) : callback(error, '', 4)))
  }
const findLoopback: LookupFunction = (_, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

it('[3] asks once for a host name that does not exist, and does not show it', async () => {
  const lookup = vi.fn(failing('ENOTFOUND'))
  const { ask, notices } = startClient('http://peer.test', { connect: { lookup } })
  const { error, sent } = await ask()
  expect([error?.code, lookup.mock.calls.length, sent]).toEqual(['UPSTREAM_UNAVAILABLE', 1, 0])
  expect(error?.message).not.toContain('peer.test')
  expect(notices).toEqual([
    'an upstream call failed {"code":"UPSTREAM_UNAVAILABLE","failure":"dns","reason":"ENOTFOUND"}',
  ])
})

it('[4] succeeds when the name service fails once', async () => {
  const peer = await startPeer((socket) => socket.write(toAnswer(`{"file":{"file_id":${VIDEO}}}`)))
  const lookup = vi.fn(findLoopback).mockImplementationOnce(failing('EAI_AGAIN'))
  const { ask } = startClient(`http://peer.test:${peer.url.port}`, { connect: { lookup } })
  const { file, sent } = await ask()
  expect([file?.id, lookup.mock.calls.length, sent]).toEqual([VIDEO, 2, 1])
})

it('[5] ends a name look-up that hangs', async () => {
  const lookup = vi.fn<LookupFunction>()
  const { ask } = startClient('http://peer.test', {
    connect: { lookup },
    connectTimeoutMs: 60,
    timeoutMs: 60_000,
  })
  const { error, sent, tookMs } = await ask()
  expect([error?.code, lookup.mock.calls.length, sent]).toEqual(['UPSTREAM_TIMEOUT', 3, 0])
  expect(tookMs).toBeLessThan(15_000)
})

it('makes one attempt where it is only to show whether the upstream is back', async () => {
  const { ask, pausesMs } = startClient(await closedUrl())
  expect((await ask(VIDEO, { isProbe: true })).error?.code).toBe('UPSTREAM_UNAVAILABLE')
  expect(pausesMs).toEqual([])
})

it.each([
  ['[6] cuts off an upstream that accepts and stays silent', { name: 'silence' }],
  ['[7] cuts off headers that stop half way', { name: 'half-headers' }],
  ['[8] cuts off a body that stops half way', { name: 'stall' }],
  ['[9] cuts off a drip whose gaps are all short', { name: 'drip', intervalMs: 20 }],
] as const)('%s, asks once more, and keeps to the deadline', async (_, rule) => {
  const outcome = await strike(rule, SHORT)
  expectOutcome(outcome, 'UPSTREAM_TIMEOUT', 2)
  expectDeadline(outcome.tookMs)
  await expectAbandoned(outcome.app.sandbox)
})

it('[6] asks a silent upstream twice at the most, however much time is left', async () => {
  const peer = await startPeer(() => {})
  const { error, sent } = await startClient(peer.url.href, { attemptTimeoutMs: 50 }).ask()
  expect([error?.code, sent]).toEqual(['UPSTREAM_TIMEOUT', 2])
  await eventually(() => expect(peer.requests).toHaveLength(2))
})

it('[8] succeeds when only the first body stalls', async () => {
  expectOutcome(await strike({ name: 'stall', times: 1 }, SHORT), 'File', 2)
})

it('[10] asks again after a reset, and gives up after two more', async () => {
  expectOutcome(await strike({ name: 'reset', times: 1 }), 'File', 2)
  expectOutcome(await strike({ name: 'reset' }), 'UPSTREAM_UNAVAILABLE', 3)
})

it('[11] asks again after a reset within the body, and makes nothing of the half', async () => {
  const { result, ...outcome } = await strike({ name: 'reset-mid-body', times: 1 })
  expectOutcome({ result, ...outcome }, 'File', 2)
  // Its head had arrived each time, so each may have been billed.
  expectOutcome(await strike({ name: 'reset-mid-body' }), 'UPSTREAM_UNAVAILABLE', 2)
  expect(result).toMatchObject({ id: VIDEO, purposeName: 'video_generation' })
})

it('[12] asks again at once where an idle connection was closed under the request, budget or not', async () => {
  const sandbox = await createSandbox()
  const { ask, pausesMs } = startClient(sandbox.url, { broke: true })
  sandbox.fault({ name: 'close-idle', times: 1 })
  await ask()
  const { file, sent } = await ask()
  await sandbox.close()
  expect([file?.id, sent, pausesMs]).toEqual([VIDEO, 2, [0]])
  expect(sandbox.requests).toHaveLength(3)
})

it('[13] waits for an upstream that is slow but in time', async () => {
  const outcome = await strike({ name: 'latency', ms: 120 }, { UPSTREAM_TIMEOUT_MS: '4000' })
  expectOutcome(outcome, 'File', 1)
})

it('[14] takes a narrow line if it makes the deadline', async () => {
  const wide = await strike({ name: 'bandwidth', bytesPerSecond: 8000 }, { UPSTREAM_TIMEOUT_MS: '4000' })
  expectOutcome(wide, 'File', 1)
  const narrow = await strike({ name: 'bandwidth', bytesPerSecond: 100 }, SHORT)
  expectOutcome(narrow, 'UPSTREAM_TIMEOUT', 2)
  expectDeadline(narrow.tookMs)
})

it('[15] lets go on what was sent when the caller leaves, and keeps its answer', async () => {
  const { query, sandbox } = await startApp()
  sandbox.fault({ name: 'latency', ms: 150 })
  const leave = new AbortController()
  const left = query(`{ file(id: "${VIDEO}") { id } }`, undefined, { signal: leave.signal }).catch(
    () => 'left',
  )
  await eventually(() => expect(sandbox.calls).toBe(1))
  leave.abort()
  expect(await left).toBe('left')
  // Whoever asks while it is on its way joins it, and whoever asks later has its answer.
  expectOutcome(await lookUp({ query, sandbox }), 'File', 0)
  expectOutcome(await lookUp({ query, sandbox }), 'File', 0)
  expect(sandbox.calls).toBe(1)
})

it('[15] pays once for five tries of a client that gives up too soon', async () => {
  const peer = await startPeer((socket) =>
    setTimeout(() => socket.write(toAnswer(`{"file":{"file_id":${VIDEO}}}`)), 200),
  )
  const { query } = await startApp({ UPSTREAM_URL: peer.url.href })
  const answers: unknown[] = []
  for (let round = 0; round < 5; round++) {
    const signal = AbortSignal.timeout(130)
    const answer = query(`{ file(id: "${VIDEO}") { id } }`, undefined, { signal })
    answers.push(await answer.then(({ data }) => data.file.id).catch(() => 'gave up'))
  }
  expect(answers[0]).toBe('gave up')
  expect(answers.at(-1)).toBe(VIDEO)
  expect(peer.requests).toHaveLength(1)
})

it('[15] does not send what nobody waits for any more', async () => {
  const peer = await startPeer((socket, { target }) => {
    const file = `{"file":{"file_id":${target.split('file_id=')[1]}}}`
    setTimeout(() => socket.write(toAnswer(file)), 100)
  })
  const { query } = await startApp({ UPSTREAM_URL: peer.url.href, MAX_LOOKUPS_PER_OPERATION: '100' })
  const ids = Array.from({ length: 100 }, (_, index) => String(5_000_000 + index))
  const leave = new AbortController()
  const list = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename } }'
  const left = query(list, { ids }, { signal: leave.signal }).catch(() => 'left')
  await eventually(() => expect(peer.requests).toHaveLength(32))
  leave.abort()
  expect(await left).toBe('left')
  await query(`{ file(id: "${VIDEO}") { id } }`) // waits for a connection, as those did
  expect(peer.requests).toHaveLength(33)
})

it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
  '[16] talks to no upstream whose certificate nobody vouches for, says so in the log, and does not insist',
  async () => {
    const peer = await startPeer(() => {}, createCertificate())
    const { query, logs } = await startApp({ UPSTREAM_URL: peer.url.href })
    const { data, extensions } = await query(
      `{ fileResult(id: "${VIDEO}") { ... on FileError { code upstream { httpStatus } } } }`,
    )
    expect(data.fileResult).toEqual({ code: 'UPSTREAM_UNAVAILABLE', upstream: null })
    expect([peer.requests, extensions.cost.calls]).toEqual([[], 0])
    expect(logs.join('')).toContain('"failure":"tls"')

    const { ask, pausesMs } = startClient(peer.url.href, { connectTimeoutMs: 1000 })
    expect([(await ask()).error?.code, pausesMs]).toEqual(['UPSTREAM_UNAVAILABLE', []])
  },
)
