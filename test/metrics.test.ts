// What operators watch: that it is counted, that Prometheus takes it, and that the documentation lists it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../src/metrics/metrics.js'
import { startApp } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'
import { readSamples } from './helpers/metrics.js'
import { lacks } from './helpers/program.js'
import { startServer } from './helpers/server.js'

const GONE = '335560631603474'

/** Of a server on which a little of everything has happened. */
async function startUsed(env: object = {}) {
  const app = await startApp({ SPEND_LIMIT_USD_PER_DAY: '0.05', ...env })
  await app.query(
    `{ a: file(id: "${VIDEO}") { id } b: file(id: "${GONE}") { id } c: file(id: "${GONE}") { bytes } }`,
  )
  await app.query('{ nothing }')
  await app.send(`/files/${VIDEO}/content`)
  await app.send('/nowhere')
  return { ...app, read: async () => readSamples(await (await app.send('/metrics')).text()) }
}

it('counts requests by route, status and duration, and the failures that they told by code', async () => {
  const { read } = await startUsed()
  await eventually(async () => {
    const samples = await read()
    const count = (labels: string) => samples.get(`files_http_request_duration_seconds_count{${labels}}`)
    expect(count('route="/graphql",status="200"')).toBe(2)
    expect(count('route="/files/:id/content",status="200"')).toBe(1)
    expect(count('route="none",status="404"')).toBe(1)
    expect(samples.get('files_errors_total{route="/graphql",code="FILE_NOT_FOUND"}')).toBe(1)
    expect(samples.get('files_errors_total{route="/graphql",code="GRAPHQL_VALIDATION_FAILED"}')).toBe(1)
    expect(samples.get('files_sent_bytes_total')).toBeGreaterThan(100)
  })
})

it('counts and logs what the routes for bytes refuse before anything is asked upstream', async () => {
  const { send, read, logs } = await startUsed()
  const put = { method: 'PUT', body: 'twelve bytes' }
  const failures = [
    [await send('/files/x/content'), 'route="/files/:id/content",code="INVALID_FILE_ID"'],
    [await send(`/files/${VIDEO}/content?member=x`), 'route="/files/:id/content",code="INVALID_INPUT"'],
    [await send('/content/forged'), 'route="/content/:ticket",code="FORBIDDEN"'],
    [await send('/files', put), 'route="/files",code="BAD_REQUEST"'],
    [
      await send('/files?purpose=retrieval&filename=a.exe', put),
      'route="/files",code="UNSUPPORTED_FILE_FORMAT"',
    ],
    [await send('/uploads/forged', put), 'route="/uploads/:ticket",code="FORBIDDEN"'],
  ] as const
  for (const [response] of failures) await response.text()
  const toLines = () =>
    logs.map((line) => JSON.parse(line)).filter(({ route }) => /^.(files|content|uploads)/.test(route))
  await eventually(async () => {
    const samples = await read()
    const counts = failures.map(([, labels]) => samples.get(`files_errors_total{${labels}}`))
    expect(counts).toEqual(Array(failures.length).fill(1))
  })
  const [download, ...lines] = toLines()
  expect(download).toMatchObject({ status: 200, lookups: 1, codes: [] })
  expect(lines.map(({ lookups, calls, codes }) => [lookups, calls, codes])).toEqual(
    failures.map(([, labels]) => [0, 0, [/code="(.*)"/.exec(labels)?.[1]]]),
  )
})

it('counts a fault of ours wherever it is met, also where no operation was run', async () => {
  const metrics = createMetrics({ priceMicroUsd: 4000, version: '0' })
  const degradations = () => {
    throw new Error('a fault')
  }
  const { url } = await startServer(() => Promise.reject(), {}, { more: { metrics, degradations } })
  expect((await fetch(`${url}/readyz`)).status).toBe(500)
  await eventually(async () => {
    const samples = readSamples(await metrics.render())
    expect(samples.get('files_errors_total{route="/readyz",code="INTERNAL_SERVER_ERROR"}')).toBe(1)
  })
})

it('counts writes by what they were and how they ended, and tells how many tasks are followed', async () => {
  const { query, send, read, origin } = await startUsed({ SPEND_LIMIT_USD_PER_DAY: '1' })
  const path = '/files?purpose=t2a_async_input&filename='
  await send(`${path}a.txt`, { method: 'PUT', body: 'twelve bytes' })
  await query(`mutation { deleteFile(id: "${GONE}") { __typename } }`)
  const input = '{ model: "MiniMax-Hailuo-2.3", prompt: "stuck" }'
  const { data } = await query(`mutation { createVideo(input: ${input}) { ... on VideoTask { id } } }`)
  const leaving = new AbortController()
  await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: `subscription { videoTask(id: "${data.createVideo.id}") { status } }` }),
    signal: leaving.signal,
  })
  await send(`${path}fail-1002.txt`, { method: 'PUT', body: 'twelve bytes' })
  const samples = await read()
  const count = (what: string, code: string) =>
    samples.get(`files_changes_total{what="${what}",code="${code}"}`)
  expect([count('upload', 'OK'), count('upload', 'UPSTREAM_RATE_LIMITED')]).toEqual([1, 1])
  expect([count('delete', 'OK'), count('delete', 'FILE_NOT_FOUND')]).toEqual([0, 1])
  expect([count('create video', 'OK'), count('create speech', 'OK')]).toEqual([1, 0])
  expect(samples.get('files_uploaded_bytes_total')).toBe(12)
  expect(samples.get('files_tasks_followed')).toBe(1)
  leaving.abort()
  await expect.poll(async () => (await read()).get('files_tasks_followed')).toBe(0)
})

it('tells what is in flight, what of the day is left, and what the server does without', async () => {
  const { query, sandbox, read } = await startUsed()
  sandbox.fault({ name: 'latency', ms: 60_000 })
  const leaving = new AbortController()
  const answer = query('{ file(id: "437774745600005") { id } }', {}, { signal: leaving.signal })
  await expect.poll(() => sandbox.calls).toBe(3)
  const samples = await read()
  expect(samples.get('files_requests_in_flight{route="/graphql"}')).toBe(1)
  expect(samples.get('files_requests_in_flight{route="/metrics"}')).toBe(1)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  expect(samples.get('files_budget_limit_usd')).toBe(0.05)
  expect(samples.get('files_budget_spent_usd')).toBe(0.012)
  expect(samples.get('files_budget_left_usd')).toBe(0.038)
  expect([
    samples.get('files_degraded{part="budget"}'),
    samples.get('files_degraded{part="upstream"}'),
  ]).toEqual([0, 0])
  expect(samples.has('files_degraded{part="redis"}')).toBe(false)
  sandbox.clearFaults()
  await query('{ file(id: "1002") { id } }')
  expect((await read()).get('files_degraded{part="upstream"}')).toBe(1)
})

it('counts a client that did not wait as one that left, with what its operation came to', async () => {
  const { query, sandbox, read } = await startUsed()
  sandbox.fault({ name: 'silence' })
  const leaving = new AbortController()
  const answer = query('{ file(id: "437774745600005") { id } }', {}, { signal: leaving.signal })
  await expect.poll(() => sandbox.calls).toBe(3)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  const left = 'files_http_request_duration_seconds_count{route="/graphql",status="left"}'
  await eventually(async () => expect((await read()).get(left)).toBe(1))
})

it('says nothing of a budget where there is none', async () => {
  const { send } = await startApp()
  const samples = readSamples(await (await send('/metrics')).text())
  expect([...samples.keys()].filter((name) => name.startsWith('files_budget'))).toEqual([])
})

it('adds money in whole micro-dollars, and puts each value into every bucket that holds it', async () => {
  const metrics = createMetrics({ priceMicroUsd: 4000, version: '1.2.3' })
  for (let call = 0; call < 3; call++) metrics.countCall('OK', 100, 4000)
  metrics.countCall('UPSTREAM_TIMEOUT', 60_000, 4000)
  metrics.countLookup('joined')
  metrics.countShed('/graphql')
  const samples = readSamples(await metrics.render())
  expect(samples.get('files_spent_usd_total')).toBe(0.016)
  expect(samples.get('files_saved_usd_total')).toBe(0.004)
  const bucket = (le: string) => samples.get(`files_upstream_call_duration_seconds_bucket{le="${le}"}`)
  expect(['0.05', '0.1', '10', '+Inf'].map(bucket)).toEqual([0, 3, 3, 4])
  expect(samples.get('files_upstream_call_duration_seconds_sum')).toBeCloseTo(60.3)
  expect(samples.get('files_upstream_call_duration_seconds_count')).toBe(4)
  expect(samples.get('files_lookups_total{outcome="stale"}')).toBe(0)
  expect(samples.get('files_shed_total{route="/graphql"}')).toBe(1)
  expect(samples.get(`files_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1)
})

it.skipIf(lacks('promtool'))('keeps to the conventions of Prometheus, by its own linter', async () => {
  const { send } = await startUsed()
  const text = await (await send('/metrics')).text()
  const ours = text.split('\n').filter((line) => /^(# \w+ )?files_/.test(line))
  expect(ours.length).toBeGreaterThan(50)
  const input = `${ours.join('\n')}\n`
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
  expect([status, stdout + stderr]).toEqual([0, ''])
})

it('is listed whole in the documentation, with types, labels and meanings', async () => {
  const { send } = await startUsed()
  const text = await (await send('/metrics')).text()
  const names = [...text.matchAll(/^# HELP (files_\w+) (.*)\n# TYPE \S+ (\w+)\n(.*)/gm)]
  const rows = names.map(([, name, help, type, sample = '']) => {
    const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label]) => `\`${label}\``)
    const cells = [`\`${name}\``, type, labels.filter((each) => each !== '`le`').join(', '), help]
    return `|${cells.map((cell) => (cell ? ` ${cell} ` : ' ')).join('|')}|`
  })
  expect(rows.length).toBeGreaterThan(12)
  const page = readFileSync('docs/observability.md', 'utf8')
  expect(page.match(/^\| `files_.*$/gm)).toEqual(rows)
})

it.skipIf(lacks('promtool'))(
  'has alert rules that hold, each documented, of metrics that there are',
  async () => {
    const rules = readFileSync('deploy/alerts.yaml', 'utf8')
    const tool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' })
    expect(tool('check', 'rules', 'deploy/alerts.yaml')).toMatchObject({ status: 0 })
    expect(tool('test', 'rules', 'test/fixtures/alerts.yaml')).toMatchObject({ status: 0 })
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
    const page = readFileSync('docs/observability.md', 'utf8')
    expect([...page.matchAll(/^\| `(Files\w+)`/gm)].map(([, name]) => name)).toEqual(alerts)
    const cases = parse(readFileSync('test/fixtures/alerts.yaml', 'utf8')).tests
    const { exp_samples: fired } = cases.at(-1).promql_expr_test[0]
    expect(fired.map(({ labels }: { labels: string }) => /"(\w+)"/.exec(labels)?.[1])).toEqual(
      [...alerts].sort(),
    )
    const { send } = await startUsed()
    const text = await (await send('/metrics')).text()
    for (const [name] of rules.matchAll(/\b(files|nodejs)_\w+/g))
      expect(text, name).toContain(`# TYPE ${name.replace(/_bucket$/, '')} `)
  },
)
