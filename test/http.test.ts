// The HTTP face: request ids, refusals in GraphQL's shape, health, masked faults.
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FileSource } from '../src/file.js'
import type { GraphQL } from '../src/graphql/server.js'
import { createIds } from '../src/http/id.js'
import { createServer } from '../src/http/server.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics.js'
import { startApp } from './helpers/app.js'
import { execute } from './helpers/graphql.js'
import { createKey, sign, startIssuer } from './helpers/issuer.js'

const VIDEO = '437030092800001'
const JSON_TYPE = { 'content-type': 'application/json' }

describe('x-request-id', () => {
  it.each(['abc-123._X', 'a'.repeat(64)])('[103] keeps the client’s %s', async (id) => {
    const { send, query } = await startApp()
    const headers = { 'x-request-id': id }
    expect((await send('/livez', { headers })).headers.get('x-request-id')).toBe(id)
    const { errors } = await query('{ file(id: "x") { id } }', undefined, { headers })
    expect(errors?.[0].extensions.requestId).toBe(id)
  })

  it.each(['', 'a b', 'a'.repeat(65), 'a'.repeat(7000), '<script>', 'é'])(
    '[103] replaces "%s"',
    async (id) => {
      const { send } = await startApp()
      const sent = (await send('/graphql', { headers: { 'x-request-id': id } })).headers.get('x-request-id')
      expect(sent).toMatch(/^[\w-]{16}-[0-9a-z]+$/)
    },
  )

  it('[103] is another for each request, and begins otherwise in each process', () => {
    const [ours, theirs] = [createIds(), createIds()]
    const ids = [ours({}), ours({}), ours({ 'x-request-id': 'a b' }), theirs({})]
    expect(new Set(ids).size).toBe(4)
    expect(new Set(ids.map((id) => id.slice(0, 16))).size).toBe(2)
    for (const id of ids) expect(ours({ 'x-request-id': id })).toBe(id)
  })
})

describe('a request that is no GraphQL operation', () => {
  it.each<[string, number, RequestInit & { path?: string }]>([
    ['a broken body', 400, { method: 'POST', headers: JSON_TYPE, body: '{"query": "{ __typename' }],
    ['an empty body', 400, { method: 'POST', headers: JSON_TYPE, body: '' }],
    ['a body that is a list', 400, { method: 'POST', headers: JSON_TYPE, body: '[]' }],
    ['a body without a query', 400, { method: 'POST', headers: JSON_TYPE, body: '{}' }],
    ['a batch', 400, { method: 'POST', headers: JSON_TYPE, body: '[{"query":"{__typename}"}]' }],
    ['plain text', 415, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' }],
    ['a form', 415, { method: 'POST', body: new URLSearchParams({ query: '{ __typename }' }) }],
    ['a large body', 413, { method: 'POST', headers: JSON_TYPE, body: `{"query":"${' '.repeat(102_400)}"}` }],
    ['PUT', 405, { method: 'PUT', headers: JSON_TYPE, body: '{}' }],
    ['DELETE', 405, { method: 'DELETE' }],
    ['a GET without the header that forces a preflight', 400, { path: '/graphql?query={__typename}' }],
    ['an unknown path', 404, { path: '/graphql/nowhere' }],
  ])(
    'answers %s with %i and an error that GraphQL clients can read',
    async (_, status, { path, ...init }) => {
      const { send, sandbox } = await startApp()
      const response = await send(path ?? '/graphql', init)
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store'])
      const body = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] }
      expect(body).toMatchObject({
        errors: [
          {
            message: expect.any(String),
            extensions: { code: 'BAD_REQUEST', requestId: response.headers.get('x-request-id') },
          },
        ],
        extensions: { cost: { calls: 0, usd: 0 } },
      })
      expect(sandbox.calls).toBe(0)
      if (status === 405) expect(response.headers.get('allow')).toBe('GET, POST')
    },
  )

  it('names what is wrong with a document, and what it cost', async () => {
    const { query } = await startApp()
    const parse = await query('{ file(')
    expect(parse.errors?.[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED')
    const validation = await query('{ nothing }')
    expect(validation.errors?.[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(validation.extensions.cost).toEqual({ calls: 0, usd: 0 })
    const coercion = await query('query ($id: ID!) { file(id: $id) { id } }', { id: { a: 1 } })
    expect(coercion.errors?.[0].extensions.code).toBe('BAD_USER_INPUT')
  })

  it('answers a GET that forces a preflight', async () => {
    const { send } = await startApp()
    const search = new URLSearchParams({ query: `{ file(id: "${VIDEO}") { id } }` })
    const response = await send(`/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } })
    expect(await response.json()).toMatchObject({ data: { file: { id: VIDEO } } })
    expect(response.headers.get('cache-control')).toMatch(/^private, max-age=(900|89\d)$/)
  })
})

describe('health', () => {
  it('[135] is told without a call upstream', async () => {
    const { send, sandbox } = await startApp()
    for (const path of ['/livez', '/readyz']) {
      const response = await send(path)
      expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    }
    expect(sandbox.requests).toEqual([])
  })

  it('[135] names what does not work while the server does without it, and is no less ready for it', async () => {
    const graphql = { toCost: () => 0 } as unknown as GraphQL
    const logger = createLog('silent')
    const metrics = createMetrics({ priceMicroUsd: 4000 })
    const degradations = () => ['redis']
    const server = await createServer({ graphql, parseJson: JSON.parse, metrics, logger, degradations })
    const port = await server.listen('127.0.0.1', 0)
    onTestFinished(() => server.close(0))
    const [alive, ready] = await Promise.all(
      ['livez', 'readyz'].map((path) => fetch(`http://127.0.0.1:${port}/${path}`)),
    )
    expect([alive?.status, await alive?.json()]).toEqual([200, { status: 'ok' }])
    expect([ready?.status, await ready?.json()]).toEqual([200, { status: 'ok', degraded: ['redis'] }])
  })
})

describe('what does not work', () => {
  const readDegraded = async ({ send }: Pick<Awaited<ReturnType<typeof startApp>>, 'send'>) => {
    const response = await send('/readyz')
    const { degraded } = (await response.json()) as { degraded?: string[] }
    return [response.status, degraded]
  }

  it('[135] is the upstream, while it refuses the key', async () => {
    const app = await startApp()
    await app.query('{ file(id: "2013") { id } }')
    expect(await readDegraded(app)).toEqual([200, undefined])
    await app.query('{ file(id: "1004") { id } }')
    expect(await readDegraded(app)).toEqual([200, ['upstream']])
  })

  it('[135] is not the sandbox, which fails on request', async () => {
    const app = await startApp({ COMETAPI_KEY: undefined, UPSTREAM_URL: undefined })
    await app.query('{ file(id: "1004") { id } }')
    expect(await readDegraded(app)).toEqual([200, undefined])
  })

  it('[135] is the issuer of JWTs, while it does not give its keys', async () => {
    const key = await createKey('k1')
    const issuer = await startIssuer(key)
    const app = await startApp(issuer.env)
    const headers = { authorization: `Bearer ${await sign(key)}` }
    expect(await readDegraded(app)).toEqual([200, undefined])
    issuer.answer = { status: 500, body: '' }
    expect((await app.query('{ __typename }', undefined, { headers })).status).toBe(503)
    expect(await readDegraded(app)).toEqual([200, ['jwks']])
  })
})

it('counts what the process itself takes', async () => {
  const { send } = await startApp()
  const text = await (await send('/metrics')).text()
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_seconds',
  ])
    expect(text).toMatch(new RegExp(`^${name} [\\d.]`, 'm'))
  expect(text.match(/^# TYPE .*$/gm)).toEqual([...new Set(text.match(/^# TYPE .*$/gm))])
})

describe('a fault of ours', () => {
  const secret = 'TypeError with https://cdn.example/a?Signature=abc in it'
  const throwing: readonly [string, FileSource][] = [
    ['an error', () => Promise.reject(new TypeError(secret))],
    ['a string', () => Promise.reject(secret)],
    ['null', () => Promise.reject(null)],
    [
      'at once',
      () => {
        throw new TypeError(secret)
      },
    ],
    ['a value that is no file', () => Promise.resolve(undefined as never)],
  ]

  const failure = {
    code: 'INTERNAL_SERVER_ERROR',
    retryable: true,
    retryAfterSeconds: null,
    requestId: 'r-1',
  }
  const message = 'Something went wrong on our side.'

  it.each(throwing)('[119] is masked, reported and has its code: %s', async (_, source) => {
    const { data, errors, faults, body } = await execute(source, {
      query: `{ file(id: 1) { id }
        fileResult(id: 2) { ... on FileError { code retryable retryAfterSeconds requestId } } }`,
    })
    expect(body).not.toMatch(/TypeError|Signature/)
    expect(data).toEqual({ file: null, fileResult: failure })
    expect(errors).toMatchObject([{ message, path: ['file'], extensions: failure }])
    expect(faults).toHaveLength(2)
  })

  it('is masked where it lies in one field of a file, whose other fields stay', async () => {
    const file = { id: '1', filename: 'a.mp4', downloadUrl: 'no URL, but a Signature=abc' } as never
    const source: FileSource = async () => ({ file, freshUntilMs: 0 })
    const { data, errors, faults, body } = await execute(source, {
      query: '{ file(id: 1) { filename downloadUrl } }',
    })
    expect(body).not.toMatch(/TypeError|Signature/)
    expect(data).toEqual({ file: { filename: 'a.mp4', downloadUrl: null } })
    expect(errors).toMatchObject([{ message, path: ['file', 'downloadUrl'], extensions: failure }])
    expect(faults).toHaveLength(1)
  })
})
