// The published audits of GraphQL over HTTP, each by its id, and what graphql-cop looks for.
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, createApp } from '../src/app.js'
import { readConfig } from '../src/config/config.js'
import { createLog } from '../src/log.js'
import { startApp } from './helpers/app.js'

/** CSRF prevention stays on, so each audit comes with the header that forces a preflight. */
async function fetchAsClient(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, headers: { ...init.headers, 'apollo-require-preflight': 'true' } })
}

describe('[120] GraphQL over HTTP', () => {
  let app: App
  beforeAll(async () => {
    app = await createApp(readConfig({ PORT: '0' }), createLog('silent'))
  })
  afterAll(() => app.stop(0))

  const audits = serverAudits({ url: () => app.url, fetchFn: fetchAsClient })

  it('has 61 audits', () => {
    expect(new Set(audits.map(({ id }) => id)).size).toBe(61)
  })

  it.each(audits)('$id $name', async ({ fn }) => {
    expect(await fn()).toMatchObject({ status: 'ok' })
  })
})

/** What a check of graphql-cop sends, and what in the answer it takes for a fault. */
type Check = {
  readonly fault: RegExp
  readonly query?: string
  readonly path?: string
  readonly init?: RequestInit
}

const circle = '{ fields { type { fields { type { fields { type { fields { type { name } } } } } } } }'

const checks: Readonly<Record<string, Check>> = {
  'alias overloading': { query: toQuery(101, (i) => `a${i}:__typename`), fault: /"data":\{/ },
  'array batching': {
    init: toPost(JSON.stringify(Array(10).fill({ query: '{__typename}' }))),
    fault: /"data":/,
  },
  'directive overloading': { query: `{__typename ${'@aa'.repeat(10)}}`, fault: /("message":.*){5}/ },
  'circular fragments': {
    query: '{...A} fragment A on Query{...B} fragment B on Query{...A}',
    fault: /"data":\{/,
  },
  'circular introspection': { query: `{ __schema { types ${circle} } }`, fault: /"types"/ },
  introspection: { query: '{ __schema { types { name fields { name } } } }', fault: /"types"/ },
  'field suggestions': { query: '{ fil { directive } }', fault: /did you mean/i },
  'GET for queries': { path: '/graphql?query={__typename}', fault: /"__typename":/ },
  'GET for mutations': { path: '/graphql?query=mutation{__typename}', fault: /"data":\{/ },
  'GET for a deletion': {
    path: `/graphql?query=${encodeURIComponent('mutation{deleteFile(id:1){__typename}}')}`,
    init: { headers: { 'apollo-require-preflight': '1' } },
    fault: /"data":\{/,
  },
  'a deletion as a form': {
    init: {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'query=mutation{deleteFile(id:1){__typename}}',
    },
    fault: /"data":/,
  },
  'a file by its id, from another site': {
    path: '/files/437030092800001/content',
    init: { headers: { 'sec-fetch-site': 'cross-site' } },
    fault: /"calls":[1-9]|stack/,
  },
  'a ticket that somebody made up': { path: '/content/a.b', fault: /"calls":[1-9]|signature|stack/i },
  'POST without JSON': {
    path: '/graphql?query={__typename}',
    init: { method: 'POST' },
    fault: /"__typename":/,
  },
  tracing: { query: '{__typename}', fault: /tracing|stacktrace/i },
  'unhandled errors': { query: 'qwerty cop { abc }', fault: /exception|stacktrace| at /i },
  ...Object.fromEntries(
    ['/graphiql', '/playground', '/console', '/graphql'].map((path) => [
      `an explorer at ${path}`,
      { path, fault: /graphiql|playground/i },
    ]),
  ),
}

function toQuery(count: number, make: (index: number) => string): string {
  return `{${Array.from({ length: count }, (_, i) => make(i)).join(' ')}}`
}

function toPost(body: string): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body }
}

it.each(Object.entries(checks))(
  '[120] leaves nothing for graphql-cop to find in production: %s',
  async (_, check) => {
    const { path = '/graphql', query, init = query ? toPost(JSON.stringify({ query })) : {}, fault } = check
    const { send } = await startApp({ NODE_ENV: 'production' })
    const text = await (await send(path, init)).text()
    expect(text).toMatch(/^\{/)
    expect(text).not.toMatch(fault)
  },
)
