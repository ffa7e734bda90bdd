// Spans: what they tell an operator, how they hang together, and what never stands in them.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { expect, it, onTestFinished } from 'vitest'
import { createTracing } from '../src/trace.js'
import { KEY, startApp } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'
import { LISTENING, run } from './helpers/process.js'

/** Registers an SDK that keeps its spans here, until the test ends. */
function registerSdk(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter()
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register()
  onTestFinished(() => {
    for (const api of [trace, context, propagation]) api.disable()
  })
  return exporter
}

const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const traceparent = `00-${PARENT.traceId}-${PARENT.spanId}-01`

const QUERY = `query Shelf { file(id: "${VIDEO}") { downloadUrl } fileResult(id: "503") { ... on FileError { code } } }`

function toTree(spans: readonly ReadableSpan[], parentId: string): unknown[] {
  return spans
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parentId)
    .map((span) => [span.name, span.attributes['files.id'], ...toTree(spans, span.spanContext().spanId)])
}

it('traces an operation, its look-ups and their upstream calls, under the caller’s own span', async () => {
  const exporter = registerSdk()
  const { query, sandbox, logs } = await startApp()
  const { headers } = await query(QUERY, {}, { headers: { traceparent } })
  const spans = exporter.getFinishedSpans()
  expect(toTree(spans, PARENT.spanId)).toEqual([
    [
      'query',
      undefined,
      ['file look-up', VIDEO, ['GET', undefined]],
      // An HTTP 503 is worth two more attempts.
      ['file look-up', '503', ['GET', undefined], ['GET', undefined], ['GET', undefined]],
    ],
  ])
  expect(spans.map((span) => span.spanContext().traceId)).toEqual(spans.map(() => PARENT.traceId))

  const [operation] = spans.filter(({ kind }) => kind === SpanKind.SERVER)
  expect(operation?.attributes).toEqual({
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'Shelf',
    'files.request_id': headers.get('x-request-id'),
    'files.lookups': 2,
    'files.calls': 4,
    'files.usd': 0.016,
    'files.codes': ['UPSTREAM_UNAVAILABLE'],
    'error.type': 'UPSTREAM_UNAVAILABLE',
  })
  const calls = spans.filter(({ kind }) => kind === SpanKind.CLIENT)
  const { hostname, port } = new URL(sandbox.url)
  expect(calls.map(({ attributes }) => attributes)).toContainEqual({
    'http.request.method': 'GET',
    'server.address': hostname,
    'server.port': Number(port),
    'http.response.status_code': 503,
    'error.type': '503',
  })
  expect(spans.filter(({ status }) => status.code === SpanStatusCode.ERROR)).toHaveLength(5)
  await eventually(() => expect(logs.join('')).toContain('"msg":"answered"'))
  const lines = logs.map((line) => JSON.parse(line)).filter(({ requestId }) => requestId)
  expect(lines.map(({ msg, traceId }) => [msg, traceId])).toEqual([
    ['an upstream call failed', PARENT.traceId],
    ['answered', PARENT.traceId],
  ])
  const told = JSON.stringify(
    spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
  )
  expect(told).not.toMatch(/https?:|signature|bearer|downloadUrl/i)
  expect(told).not.toContain(KEY)
})

it('traces the upstream calls of listing and deleting', async () => {
  const exporter = registerSdk()
  const { query, sandbox } = await startApp()
  await query('{ files { totalCount } }', {}, { headers: { traceparent } })
  await query(`mutation { deleteFile(id: "${VIDEO}") { __typename } }`, {}, { headers: { traceparent } })
  const spans = exporter.getFinishedSpans()
  expect(toTree(spans, PARENT.spanId)).toEqual([
    ['query', undefined, ['GET', undefined]],
    ['mutation', undefined, ['POST', undefined]],
  ])
  expect(spans.find(({ name }) => name === 'POST')?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'server.port': Number(new URL(sandbox.url).port),
    'http.response.status_code': 200,
  })
})

it('traces the upstream calls of creating a task and asking for it', async () => {
  const exporter = registerSdk()
  const { query } = await startApp()
  const input = '{ model: "MiniMax-Hailuo-02", prompt: "secret words" }'
  const made = await query(
    `mutation { createVideo(input: ${input}) { ... on VideoTask { id } } }`,
    {},
    { headers: { traceparent } },
  )
  await query(
    `{ videoTaskResult(id: "${made.data.createVideo.id}") { __typename } }`,
    {},
    { headers: { traceparent } },
  )
  await query('{ speechTaskResult(id: "7") { __typename } }', {}, { headers: { traceparent } })
  const spans = exporter.getFinishedSpans()
  expect(toTree(spans, PARENT.spanId)).toEqual([
    ['mutation', undefined, ['POST', undefined]],
    ['query', undefined], // a new task is known
    ['query', undefined, ['GET', undefined]],
  ])
  expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('secret words')
})

it('traces the upstream calls of an upload and of a download with the account’s key', async () => {
  const exporter = registerSdk()
  const { send, sandbox } = await startApp()
  const path = '/files?purpose=retrieval&filename=secret.txt'
  const upload = await send(path, { method: 'PUT', body: 'hello' })
  const { file } = (await upload.json()) as { file: { id: string } }
  const refused = await send(path.replace('secret', 'http-503'), { method: 'PUT', body: 'hello' })
  expect(await (await send(`/files/${file.id}/content`)).text()).toBe('hello')
  expect([upload.status, refused.status]).toEqual([201, 502])
  const server = { 'server.address': '127.0.0.1', 'server.port': Number(new URL(sandbox.url).port) }
  const spans = exporter.getFinishedSpans()
  expect(spans.map(({ name, kind, attributes }) => [name, kind, attributes])).toEqual([
    ['POST', SpanKind.CLIENT, { 'http.request.method': 'POST', ...server, 'http.response.status_code': 200 }],
    [
      ...['POST', SpanKind.CLIENT],
      { 'http.request.method': 'POST', ...server, 'http.response.status_code': 503, 'error.type': '503' },
    ],
    ['GET', SpanKind.CLIENT, { 'http.request.method': 'GET', ...server, 'http.response.status_code': 200 }],
  ])
})

it('does not call a span failed for a missing file, or for what the client did wrong', async () => {
  const exporter = registerSdk()
  const { query } = await startApp()
  await query('{ file(id: "335560631603474") { id } }')
  await query('{ nothing }')
  const spans = exporter.getFinishedSpans()
  expect(spans.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['GET', undefined],
    ['file look-up', 'FILE_NOT_FOUND'],
    ['query', 'FILE_NOT_FOUND'],
    ['GraphQL Operation', 'GRAPHQL_VALIDATION_FAILED'],
  ])
  expect(spans.map(({ status }) => status.code)).toEqual(spans.map(() => SpanStatusCode.UNSET))
})

it('hangs under the span of an HTTP instrumentation, where there is one', async () => {
  const exporter = registerSdk()
  const execute = async () => ({ summary: { type: null, operation: null, codes: [] } }) as never
  const { graphql } = await createTracing()
  const traced = graphql({
    execute,
    run: () => undefined,
    toCost: () => ({ calls: 0, usd: 0 }),
    stop: async () => {},
  })
  await trace.getTracer('http').startActiveSpan('POST', async (span) => {
    await traced.execute({ headers: { traceparent } } as never, { requestId: 'a' } as never)
    span.end()
  })
  const [operation, http] = exporter.getFinishedSpans()
  expect(operation?.parentSpanContext?.spanId).toBe(http?.spanContext().spanId)
})

it('leaves everything as it is where no SDK is registered', async () => {
  const { graphql, files: trace, wire, transfers } = await createTracing()
  const [server, files, line] = [{}, () => {}, {}] as never[]
  expect(graphql(server as never)).toBe(server)
  expect(trace(files as never)).toBe(files)
  expect(wire(line as never, new URL('http://127.0.0.1'))).toBe(line)
  expect(transfers(line as never, new URL('http://127.0.0.1'))).toBe(line)
})

type Export = { resourceSpans: { resource: object; scopeSpans: { spans: { name: string }[] }[] }[] }

/** A collector that takes OTLP as JSON. */
async function startCollector() {
  const exports: Export[] = []
  const collect = async (request: IncomingMessage) => {
    if (request.method === 'POST' && request.url === '/v1/traces')
      exports.push(JSON.parse(await text(request)))
  }
  const server = createServer((request, response) => void collect(request).then(() => response.end('{}')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exports }
}

it('is turned on as the documentation says, and loses no span when the process stops', async () => {
  const { url, exports } = await startCollector()
  const nodeArgs = ['--import', './deploy/otel.mjs']
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: 'files' }
  const { child, waitFor, exited } = run({ PORT: '0', ...otel }, [], { nodeArgs })
  const [, endpoint = ''] = await waitFor(LISTENING)
  const headers = { 'content-type': 'application/json' }
  await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify({ query: QUERY }) })
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  const spans = exports.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans))
  expect(spans.flatMap(({ spans }) => spans.map(({ name }) => name)).sort()).toEqual(
    ['GET', 'GET', 'GET', 'GET', 'file look-up', 'file look-up', 'query'].sort(),
  )
  expect(JSON.stringify(exports[0]?.resourceSpans[0]?.resource)).toContain('"stringValue":"files"')
})
