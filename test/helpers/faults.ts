// One look-up and what it cost: through the whole server, or through the client alone where the fault lies in what no
// sandbox can do, such as a name service.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import type { Spend } from '../../src/cache/spend.js'
import { createClient } from '../../src/client/client.js'
import { createPace } from '../../src/client/pace.js'
import { toHeaders } from '../../src/client/request.js'
import { FileError } from '../../src/errors.js'
import type { File, FileId, Lookup } from '../../src/file.js'
import type { FaultRule } from '../../src/sandbox/rules.js'
import { createRetryBudget, type RetryBudget } from '../../src/wire/retry.js'
import { createWire, type WireOptions } from '../../src/wire/wire.js'
import { KEY, startApp } from './app.js'
import { CALL_MICRO_USD, createLookup } from './source.js'

/** The sandbox's generated video, which is there where no rule says otherwise. */
export const VIDEO = '437030092800001'

export const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000, interval: 5 })

/** Where nobody listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

const FIELDS = `
  __typename
  ... on File { id filename bytes createdAt purpose purposeName downloadUrl backupDownloadUrl downloadUrlExpiresAt }
  ... on FileError { code message retryable retryAfterSeconds upstream { httpStatus statusCode statusMessage traceId } }`

type App = Awaited<ReturnType<typeof startApp>>

/** A server that reuses nothing, so that each look-up shows what the wire and the client make of it. */
export function startUncached(env: Readonly<Record<string, string>> = {}) {
  return startApp({ CACHE_TTL_SECONDS: '0', ...env })
}

/** The result of one `fileResult`, and how many requests it made the sandbox receive and the server count. */
export async function lookUp({ query, sandbox }: Pick<App, 'query' | 'sandbox'>, id = VIDEO) {
  const before = sandbox.calls
  const startMs = performance.now()
  const { data, errors, extensions } = await query(`query ($id: ID!) { fileResult(id: $id) { ${FIELDS} } }`, {
    id,
  })
  expect(errors).toBeUndefined()
  return {
    result: data.fileResult,
    calls: sandbox.calls - before,
    counted: extensions.cost.calls,
    tookMs: performance.now() - startMs,
  }
}

/** A fresh server whose upstream does this; one look-up of the video. */
export async function strike(rule: FaultRule, env: Readonly<Record<string, string>> = {}) {
  const app = await startUncached(env)
  app.sandbox.fault(rule)
  return { ...(await lookUp(app)), app }
}

/** What each row says of a look-up: how it ended, and how many requests were sent for it. */
export function expectOutcome(
  { result, calls, counted }: Pick<Awaited<ReturnType<typeof lookUp>>, 'result' | 'calls' | 'counted'>,
  expected: string,
  expectedCalls: number,
): void {
  expect([result.code ?? result.__typename, calls, counted]).toEqual([expected, expectedCalls, expectedCalls])
}

type Options = Partial<WireOptions> & {
  readonly timeoutMs?: number
  /** No retry is affordable. */
  readonly broke?: boolean
  readonly budget?: RetryBudget
  readonly spend?: Spend
}

/** The client over real sockets; its pauses between attempts are written down and cut to nothing. */
export function startClient(
  url: string,
  { timeoutMs = 20_000, broke = false, budget = createRetryBudget(), spend, ...options }: Options = {},
) {
  const baseUrl = new URL(url)
  const attemptTimeoutMs = timeoutMs / 2
  const defaults = { attemptTimeoutMs, connectTimeoutMs: 5000, headers: toHeaders(KEY) }
  const wire = createWire(baseUrl, { ...defaults, ...options })
  onTestFinished(() => wire.close())
  const pausesMs: number[] = []
  const notices: string[] = []
  const records: string[] = []
  const client = createClient(
    {
      wire,
      pace: createPace(attemptTimeoutMs),
      spend,
      priceMicroUsd: CALL_MICRO_USD,
      clock: { nowMs: Date.now, monotonicMs: () => performance.now() },
      budget: broke ? { withdraw: () => false, deposit() {} } : budget,
      notice: (notice, detail) => notices.push(`${notice} ${JSON.stringify(detail)}`),
      record: (code) => records.push(code),
      random: () => 0.5,
      after: (ms, callback) => {
        pausesMs.push(ms)
        const immediate = setImmediate(callback)
        return () => clearImmediate(immediate)
      },
    },
    { dialect: { kind: 'minimax' }, baseUrl },
  )

  async function ask(
    id = VIDEO,
    more: Partial<Lookup> = {},
  ): Promise<{ file?: File; error?: FileError; sent: number; tookMs: number }> {
    const startMs = performance.now()
    const lookup = createLookup({ deadlineMs: startMs + timeoutMs, ...more })
    const outcome = await client.retrieve(id as FileId, lookup).then(
      (file) => ({ file }),
      (error: FileError) => ({ error }),
    )
    if ('error' in outcome) expect(outcome.error).toBeInstanceOf(FileError)
    return { ...outcome, sent: lookup.sent, tookMs: performance.now() - startMs }
  }
  return { client, ask, pausesMs, notices, records }
}

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** A key and a certificate for 127.0.0.1 that only its maker vouches for; the latter also as a file. */
export function createCertificate(): { readonly key: Buffer; readonly cert: Buffer; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [keyPath, path] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const name = ['-subj', '/CN=peer.test', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', keyPath, '-out', path]
  execFileSync('openssl', [...kind, ...files, '-days', '1', ...name], { stdio: 'ignore' })
  return { key: readFileSync(keyPath), cert: readFileSync(path), path }
}
