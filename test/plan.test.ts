// The fast way: which operations take it, what it asks for, and when it leaves an operation to Apollo Server.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileError } from '../src/errors.js'
import type { File, FileAnswer } from '../src/file.js'
import { Acquaintance } from '../src/graphql/plan/acquaintance.js'
import { toMark, writers } from '../src/graphql/plan/json.js'
import { compilePlan } from '../src/graphql/plan/plan.js'
import { Store, toTextBytes } from '../src/graphql/plan/store.js'
import { toIsoText } from '../src/graphql/plan/time.js'
import { createSchema } from '../src/graphql/schema.js'
import { createGraphQL, type GraphQLOptions } from '../src/graphql/server.js'
import {
  CALL_MICRO_USD,
  createAsker,
  createFakeClock,
  createFile,
  noContentLinks,
  noCreations,
  noTasks,
  noTicketsToUpload,
  toFiles,
} from './helpers/source.js'

const ONE = 'query One($id: ID!) { file(id: $id) { id filename } }'
const LINK = "https://cdn.example/a%2Fb/it's.mp4?x=%7e&s=aB%2b=="

/** GraphQL over files that a test puts into memory, or lets fail, by their ids. */
async function start(options: Partial<GraphQLOptions> = {}) {
  const clock = createFakeClock()
  const memory = new Map<string, FileAnswer>()
  const failing = new Map<string, FileError>()
  const peeked: string[] = []
  const found: string[] = []
  const graphql = await createGraphQL(
    toFiles(
      async (id, { meter }) => {
        found.push(id)
        meter.sent(CALL_MICRO_USD)
        const failure = failing.get(id)
        if (failure) throw failure
        return { file: createFile(id, { downloadUrl: LINK }), freshUntilMs: clock.nowMs() + 60_000 }
      },
      {
        peek: (id) => {
          const answer = memory.get(id)
          if (answer && answer.freshUntilMs <= clock.nowMs()) return undefined
          if (answer) peeked.push(id)
          return answer
        },
      },
    ),
    {
      tasks: noTasks,
      creations: noCreations,
      maxLookups: 20,
      simulated: false,
      introspection: true,
      contentLinks: noContentLinks,
      uploading: noTicketsToUpload,
      audit() {},
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      parseJson: JSON.parse,
      nowMs: clock.nowMs,
      ...options,
    },
  )
  onTestFinished(() => graphql.stop())
  const keep = (id: string, fields: Partial<File> = {}, freshMs = 60_000) =>
    memory.set(id, { file: createFile(id, fields), freshUntilMs: clock.nowMs() + freshMs })
  const createCaller = () => ({
    requestId: 'r-1',
    asker: createAsker(),
    mayWrite: true,
    name: null,
    report() {},
  })

  /** As HTTP does it. */
  async function ask(body: object | string, accept?: string) {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const caller = createCaller()
    const quick = await graphql.run(text, accept, caller)
    if (quick) return { ...quick, ...(JSON.parse(quick.body) as Answer) }
    const headers = { 'content-type': 'application/json', ...(accept && { accept }) }
    const request = { method: 'POST', headers, search: '', body: JSON.parse(text), takeStream: () => false }
    const response = await graphql.execute(request, caller)
    const cacheControl = new Map(response.headers).get('cache-control')
    return { ...response, cacheControl, ...(JSON.parse(response.body) as Answer) }
  }

  /** Has the text accepted, so that it has a plan. */
  async function learn(query: string, variables: object = {}) {
    await ask({ query, variables })
    peeked.length = 0
    found.length = 0
  }

  const run = (body: object | string, accept?: string) =>
    graphql.run(typeof body === 'string' ? body : JSON.stringify(body), accept, createCaller())
  return { clock, memory, failing, peeked, found, keep, ask, learn, run, graphql }
}

type Answer = {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever its query asked for
  readonly data: any
  readonly errors?: readonly { readonly path: unknown; readonly extensions: { readonly code: string } }[]
  readonly extensions: Readonly<Record<string, unknown>>
}

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

describe('an operation', () => {
  it('is run by Apollo Server at first, then from its plan, then not at all', async () => {
    const { ask, keep } = await start()
    keep('1')
    const body = { query: ONE, variables: { id: '1' } }
    const answers = [await ask(body), await ask(body), await ask(body), await ask(body), await ask(body)]
    expect(answers.map(({ summary }) => summary.way)).toEqual([
      'apollo',
      ...['plan', 'plan'],
      ...['remembered', 'remembered'],
    ])
    expect(answers[1]?.data).toEqual({ file: { id: '1', filename: 'a.mp4' } })
    expect(answers[1]?.summary).toEqual({
      operation: 'One',
      type: 'query',
      lookups: 1,
      calls: 0,
      usd: 0,
      codes: [],
      way: 'plan',
    })
  })

  it('is answered at once where memory has all its files, and is waited for where it has not', async () => {
    const { run, learn, keep, found, peeked } = await start()
    keep('1')
    await learn(ONE, { id: '1' })
    expect(run({ query: ONE, variables: { id: '1' } })).toMatchObject({ status: 200 })
    expect([peeked, found]).toEqual([['1'], []])
    const later = run({ query: ONE, variables: { id: '2' } })
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toMatchObject({ summary: { calls: 1, usd: 0.004, lookups: 1 } })
    expect(found).toEqual(['2'])
  })

  it('that selects a link to bytes goes the whole way each time, and has a new link each time', async () => {
    let issued = 0
    const contentLinks = { toUrl: (id: string) => `https://a.example/${id}/${++issued}`, reuseMs: 30_000 }
    const { ask, keep } = await start({ contentLinks })
    keep('1')
    const body = { query: '{ file(id: 1) { id contentUrl } }' }
    const answers = [await ask(body), await ask(body), await ask(body)]
    expect(answers.map(({ summary }) => summary.way)).toEqual(['apollo', 'apollo', 'apollo'])
    expect(answers.map(({ data }) => data.file.contentUrl)).toEqual(
      ['1', '2', '3'].map((count) => `https://a.example/1/${count}`),
    )
    expect(answers.map(({ cacheControl }) => cacheControl)).toEqual(Array(3).fill('private, max-age=30'))
  })

  it('asks for each of its files once, however many and however often it names them', async () => {
    const { ask, learn, keep, found, peeked } = await start()
    const query = `query ($ids: [ID!]!) { a: fileResults(ids: $ids) { ...F } b: fileResult(id: 3) { ...F }
      c: _entities(representations: [{ __typename: "File", id: 3 }, { __typename: "File", id: "30" }]) { ...E } }
      fragment F on FileResult { ... on File { id } } fragment E on _Entity { ... on File { id } }`
    await learn(query, { ids: [] })
    const ids = times(15, (index) => String(index + 1))
    for (const id of ids.slice(5)) keep(id)
    const { data, extensions, summary } = await ask({ query, variables: { ids: [...ids, ...ids] } })
    expect(data.a.map(({ id }: File) => id)).toEqual([...ids, ...ids])
    expect([data.b, data.c]).toEqual([{ id: '3' }, [{ id: '3' }, { id: '30' }]])
    expect(found).toEqual(['1', '2', '3', '4', '5', '30'])
    expect(peeked).toEqual(ids.slice(5))
    expect(summary).toMatchObject({ way: 'plan', lookups: 16, calls: 6 })
    expect(extensions.cost).toEqual({ calls: 6, usd: 0.024 })
  })

  it.each([
    ['that is new', { query: '{ file(id: 1) { filename } }' }],
    ['that is not valid', { query: '{ nothing }' }],
    ['that asks for the schema', { query: '{ __schema { queryType { name } } }' }],
    ['that asks for the subgraph', { query: '{ _service { sdl } }' }],
    ['with a key that is not known', { query: ONE, variables: { id: '1' }, id: 1 }],
    ['without a text', { variables: { id: '1' } }],
    ['whose text is none', { query: 1, variables: { id: '1' } }],
    ['whose variables are none', { query: ONE, variables: '{"id":"1"}' }],
    ['whose variables are a list', { query: ONE, variables: [] }],
    ['whose extensions are none', { query: ONE, variables: { id: '1' }, extensions: 'x' }],
    ['with a name that is not its own', { query: ONE, variables: { id: '1' }, operationName: 'Two' }],
    ['with a name that is none', { query: ONE, variables: { id: '1' }, operationName: 1 }],
    ['without a variable that it needs', { query: ONE }],
    ['with a variable of another type', { query: ONE, variables: { id: true } }],
    ['with an id that is none', { query: ONE, variables: { id: '01' } }],
    ['that is no object', [{ query: ONE, variables: { id: '1' } }]],
    ['that is no JSON', '{'],
  ])('%s is left to Apollo Server before anything is looked up', async (_, body) => {
    const { run, learn, keep, peeked, found } = await start()
    keep('1')
    await learn(ONE, { id: '1' })
    await learn('{ __schema { queryType { name } } }')
    await learn('{ _service { sdl } }')
    expect(run(body)).toBeUndefined()
    expect([peeked, found]).toEqual([[], []])
  })

  it('is left to Apollo Server for a client that takes none of its media types', async () => {
    const { run, learn, keep } = await start()
    keep('1')
    await learn(ONE, { id: '1' })
    const body = { query: ONE, variables: { id: '1' } }
    expect(run(body, 'text/html')).toBeUndefined()
    expect(run(body, `text/html, ${'x'.repeat(200)}, */*`)).toBeUndefined()
    for (let round = 0; round < 3; round++) {
      expect(run(body, 'application/graphql-response+json')).toMatchObject({
        mediaType: 'application/graphql-response+json; charset=utf-8',
      })
      expect(run(body)).toMatchObject({ mediaType: 'application/json; charset=utf-8' })
    }
  })

  it.each([
    ['more files than it may', times(21, (index) => String(index + 1))],
    ['its list out of all proportion', times(201, () => '1')],
  ])('makes no look-up for %s', async (_, ids) => {
    const { ask, learn, keep, peeked, found } = await start()
    const query = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename ... on FileError { code } } }'
    await learn(query, { ids: [] })
    for (const id of ids) keep(id)
    const { body, summary } = await ask({ query, variables: { ids } })
    expect(body).toContain('TOO_MANY_LOOKUPS')
    expect([peeked, found, summary.lookups, summary.way]).toEqual([[], [], 0, 'apollo'])
  })

  it('makes no look-up for more fields of its lists than it may', async () => {
    const { ask, learn, keep, peeked } = await start()
    const fields = times(20, (index) => `f${index}: id`).join(' ')
    const query = `query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on File { ${fields} } } }`
    await learn(query, { ids: [] })
    keep('1')
    const [enough, tooMany] = [190, 191].map((length) => ({
      query,
      variables: { ids: times(length, () => '1') },
    }))
    expect((await ask(enough ?? {})).summary.way).toBe('plan')
    peeked.length = 0
    expect((await ask(tooMany ?? {})).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect(peeked).toEqual([])
  })

  it('weighs a list once, however often a fragment with it is named', async () => {
    const { run, learn, keep } = await start()
    const query = `query ($ids: [ID!]!) { ...Q ...Q }
      fragment Q on Query { fileResults(ids: $ids) { ... on File { id downloadUrl } } }`
    await learn(query, { ids: [] })
    keep('1', { downloadUrl: LINK })
    expect(run({ query, variables: { ids: times(142, () => '1') } })).toMatchObject({ status: 200 })
  })

  it('is given the fields together that it asks for in several places', async () => {
    const { ask, learn, keep } = await start()
    const query =
      '{ file(id: 1) { id } ... { file(id: 1) { filename ...F } } } fragment F on File { bytes id }'
    await learn(query)
    keep('1', { bytes: 5 })
    const { body, summary } = await ask({ query })
    expect(summary.way).toBe('plan')
    expect(body).toContain('{"data":{"file":{"id":"1","filename":"a.mp4","bytes":5}}')
  })

  it('asks for nothing of the purpose OTHER, though a file be of a purpose that has no other name', async () => {
    const { ask, learn, keep, peeked } = await start()
    const query =
      'query ($purpose: FilePurpose) { fileResult(id: 1, purpose: $purpose) { ... on FileError { code } } }'
    await learn(query)
    keep('1', { purposeName: 'new' })
    expect((await ask({ query, variables: { purpose: 'OTHER' } })).data.fileResult.code).toBe('INVALID_INPUT')
    expect(peeked).toEqual([])
    expect((await ask({ query, variables: { purpose: null } })).summary.way).toBe('plan')
  })

  it('takes null for a variable only where its type does, and no variable from elsewhere', async () => {
    const { ask, learn, keep, run } = await start()
    keep('1')
    const needed = 'query ($purpose: FilePurpose!) { file(id: 1, purpose: $purpose) { id } }'
    await learn(needed, { purpose: 'RETRIEVAL' })
    expect(run({ query: needed, variables: { purpose: null } })).toBeUndefined()
    const inherited = 'query ($toString: ID = 1) { file(id: $toString) { id } }'
    await learn(inherited)
    expect(await ask({ query: inherited, variables: {} })).toMatchObject({
      data: { file: { id: '1' } },
      summary: { way: 'plan' },
    })
  })

  it('is given the fields of the fragments that stand for a file, by its own type or one of which it is', async () => {
    const { ask, learn, keep } = await start()
    const query = `{ fileResult(id: 1) { ...Failure ...Result ... on VideoTaskResult { __typename } } }
      fragment Failure on FileError { code } fragment Result on FileResult { ... on File { id } }`
    await learn(query)
    keep('1')
    expect(await ask({ query })).toMatchObject({
      data: { fileResult: { id: '1' } },
      summary: { way: 'plan' },
    })
    expect((await ask({ query })).data.fileResult).toEqual({ id: '1' })
  })

  it('is told the name of its own type', async () => {
    const { ask, learn, keep } = await start()
    const query = '{ type: __typename file(id: 1) { __typename } }'
    await learn(query)
    keep('1')
    expect(await ask({ query })).toMatchObject({
      data: { type: 'Query', file: { __typename: 'File' } },
      summary: { way: 'plan' },
    })
  })

  it('takes the default of a variable that is needed, and goes without one that is not', async () => {
    const { run, learn, keep } = await start()
    const query = `query ($id: ID! = 1, $purpose: FilePurpose) {
      fileResult(id: $id, purpose: $purpose) { ... on File { id } } }`
    await learn(query)
    keep('1')
    expect(run({ query })).toMatchObject({ body: expect.stringContaining('{"fileResult":{"id":"1"}}') })
  })

  it('takes one value for a list of it, and no value that its type has not', async () => {
    const { run, learn, keep, peeked, found } = await start()
    const query = `query ($ids: [ID!]!, $purpose: FilePurpose) {
      fileResults(ids: $ids, purpose: $purpose) { ... on File { id } } }`
    await learn(query, { ids: [] })
    keep('1', { purposeName: 'retrieval' })
    expect(run({ query, variables: { ids: '1', purpose: 'NO_PURPOSE' } })).toBeUndefined()
    expect([peeked, found]).toEqual([[], []])
    expect(run({ query, variables: { ids: '1', purpose: 'RETRIEVAL' } })).toMatchObject({
      body: expect.stringContaining('{"fileResults":[{"id":"1"}]}'),
    })
  })

  it.each([
    ['{ file(id: 1, purpose: RETRIEVAL) { id } }', true],
    ['{ file { id } }', false],
    ['{ file(id: 1.5) { id } }', false],
    ['{ file(id: 1, purpose: NO_PURPOSE) { id } }', false],
    ['query ($id: File) { file(id: $id) { id } }', false],
  ])('%s is run from a plan, were it accepted: %s', (text, isPlanned) => {
    const choice = compilePlan(createSchema(), text)?.choose(undefined, undefined)
    expect(choice !== undefined).toBe(isPlanned)
  })

  it('is left to Apollo Server where a variable has a name that objects keep for themselves', async () => {
    const { learn, keep, run } = await start()
    keep('1')
    for (const [name, isLeft] of [
      ['proto', false],
      ['__proto__', true],
    ] as const) {
      const query = `query ($${name}: ID = 1) { file(id: $${name}) { id } }`
      await learn(query)
      expect(run({ query }) === undefined, name).toBe(isLeft)
    }
  })

  it('is tagged with each file of its root once, and with those of its entities by their place', async () => {
    const { ask, learn, keep } = await start()
    const query = `{ fileResults(ids: [1, 2, 1]) { __typename } file(id: 2) { id }
      _entities(representations: [{ __typename: "File", id: 3 }, { __typename: "File", id: 3 }]) { __typename } }`
    await learn(query)
    for (const id of ['1', '2', '3']) keep(id)
    expect((await ask({ query })).extensions).toEqual({
      cost: { calls: 0, usd: 0 },
      apolloCacheTags: ['file-1', 'file-2'],
      apolloEntityCacheTags: [['file-3'], ['file-3']],
    })
  })

  it('waits for its turn with a long list', async () => {
    const { run, learn, keep } = await start()
    const query = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on File { id downloadUrl } } }'
    await learn(query, { ids: [] })
    keep('1', { downloadUrl: LINK })
    const answers = [142, 143].map((length) => run({ query, variables: { ids: times(length, () => '1') } }))
    expect(answers.map((each) => each instanceof Promise)).toEqual([false, true])
    expect(await answers[1]).toMatchObject({ summary: { way: 'plan' } })
  })

  it('may be chosen by its name from a text with several', async () => {
    const { ask, learn, keep } = await start()
    const query = 'query A { file(id: 1) { id } } query B { other: file(id: 2) { id } }'
    keep('1')
    keep('2')
    await ask({ query, operationName: 'A' })
    const [a, b, none] = [
      await ask({ query, operationName: 'A' }),
      await ask({ query, operationName: 'B' }),
      await ask({ query }),
    ]
    expect([a?.data, b?.data]).toEqual([{ file: { id: '1' } }, { other: { id: '2' } }])
    expect([a, b, none].map((each) => each?.summary.way)).toEqual(['plan', 'plan', 'apollo'])
    await learn(ONE, { id: '1' })
  })

  it.each([3, 4])(
    'has a plan for each way in which its %i conditions may be decided, but not for many',
    async (count) => {
      const { ask, learn, keep } = await start()
      keep('1')
      const names = times(count, (index) => `$b${index}`)
      const fields = names.map(
        (name, index) => `f${index}: id @${index % 2 ? 'include' : 'skip'}(if: ${name})`,
      )
      const query = `query (${names.map((name) => `${name}: Boolean!`)}) { file(id: 1) { __typename ${fields.join(' ')} } }`
      const all = times(2 ** count, (bits) => times(count, (index) => (bits & (1 << index)) !== 0))
      await learn(query, Object.fromEntries(names.map((name) => [name.slice(1), true])))
      for (const values of all) {
        const variables = Object.fromEntries(values.map((value, index) => [`b${index}`, value]))
        const { data, summary } = await ask({ query, variables })
        const expected = values.flatMap((value, index) => (value === (index % 2 === 1) ? [`f${index}`] : []))
        expect(Object.keys(data.file)).toEqual(['__typename', ...expected])
        expect(summary.way).toBe(count === 3 ? 'plan' : 'apollo')
      }
    },
  )
})

describe('what was found out for an operation', () => {
  it('is not asked for again where one of its look-ups fails', async () => {
    const { ask, learn, keep, failing, found, peeked } = await start()
    const query =
      'query ($a: ID!, $b: ID!, $c: ID!) { a: file(id: $a) { id } b: file(id: $b) { id } c: file(id: $c) { id } }'
    await learn(query, { a: '1', b: '2', c: '3' })
    keep('1')
    failing.set('2', new FileError('UPSTREAM_TIMEOUT'))
    const { data, errors, extensions, summary } = await ask({ query, variables: { a: '1', b: '2', c: '3' } })
    expect(data).toEqual({ a: { id: '1' }, b: null, c: { id: '3' } })
    expect(errors).toMatchObject([{ path: ['b'], extensions: { code: 'UPSTREAM_TIMEOUT' } }])
    expect([peeked, found]).toEqual([['1'], ['2', '3']])
    expect(extensions.cost).toEqual({ calls: 2, usd: 0.008 })
    expect(summary).toMatchObject({ way: 'apollo', lookups: 3, calls: 2, codes: ['UPSTREAM_TIMEOUT'] })
  })

  it('is not asked for again where a file is of another purpose, or cannot be written', async () => {
    const { ask, learn, keep, found, peeked } = await start()
    const query = 'query ($id: ID!) { file(id: $id, purpose: RETRIEVAL) { id downloadUrl } }'
    await learn(query, { id: '1' })
    keep('1', { purposeName: 'video_generation' })
    keep('2', { purposeName: 'retrieval', downloadUrl: 'no link' })
    const [mismatch, unwritten] = [
      await ask({ query, variables: { id: '1' } }),
      await ask({ query, variables: { id: '2' } }),
    ]
    expect(mismatch?.errors?.[0]?.extensions.code).toBe('PURPOSE_MISMATCH')
    expect(unwritten?.errors).toMatchObject([{ path: ['file', 'downloadUrl'] }])
    expect([peeked, found]).toEqual([['1', '2'], []])
  })
})

describe('a remembered answer', () => {
  const body = { query: ONE, variables: { id: '1' } }

  async function startRemembering(fields: Partial<File> = {}) {
    const started = await start()
    started.keep('1', fields)
    for (let round = 0; round < 3; round++) await started.ask(body)
    expect((await started.ask(body)).summary.way).toBe('remembered')
    started.peeked.length = 0
    started.found.length = 0
    return started
  }

  it('counts as a look-up of each of its files', async () => {
    const { ask, peeked } = await startRemembering()
    expect((await ask(body)).summary).toMatchObject({
      way: 'remembered',
      lookups: 1,
      calls: 0,
      operation: 'One',
    })
    expect(peeked).toEqual(['1'])
  })

  it('gets older, and ends with the freshness of its files', async () => {
    const { ask, clock, found } = await startRemembering()
    clock.pass(20_500)
    expect(await ask(body)).toMatchObject({
      cacheControl: 'private, max-age=39',
      summary: { way: 'remembered' },
    })
    clock.pass(38_700) // less than a second is left
    const last = await ask(body)
    expect(last).toMatchObject({ cacheControl: 'no-store', summary: { way: 'plan', calls: 0 } })
    expect(last.extensions).toEqual({ cost: { calls: 0, usd: 0 } })
    clock.pass(1000)
    expect((await ask(body)).summary).toMatchObject({ way: 'plan', calls: 1 })
    expect(found).toEqual(['1'])
  })

  it('ends when memory has another answer of a file, though it be the same', async () => {
    const { ask, keep } = await startRemembering()
    keep('1', { filename: 'b.mp4' })
    expect(await ask(body)).toMatchObject({ data: { file: { filename: 'b.mp4' } }, summary: { way: 'plan' } })
  })

  it('ends when memory forgets a file', async () => {
    const { ask, memory, failing, found, peeked } = await startRemembering()
    memory.delete('1')
    failing.set('1', new FileError('FILE_NOT_FOUND'))
    expect((await ask(body)).data).toEqual({ file: null })
    expect([peeked, found]).toEqual([[], ['1']])
  })

  it('shows what it has been looked up for by then, where another of its files is gone', async () => {
    const { ask, learn, keep, memory, peeked, found } = await start()
    const query = '{ fileResults(ids: [1, 2]) { ... on File { id } } }'
    keep('1')
    keep('2')
    await learn(query)
    for (let round = 0; round < 3; round++) await ask({ query })
    peeked.length = 0
    memory.delete('2')
    expect((await ask({ query })).summary).toMatchObject({ way: 'plan', lookups: 2, calls: 1 })
    expect([peeked, found]).toEqual([['1'], ['2']])
  })

  it('is told in the media type that each client takes', async () => {
    const { ask } = await startRemembering()
    const { mediaType, summary } = (await ask(body, 'application/graphql-response+json')) as never
    expect(mediaType).toBe('application/graphql-response+json; charset=utf-8')
    expect(summary).toMatchObject({ way: 'remembered' })
  })
})

describe('a persisted query', () => {
  const toHash = (text: string) => createHash('sha256').update(text).digest('hex')
  const toExtensions = (query: string, version = 1) => ({
    persistedQuery: { version, sha256Hash: toHash(query) },
  })

  it('has a plan once Apollo Server has verified its hash', async () => {
    const { ask, keep, run } = await start()
    keep('1')
    const variables = { id: '1' }
    const extensions = toExtensions(ONE)
    await ask({ query: ONE, variables })
    expect(run({ variables, extensions })).toBeUndefined() // the text is known, but not by its hash
    expect((await ask({ query: ONE, variables, extensions })).summary.way).toBe('apollo')
    const { data, summary } = await ask({
      variables,
      extensions: { ...extensions, clientLibrary: { name: 'x' } },
    })
    expect([data, summary.way]).toEqual([{ file: { id: '1', filename: 'a.mp4' } }, 'plan'])
  })

  it('is left to Apollo Server when it comes with its text, or in another version', async () => {
    const { ask, keep, run } = await start()
    keep('1')
    const variables = { id: '1' }
    await ask({ query: ONE, variables, extensions: toExtensions(ONE) })
    expect(run({ query: ONE, variables, extensions: toExtensions(ONE) })).toBeUndefined()
    expect(run({ variables, extensions: toExtensions(ONE, 2) })).toBeUndefined()
    expect(run({ variables, extensions: { persistedQuery: { version: 1, sha256Hash: 1 } } })).toBeUndefined()
    expect(run({ query: ONE, variables, extensions: { persistedQuery: null } })).toBeDefined()
  })
})

describe('the text of a file', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'é', '\u2028', '"', '\\'),
  )

  it('is what JSON.stringify makes of it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const file = createFile('1', { filename: text, purposeName: text })
        for (const name of ['filename', 'purposeName'] as const)
          expect(writers[name]?.(file, toMark(file))).toBe(JSON.stringify(text))
      }),
    )
  })

  it('has links as they are, and none that is no link', () => {
    for (const link of [LINK, `${LINK}"`, 'https://é.example/\\', 'no link', '', null]) {
      const file = createFile('1', { downloadUrl: link, backupDownloadUrl: link })
      const expected = link === null || URL.canParse(link) ? JSON.stringify(link) : undefined
      for (const name of ['downloadUrl', 'backupDownloadUrl'] as const)
        expect(writers[name]?.(file, toMark(file)), String(link)).toBe(expected)
    }
  })

  it('has times as Date writes them', () => {
    const edges = [
      0, 1, 999, 59_999, 86_399_999, 86_400_000, 253_402_300_799_999, 253_402_300_800_000, -1, 0.5,
    ]
    const points = fc.oneof(fc.integer({ min: -1e13, max: 3e14 }), fc.constantFrom(...edges), fc.nat(4e12))
    fc.assert(
      fc.property(points, (point) => {
        expect(toIsoText(point)).toBe(new Date(point).toISOString())
      }),
    )
    expect([Number.NaN, 8.65e15, Number.POSITIVE_INFINITY].map(toIsoText)).toEqual(Array(3).fill(undefined))
    // Far more days than it keeps.
    for (let day = 0; day < 10_000; day++) expect(toIsoText(day * 86_400_000)).toMatch(/T00:00:00\.000Z$/)
  })
})

describe('what is kept under the texts of strangers', () => {
  it('is bounded in number and in bytes, and what is asked for stays', () => {
    const store = new Store<number>({ maxEntries: 10, maxBytes: 1000 })
    for (let count = 0; count < 100; count++) {
      store.set(`new ${count}`, count, 1)
      store.set('asked for', -1, 1)
    }
    const kept = times(100, (index) => store.get(`new ${index}`)).filter((each) => each !== undefined)
    expect(kept.length).toBeLessThanOrEqual(10)
    expect(kept).toContain(99)
    expect(store.get('asked for')).toBe(-1)
    for (let count = 0; count < 100; count++) store.set(`large ${count}`, count, 300)
    expect(store.get('large 97')).toBeUndefined()
    expect(
      times(100, (index) => store.get(`large ${index}`)).filter((each) => each !== undefined).length,
    ).toBeLessThanOrEqual(3)
    store.set('too large', 1, 501)
    expect(store.get('too large')).toBeUndefined()
  })

  it('holds the last value alone, and nothing after it is taken away', () => {
    const store = new Store<string>({ maxEntries: 4, maxBytes: 100 })
    store.set('a', 'first', 40)
    store.set('a', 'last', 40)
    store.set('b', 'other', 10)
    expect([store.get('a'), store.get('b')]).toEqual(['last', 'other'])
    for (let count = 0; count < 100; count++) store.set('a', `${count}`, 40)
    expect([store.get('a'), store.get('b')]).toEqual(['99', 'other'])
    store.delete('a')
    expect(store.get('a')).toBeUndefined()
  })

  it('is gone when it is taken away, however long ago it came', () => {
    const store = new Store<number>({ maxEntries: 4, maxBytes: 100 })
    store.set('early', 0, 1)
    for (let count = 1; count < 4; count++) store.set(`${count}`, count, 1)
    store.delete('early')
    expect(times(4, (index) => store.get(index === 0 ? 'early' : `${index}`))).toEqual([undefined, 1, 2, 3])
  })

  it('counts two bytes a character where one is not Latin', () => {
    expect([toTextBytes('café'), toTextBytes('文件'), toTextBytes('')]).toEqual([4, 4, 0])
  })

  it('knows a text that came before', () => {
    const acquaintance = new Acquaintance()
    const texts = times(1000, (index) => `{"id":"${index}"}`)
    expect(texts.filter((text) => acquaintance.hasMet(text)).length).toBeLessThan(5)
    expect(texts.filter((text) => acquaintance.hasMet(text)).length).toBeGreaterThan(950)
  })
})
