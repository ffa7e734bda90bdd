// Automatic persisted queries: a document is sent once, then named by its hash.
import { createHash } from 'node:crypto'
import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createDocumentStore, createTextStore } from '../src/graphql/documents.js'
import { startApp } from './helpers/app.js'

const BEYOND_DOUBLE = '9007199254740993'
const QUERY = 'query ($id: ID!) { file(id: $id) { id } }'

const toHash = (text: string) => createHash('sha256').update(text).digest('hex')
const toExtensions = (sha256Hash: unknown, version: unknown = 1) => ({
  persistedQuery: { version, sha256Hash },
})

async function start() {
  const app = await startApp()
  return {
    ...app,
    /** By POST; the variables go over the wire as they are given. */
    ask: (body: object, variables = `{"id":"${BEYOND_DOUBLE}"}`) =>
      app.post(`${JSON.stringify(body).slice(0, -1)},"variables":${variables}}`),
    /** By GET. */
    get: async (search: Readonly<Record<string, string>>, headers = { 'apollo-require-preflight': '1' }) => {
      const response = await app.send(`/graphql?${new URLSearchParams(search)}`, { headers })
      return {
        status: response.status,
        ...((await response.json()) as { data?: unknown; errors?: unknown[] }),
      }
    },
  }
}

describe('a persisted query', () => {
  it('is not known at first, then by its hash alone, by POST and by GET', async () => {
    const { ask, get, sandbox } = await start()
    const extensions = toExtensions(toHash(QUERY))
    const unknown = await ask({ extensions })
    expect([unknown.status, unknown.errors?.map((error) => error.extensions.code)]).toEqual([
      200,
      ['PERSISTED_QUERY_NOT_FOUND'],
    ])
    expect(unknown.headers.get('cache-control')).toBe('no-store')
    expect(unknown.extensions.cost).toEqual({ calls: 0, usd: 0 })
    expect(sandbox.calls).toBe(0)

    const found = { file: { id: BEYOND_DOUBLE } }
    expect((await ask({ extensions, query: QUERY })).data).toEqual(found)
    expect((await ask({ extensions })).data).toEqual(found)
    const search = { extensions: JSON.stringify(extensions), variables: `{"id":"${BEYOND_DOUBLE}"}` }
    expect((await get(search)).data).toEqual(found)
  })

  it('may be sent by GET the first time, as clients do that want to be cached', async () => {
    const { get } = await start()
    const search = { extensions: JSON.stringify(toExtensions(toHash(QUERY))), variables: '{"id":"1001001"}' }
    expect(await get(search)).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    })
    expect(await get({ ...search, query: QUERY })).toMatchObject({ data: { file: null } })
    expect(await get(search)).toMatchObject({ errors: [{ extensions: { code: 'FILE_NOT_FOUND' } }] })
  })

  it('is refused by GET without the header that forces a preflight', async () => {
    const { get, sandbox } = await start()
    const search = { extensions: JSON.stringify(toExtensions(toHash(QUERY))), query: QUERY }
    expect(await get(search, {} as never)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    })
    expect(sandbox.calls).toBe(0)
  })

  it('keeps ids exact that come as JSON numbers', async () => {
    const { ask, get } = await start()
    const extensions = toExtensions(toHash(QUERY))
    const variables = `{"id":${BEYOND_DOUBLE}}`
    const found = { file: { id: BEYOND_DOUBLE } }
    expect((await ask({ extensions, query: QUERY }, variables)).data).toEqual(found)
    expect((await ask({ extensions }, variables)).data).toEqual(found)
    expect((await get({ extensions: JSON.stringify(extensions), variables })).data).toEqual(found)
  })

  it.each(['1', '1.0', '1e0'])('may say its version as %s, by POST and by GET', async (version) => {
    const { post, get } = await start()
    const extensions = JSON.stringify(toExtensions(toHash('{ __typename }'))).replace(
      '"version":1',
      `"version":${version}`,
    )
    const { data } = await post(`{"query":"{ __typename }","extensions":${extensions}}`)
    expect(data).toEqual({ __typename: 'Query' })
    expect((await post(`{"extensions":${extensions}}`)).data).toEqual({ __typename: 'Query' })
    expect((await get({ extensions })).data).toEqual({ __typename: 'Query' })
  })

  it.each<[string, unknown]>([
    ['of another hash', toExtensions(toHash('{ __typename }'))],
    ['of no hash', toExtensions(undefined)],
    ['whose hash is no text', toExtensions({ a: 1 })],
    ['of a version that nobody knows', toExtensions(toHash(QUERY), 2)],
    ['that is not described', { persistedQuery: true }],
  ])('%s is the client’s fault, and nothing is remembered or looked up', async (_, extensions) => {
    const { ask, sandbox, logs } = await start()
    const { status, errors } = await ask({ extensions, query: QUERY })
    expect([status, errors?.map((error) => error.extensions.code)]).toEqual([400, ['BAD_REQUEST']])
    expect((await ask({ extensions: toExtensions(toHash(QUERY)) })).errors).toMatchObject([
      { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ])
    expect(sandbox.calls).toBe(0)
    expect(logs.filter((line) => ['error', 'fatal'].includes(JSON.parse(line).level))).toEqual([])
  })

  it.each(['{ nothing }', '{ file('])('that is not valid is not remembered: %s', async (query) => {
    const { ask } = await start()
    const extensions = toExtensions(toHash(query))
    expect((await ask({ extensions, query })).errors).toMatchObject([
      { extensions: { code: expect.stringMatching(/^GRAPHQL_(PARSE|VALIDATION)_FAILED$/) } },
    ])
    expect((await ask({ extensions })).errors).toMatchObject([
      { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ])
  })

  it('[118] is pushed out by a stranger’s, and works again when it is sent once more', async () => {
    const { ask } = await start()
    const extensions = toExtensions(toHash(QUERY))
    await ask({ extensions, query: QUERY })
    for (let index = 0; index < 60; index++) {
      const query = `{ __typename } #${String(index).padEnd(90_000)}`
      const { data } = await ask({ query, extensions: toExtensions(toHash(query)) })
      expect(data).toEqual({ __typename: 'Query' })
    }
    expect((await ask({ extensions })).errors).toMatchObject([
      { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } },
    ])
    expect((await ask({ extensions, query: QUERY })).data).toEqual({ file: { id: BEYOND_DOUBLE } })
  })
})

describe('the stores of documents', () => {
  it('[118] hold a thousand small texts and no more, the most recent ones', async () => {
    const store = createTextStore()
    for (let index = 0; index < 5000; index++) await store.set(`apq:${index}`, '{ __typename }')
    expect(store.keys()).toHaveLength(1000)
    expect(await store.get('apq:4999')).toBe('{ __typename }')
    expect(await store.get('apq:3999')).toBeUndefined()
  })

  it('[118] hold 4 MiB of texts, two bytes a character', async () => {
    const store = createTextStore()
    for (let index = 0; index < 200; index++) await store.set(`apq:${index}`, '文'.repeat(50_000))
    expect(store.keys()).toHaveLength(Math.floor((4 * 1024 * 1024) / 100_000))
  })

  it('count what a parsed document keeps alive: its text, comments included, and its tokens', async () => {
    const store = createDocumentStore()
    const keep = async (count: number, text: string) => {
      store.clear()
      for (let index = 0; index < count; index++) await store.set(String(index), parse(text))
      return store.keys().length
    }
    expect(await keep(1500, '{ __typename }')).toBe(1000)
    // 180 kB each, of which the tree alone is half a kilobyte.
    expect(await keep(300, `{ __typename } #${' '.repeat(90_000)}`)).toBeLessThanOrEqual(186)
    // Three quarters of a kilobyte of text each, and 200 kB in memory.
    expect(await keep(300, `{ ${'a '.repeat(375)}}`)).toBeLessThanOrEqual(175)
    expect(await keep(1, `{ ${'a '.repeat(50_000)}}`)).toBe(1)
    expect(await keep(1, `{ ${'a '.repeat(100_000)}}`)).toBe(0)
  })
})
