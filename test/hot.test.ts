// The GraphQL route over a GraphQL that may answer at once: what HTTP adds is the same, whichever way an answer came.
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FastResponse, GraphQL } from '../src/graphql/server.js'
import { type Access, createAccess } from '../src/http/access.js'
import { HTTP_LIMITS, type Limits } from '../src/http/limits.js'
import { createServer } from '../src/http/server.js'
import { createLog } from '../src/log.js'
import { createMetrics } from '../src/metrics/metrics.js'
import { parseExactJson } from '../src/wire/json.js'
import { eventually } from './helpers/faults.js'
import { noContent, noTickets, noUploading } from './helpers/source.js'

const SUMMARY = {
  operation: 'A',
  type: 'query',
  lookups: 1,
  calls: 0,
  usd: 0,
  codes: [],
  way: 'plan',
} as const

const ANSWER: FastResponse = {
  status: 200,
  mediaType: 'application/json; charset=utf-8',
  cacheControl: 'private, max-age=9',
  body: '{"data":{"file":{"filename":"é"}}}',
  summary: SUMMARY,
}

type Options = { readonly access?: Access; readonly limits?: Partial<Limits> }

/** A server that runs operations like this; without an answer of its own, the whole way gives the same. */
async function serve(run: GraphQL['run'], { access, limits }: Options = {}) {
  const executed: unknown[] = []
  const lines: string[] = []
  const graphql: GraphQL = {
    run,
    execute: async ({ body }) => {
      executed.push(body)
      const { mediaType, cacheControl, ...rest } = ANSWER
      const vary = ['vary', 'accept, authorization'] as const
      return { ...rest, headers: [['cache-control', cacheControl], ['content-type', mediaType], vary] }
    },
    toCost: () => ({ calls: 0, usd: 0 }),
    stop: async () => {},
  }
  const server = await createServer({
    graphql,
    content: noContent,
    tickets: noTickets,
    uploading: noUploading,
    parseJson: parseExactJson,
    metrics: createMetrics({ priceMicroUsd: 4000, version: '0' }),
    logger: createLog('info', { write: (line) => lines.push(line) }),
    degradations: () => [],
    limits: { ...HTTP_LIMITS, ...limits },
    access,
  })
  const url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}/graphql`
  onTestFinished(() => server.close(0))
  const ask = (body = '{"query":"{a}"}', headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  return { url, ask, executed, lines }
}

const ways: readonly [string, GraphQL['run']][] = [
  ['at once', () => ANSWER],
  ['later', async () => ANSWER],
  ['the whole way', () => undefined],
  ['the whole way, as it turns out later', async () => undefined],
]

describe('an answer', () => {
  it.each(ways)('has the same status, headers, bytes and log line %s', async (_, run) => {
    const { ask, lines } = await serve(run)
    const response = await ask(undefined, { 'x-request-id': 'r-1' })
    const { date, ...headers } = Object.fromEntries(response.headers)
    expect(date).toMatch(/ GMT$/)
    expect([response.status, headers]).toEqual([
      200,
      {
        'cache-control': 'private, max-age=9',
        connection: 'keep-alive',
        'content-length': '35',
        'content-security-policy': "default-src 'none';frame-ancestors 'none'",
        'content-type': 'application/json; charset=utf-8',
        'cross-origin-resource-policy': 'same-origin',
        'keep-alive': 'timeout=65, max=1000',
        'referrer-policy': 'no-referrer',
        vary: 'accept, authorization',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-request-id': 'r-1',
      },
    ])
    expect(await response.text()).toBe(ANSWER.body)
    await eventually(() => expect(lines).toHaveLength(1))
    const request = { requestId: 'r-1', method: 'POST', route: '/graphql', status: 200, msg: 'answered' }
    expect(JSON.parse(String(lines[0]))).toMatchObject({ ...request, ...SUMMARY })
  })

  it('that may not be kept does not differ by anything', async () => {
    const { ask } = await serve(() => ({ ...ANSWER, cacheControl: 'no-store' }))
    const { headers } = await ask()
    expect([headers.get('cache-control'), headers.get('vary')]).toEqual(['no-store', null])
  })
})

describe('the fast way', () => {
  it('is shown the body as it came, what is accepted, and who asks', async () => {
    const seen: unknown[] = []
    const { ask, executed } = await serve((text, accept, { requestId, asker }) => {
      seen.push([text, accept, requestId, asker.hasLeft])
      return ANSWER
    })
    await ask('{"query" : 9007199254740993}', { accept: 'a/b', 'x-request-id': 'r-1' })
    expect(seen).toEqual([['{"query" : 9007199254740993}', 'a/b', 'r-1', false]])
    expect(executed).toEqual([])
  })

  it('leaves the body to be read exactly', async () => {
    const { ask, executed } = await serve(() => undefined)
    await ask('{"query" : 9007199254740993}')
    expect(executed).toEqual([{ query: '9007199254740993' }])
  })

  it('is not for a stranger', async () => {
    let runs = 0
    const access = await createAccess({ tokens: [{ reveal: () => 'good' }], readTokens: [] }, {} as never)
    const { ask } = await serve(() => (runs++ === 0 ? ANSWER : undefined), { access })
    expect((await ask(undefined, { authorization: 'Bearer bad' })).status).toBe(401)
    expect(runs).toBe(0)
    expect((await ask(undefined, { authorization: 'Bearer good' })).status).toBe(200)
    expect(runs).toBe(1)
  })

  it('is not for what no body of JSON comes with', async () => {
    let runs = 0
    const { url, executed } = await serve(() => (runs++ === 0 ? ANSWER : undefined))
    await fetch(`${url}?query={a}`)
    expect((await fetch(url, { method: 'POST', body: 'text' })).status).toBe(415)
    expect([runs, executed]).toEqual([0, [undefined]])
  })

  it.each<[string, GraphQL['run']]>([
    [
      'at once',
      () => {
        throw new Error('ours')
      },
    ],
    [
      'later',
      async () => {
        throw new Error('ours')
      },
    ],
  ])('is masked where it fails %s, and keeps no place', async (_, run) => {
    const { ask, lines } = await serve(run, { limits: { operations: 1 } })
    for (let i = 0; i < 3; i++) {
      const response = await ask()
      expect(response.status).toBe(500)
      expect(await response.text()).not.toContain('ours')
    }
    await eventually(() => expect(lines).toHaveLength(6))
    const faults = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error')
    expect(faults.map(({ err, requestId }) => [err.message, typeof requestId])).toEqual(
      Array(3).fill(['ours', 'string']),
    )
  })

  it('takes a place for as long as it takes time', async () => {
    const waiting: ((answer: FastResponse) => void)[] = []
    const run = () => new Promise<FastResponse>((resolve) => waiting.push(resolve))
    const { ask } = await serve(run, { limits: { operations: 1 } })
    const first = ask()
    await expect.poll(() => waiting.length).toBe(1)
    expect((await ask()).status).toBe(503)
    waiting[0]?.(ANSWER)
    expect((await first).status).toBe(200)
    const second = ask()
    await expect.poll(() => waiting.length).toBe(2)
    waiting[1]?.(ANSWER)
    expect((await second).status).toBe(200)
  })
})
