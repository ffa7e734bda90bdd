// What goes wrong in the status, the headers and the framing of an answer: one test per known fault, with the number
// of requests that it may cost.
import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.js'
import {
  eventually,
  expectOutcome,
  lookUp,
  startClient,
  startUncached,
  strike,
  VIDEO,
} from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'

/** The client alone against a sandbox that answers 429 so, `times` times. */
async function throttle(retryAfter: string | undefined, times: number) {
  const sandbox = await createSandbox()
  sandbox.fault({ name: 'status', status: 429, times, ...(retryAfter !== undefined && { retryAfter }) })
  const client = startClient(sandbox.url)
  const outcome = await client.ask()
  await sandbox.close()
  return { ...outcome, ...client, calls: sandbox.calls }
}

it('[17] waits for as long as a 429 asks, then asks once more', async () => {
  const { file, pausesMs, calls, sent } = await throttle('1', 1)
  expect([file?.id, pausesMs, calls, sent]).toEqual([VIDEO, [1000], 2, 2])
  const always = await throttle('1', 9)
  expect([always.error?.code, always.calls]).toEqual(['UPSTREAM_RATE_LIMITED', 2])
})

it('[18] fails at once where a 429 asks for more time than there is, and tells the caller', async () => {
  const rule = { name: 'status', status: 429, retryAfter: '3600' } as const
  const outcome = await strike(rule, { UPSTREAM_TIMEOUT_MS: '60000' })
  expectOutcome(outcome, 'UPSTREAM_RATE_LIMITED', 1)
  expect(outcome.result.retryAfterSeconds).toBe(3600)
  expect(outcome.tookMs).toBeLessThan(15_000)
})

const PAST = 'Thu, 06 Aug 2015 08:49:47 GMT'
// With dice that show one half, the pause after a 429 without a usable hint is 250 ms.
it.each([
  [PAST, [0], 1],
  ['0', [0], 1],
  ['-5', [250], 60],
  ['1.5', [250], 60],
  ['abc', [250], 60],
  ['', [250], 60],
  [undefined, [250], 60],
  ['100000000000000000000', [], 2_147_483],
])('[19] makes of Retry-After %j the pauses %j and a hint of %d s', async (text, pauses, seconds) => {
  const { error, pausesMs, calls } = await throttle(text, 9)
  expect([pausesMs, error?.retryAfterSeconds, calls]).toEqual([pauses, seconds, pauses.length + 1])
})

it('[19] reads an HTTP date in the future', async () => {
  const { error, calls } = await throttle(new Date(Date.now() + 90_000).toUTCString(), 9)
  expect(error?.retryAfterSeconds).toBeGreaterThan(60)
  expect(error?.retryAfterSeconds).toBeLessThanOrEqual(90)
  expect(calls).toBe(1)
})

it.each([408, 500, 502, 503, 504])('[20] asks again after a single %d', async (status) => {
  expectOutcome(await strike({ name: 'status', status, times: 1 }), 'File', 2)
})

it.each([
  [408, 'UPSTREAM_TIMEOUT', 3],
  [500, 'UPSTREAM_UNAVAILABLE', 3],
  [502, 'UPSTREAM_UNAVAILABLE', 3],
  [503, 'UPSTREAM_UNAVAILABLE', 3],
  [504, 'UPSTREAM_TIMEOUT', 3],
  [524, 'UPSTREAM_TIMEOUT', 1],
  [501, 'UPSTREAM_UNAVAILABLE', 1],
])('[20] gives %d up as %s after %d requests', async (status, code, calls) => {
  expectOutcome(await strike({ name: 'status', status }), code, calls)
})

it('[21] spends exactly a hundred retries on an upstream that fails 200 look-ups at once, and then none', async () => {
  const sandbox = await createSandbox()
  onTestFinished(() => sandbox.close())
  sandbox.fault({ name: 'status', status: 503 })
  const { ask } = startClient(sandbox.url)
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) => ask(String(5_000_000 + index))),
  )
  expect(new Set(outcomes.map(({ error }) => error?.code))).toEqual(new Set(['UPSTREAM_UNAVAILABLE']))
  expect(sandbox.calls).toBe(300)
  expect((await ask()).sent).toBe(1)
})

it('[21] notices that it is down for all before even those are spent, and then asks for nothing', async () => {
  const app = await startUncached()
  app.sandbox.fault({ name: 'status', status: 503 })
  const many = (from: number) => Array.from({ length: 100 }, (_, index) => String(5_000_000 + from + index))
  const ask = (ids: readonly string[]) =>
    app.query(`query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on FileError { code } } }`, { ids })
  const answers = await Promise.all([ask(many(0)), ask(many(100))])
  const codes = answers.flatMap(({ data }) => data.fileResults.map(({ code }: { code: string }) => code))
  expect(codes).toEqual(Array(200).fill('UPSTREAM_UNAVAILABLE'))
  expect(app.sandbox.calls).toBeLessThan(300)
  const [before, startMs] = [app.sandbox.calls, performance.now()]
  for (const id of many(200)) expect((await lookUp(app, id)).result.code).toBe('UPSTREAM_UNAVAILABLE')
  const seconds = (performance.now() - startMs) / 1000
  expect(app.sandbox.calls - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1) // the probes
})

it.each([
  [401, 'UPSTREAM_UNAUTHENTICATED'],
  [403, 'UPSTREAM_FORBIDDEN'],
])('[22] never repeats a request after %d', async (status, code) => {
  expectOutcome(await strike({ name: 'status', status }), code, 1)
})

it('[22] leaves one line a minute in the log, without the key', async () => {
  const { query, logs } = await startUncached()
  for (const id of ['1234501', '1234502', '401'])
    await query(`{ a: file(id: 401) { id } b: file(id: ${id}) { id } }`)
  const warnings = logs.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn')
  expect(warnings).toEqual([
    expect.objectContaining({ level: 'warn', code: 'UPSTREAM_UNAUTHENTICATED', httpStatus: 401 }),
  ])
})

it('[23] does not take an HTTP 404 for a missing file', async () => {
  const outcome = await strike({ name: 'status', status: 404 })
  expectOutcome(outcome, 'UPSTREAM_ERROR', 1)
  expect(outcome.result.upstream.httpStatus).toBe(404)
})

it.each([301, 302, 303, 307, 308])(
  '[24] follows no redirect of status %d, wherever it leads',
  async (status) => {
    const elsewhere = await startPeer((socket) => socket.write(toAnswer('{}')))
    const targets = [elsewhere.url.href, 'http://169.254.169.254/', `/v1/files/retrieve?file_id=${VIDEO}`]
    for (const location of targets) {
      const { app, ...outcome } = await strike({ name: 'redirect', location, status })
      expectOutcome(outcome, 'UPSTREAM_BAD_RESPONSE', 1)
      expect(outcome.result.upstream.httpStatus).toBe(status)
      expect(app.logs.join('')).not.toContain('169.254')
    }
    expect(elsewhere.connections).toBe(0)
  },
)

it.each([200, 204] as const)('[25] asks once more after an empty answer of status %d', async (status) => {
  expectOutcome(await strike({ name: 'empty', status }), 'UPSTREAM_BAD_RESPONSE', 2)
  expectOutcome(await strike({ name: 'empty', status, times: 1 }), 'File', 2)
})

it('[26] asks once more after a page, of which nothing is shown or logged', async () => {
  const { app, ...outcome } = await strike({ name: 'html' })
  expectOutcome(outcome, 'UPSTREAM_BAD_RESPONSE', 2)
  expect(JSON.stringify(outcome.result) + app.logs.join('')).not.toMatch(/<html|<center/)
})

it.each(['text/plain', 'application/octet-stream', null])(
  '[27] reads JSON labelled %s, and notes it',
  async (type) => {
    const { app, ...outcome } = await strike({ name: 'wrong-type', type })
    expectOutcome(outcome, 'File', 1)
    expect(app.logs.join('')).toContain('answer is not labelled as JSON')
  },
)

it('[28] reads what was compressed unasked', async () => {
  expectOutcome(await strike({ name: 'gzip' }), 'File', 1)
})

/** What was left of the answer stays with the sandbox. */
async function expectCutOff({ requests }: Sandbox): Promise<void> {
  await eventually(() => expect(requests.at(-1)?.abandoned).toBe(true))
}

it('[29] inflates a bomb no further than an answer may be', async () => {
  const before = process.memoryUsage().external
  expectOutcome(await strike({ name: 'bomb' }), 'UPSTREAM_BAD_RESPONSE', 1)
  expect(process.memoryUsage().external - before).toBeLessThan(8 * 2 ** 20)
})

it('[29] inflates no bomb within bombs', async () => {
  let bomb = Buffer.alloc(2 ** 22)
  for (let layer = 0; layer < 6; layer++) bomb = gzipSync(bomb)
  const peer = await startPeer((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${Array(6).fill('gzip').join(', ')}\r\n`)
    socket.write(`content-length: ${bomb.length}\r\n\r\n`)
    socket.write(bomb)
  })
  const { error, sent } = await startClient(peer.url.href).ask()
  expect([error?.code, sent, peer.requests.length]).toEqual(['UPSTREAM_BAD_RESPONSE', 1, 1])
})

it.each([undefined, 'long', 'endless'] as const)(
  '[30] cuts a huge body off, its length %s',
  async (lying) => {
    const { app, ...outcome } = await strike({ name: 'huge', ...(lying && { lying }) })
    expectOutcome(outcome, 'UPSTREAM_BAD_RESPONSE', 1)
    await expectCutOff(app.sandbox)
  },
)

it('[30] reads no further than a length that is too short', async () => {
  const { app, ...outcome } = await strike({ name: 'huge', lying: 'short', times: 1 })
  expectOutcome(outcome, 'File', 1)
  await expectCutOff(app.sandbox)
  expectOutcome(await lookUp(app), 'File', 1)
})

it('[31] refuses 40 KB of headers', async () => {
  expectOutcome(await strike({ name: 'big-headers' }), 'UPSTREAM_BAD_RESPONSE', 1)
})

it.each([
  ['two lengths', 'dup-length', 'UPSTREAM_BAD_RESPONSE'],
  ['garbage for an answer', 'garbage', 'UPSTREAM_BAD_RESPONSE'],
  ['a second answer behind the first', 'trailing', 'File'],
] as const)('[32] is not confused by %s, nor are those who ask next', async (_, name, ending) => {
  const { app, ...outcome } = await strike({ name, times: 1 })
  expectOutcome(outcome, ending, 1)
  for (const { id } of app.sandbox.files.filter((file) => file.id !== VIDEO).slice(0, 5)) {
    const next = await lookUp(app, id)
    expectOutcome(next, 'File', 1)
    expect(next.result.id).toBe(id)
  }
})
