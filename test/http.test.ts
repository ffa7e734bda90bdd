// The HTTP face: request ids, refusals in GraphQL's shape, health, masked faults.
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Files } from '../src/file.js'
import type { GraphQL } from '../src/graphql/server.js'
import { createIds } from '../src/http/id.js'
import { createServer } from '../src/http/server.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics/metrics.js'
import { startApp } from './helpers/app.js'
import { execute } from './helpers/graphql.js'
import { createKey, sign, startIssuer } from './helpers/issuer.js'
import { noContent, noTickets, noUploading } from './helpers/source.js'

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
    ['PATCH, whatever it brings', 405, { method: 'PATCH', body: 'x' }],
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

  it('says where files go and come from to whoever missed their path', async () => {
    const { send } = await startApp()
    const message = expect.stringMatching(/\/graphql, uploads go to \/files, .* \/files\/\{id\}\/content\.$/)
    for (const [path, method] of Object.entries({
      '/files/note.txt': 'PUT',
      '/files/437030092800001': 'GET',
    }))
      expect(await (await send(path, { method })).json(), path).toMatchObject({ errors: [{ message }] })
  })

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

  it.each<[string, Record<string, string>]>([
    ['with a charset', { 'content-type': 'application/json; charset=utf-8' }],
    ['with a quoted charset', { 'content-type': 'application/json; charset="UTF-8"' }],
    ['with a charset in single quotes', { 'content-type': "application/json;charset='utf-8'" }],
    ['with another spelling of the charset', { 'content-type': 'Application/JSON;charset=utf8' }],
    ['with an empty charset', { 'content-type': 'application/json; charset=' }],
    ['with a charset that is part of UTF-8', { 'content-type': 'application/json; charset=US-ASCII' }],
    ['with parameters that nobody knows', { 'content-type': 'application/json ; v=2; profile="a;b"' }],
    ['with a semicolon too many', { 'content-type': 'application/json;' }],
    ['coded in no way', { 'content-encoding': 'Identity' }],
    ['coded in no way twice', { 'content-encoding': 'identity, identity' }],
    ['with a charset for a coding', { 'content-encoding': 'UTF-8' }],
  ])('takes a body %s', async (_, headers) => {
    const { post } = await startApp()
    expect(await post('{"query":"{ __typename }"}', { headers })).toMatchObject({ status: 200, data: {} })
  })

  it.each<[string, Record<string, string>]>([
    ['in another charset', { 'content-type': 'application/json; charset=utf-16' }],
    ['compressed', { 'content-encoding': 'identity, gzip' }],
    ['with 7 KB of blanks in its type', { 'content-type': `application/json${' '.repeat(7000)};a` }],
  ])('refuses a body %s', async (_, headers) => {
    const { post } = await startApp()
    expect((await post('{"query":"{ __typename }"}', { headers })).status).toBe(415)
  })

  it.each([
    '\uFEFF{"query":"{ __typename }"}',
    '{"query":"\uFEFF{ __typename }"}',
    ' \r\n\t{"query":"{ __typename }"}\n',
    '{"query":"{ __typename }","variables":null,"extensions":null,"operationName":null}',
    '{"query":"{ __typename }","variables":{},"extensions":{},"operationName":""}',
    '{"query":"{ __typename }","variables":"","extensions":"","operationName":""}',
    '{"query":"{ __typename }","id":"7","stream":false,"documentId":1.0}',
  ])('takes the body %j', async (body) => {
    const { post } = await startApp()
    expect(await post(body)).toMatchObject({ status: 200, data: { __typename: 'Query' } })
  })

  it.each([
    'query={__typename}&operationName=&variables=&extensions=',
    'variables=&query={__typename}%23%26variables%3D',
    'query={__typename}&variables=null&extensions=null',
    'query={__typename}&variables=%EF%BB%BF{}&_=1',
  ])('takes the query string %s', async (search) => {
    const { send } = await startApp()
    const response = await send(`/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } })
    expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } })
  })

  it.each([
    ['application/json;v=2', 'application/json'],
    ['application/json; charset=utf8', 'application/json'],
    ['application/json;odata.metadata=minimal;q=0.5, text/html', 'application/json'],
    ['application/json; profile="a,b;q=0"', 'application/json'],
    ['application/json; profile="\\",application/json;q=0"', 'application/json'],
    ['APPLICATION/JSON ; Q=0.1', 'application/json'],
    ['application/json;q=nonsense', 'application/json'],
    ['application/*;v=1', 'application/json'],
    ['text/html, */*;level=1;q=0.1', 'application/json'],
    ['*/*;v=b3;q=0.7', 'application/json'],
    [' ', 'application/json'],
    [
      'application/graphql-response+json;v=1, application/json;v=1;q=0.9',
      'application/graphql-response+json',
    ],
    [
      'application/json;q=0.2;v=1, application/graphql-response+json; charset=utf8;q=0.3',
      'application/graphql-response+json',
    ],
    ['application/json;q=0, */*;v=1', 'application/graphql-response+json'],
    ['application/json;v=1;q=0, application/graphql-response+json;q=0.0, */*', undefined],
    ['text/html;v=1', undefined],
    ['application/json;q=0', undefined],
  ])('makes of Accept %j the type %s', async (accept, type) => {
    const { post } = await startApp()
    const { status, headers } = await post('{"query":"{ __typename }"}', { headers: { accept } })
    const [given] = headers.get('content-type')?.split(';') ?? []
    expect([status, type && given]).toEqual([type === undefined ? 406 : 200, type])
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
    const metrics = createMetrics({ priceMicroUsd: 4000, version: '0' })
    const degradations = () => ['redis']
    const server = await createServer({
      graphql,
      content: noContent,
      tickets: noTickets,
      uploading: noUploading,
      parseJson: (text) => JSON.parse(text),
      metrics,
      logger,
      degradations,
    })
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
  const throwing: readonly [string, Files['find']][] = [
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
    const source: Files['find'] = async () => ({ file, freshUntilMs: 0 })
    const { data, errors, faults, body } = await execute(source, {
      query: '{ file(id: 1) { filename downloadUrl } }',
    })
    expect(body).not.toMatch(/TypeError|Signature/)
    expect(data).toEqual({ file: { filename: 'a.mp4', downloadUrl: null } })
    expect(errors).toMatchObject([{ message, path: ['file', 'downloadUrl'], extensions: failure }])
    expect(faults).toHaveLength(1)
  })
})
