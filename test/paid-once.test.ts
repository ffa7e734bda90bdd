// What a user pays for, counted at the upstream: one call for a file, however many ask, in whatever way.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startApp } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { arrivals } from './helpers/time.js'

const SLOW = { name: 'latency', ms: 50 } as const
const ONE = `{ file(id: "${VIDEO}") { id } }`
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

type App = Awaited<ReturnType<typeof startApp>>

async function readMetrics({ send }: App): Promise<Record<string, number>> {
  const text = await (await send('/metrics')).text()
  const lines = [...text.matchAll(/^(files_\w+(?:\{[^}]*\})?) (\S+)$/gm)]
  return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]))
}

it.each<[string, string, number]>([
  ['too many files', '__typename', 1001],
  ['too many fields', `... on File { ${times(20, (index) => `a${index}: downloadUrl`).join(' ')} }`, 1000],
])(
  'no call is made for an operation that asks for %s, whatever else it asks for',
  async (_, fields, count) => {
    const app = await startApp()
    const { errors, extensions } = await app.query(
      `query ($ids: [ID!]!) { one: fileResults(ids: ["${VIDEO}"]) { __typename } ${ONE.slice(1, -1)}
      many: fileResults(ids: $ids) { ${fields} } }`,
      { ids: times(count, () => VIDEO) },
    )
    expect([errors?.[0].path, extensions.cost.calls]).toEqual([['many'], 0])
    await delay(50)
    expect(app.sandbox.calls).toBe(0)
  },
)

const OTHER = 'fileResult(id: "1001001") { __typename }'
const toEntities = (list: string) => `_entities(representations: ${list}) { __typename }`

it.each<[string, string, string]>([
  ['an id', '$x: ID = "1001009"', 'fileResult(id: $x) { __typename }'],
  [
    'an id, after which others are named',
    '$x: ID = "1001009"',
    `fileResult(id: $x) { __typename } z: ${OTHER}`,
  ],
  ['an id in a fragment', '$x: ID = "1001009"', '... { ... on Query { fileResult(id: $x) { __typename } } }'],
  ['a list of ids', '$x: [ID!] = []', 'fileResults(ids: $x) { __typename }'],
  ['an id within a list', '$x: ID = "1001009"', 'fileResults(ids: ["1001002", $x]) { __typename }'],
  ['the representations', '$x: [_Any!] = []', toEntities('$x')],
  ['one representation', '$x: _Any = {}', toEntities(`[{ __typename: "File", id: "1001002" }, $x]`)],
  [
    'a condition',
    '$x: Boolean = true',
    'fileResult(id: "1001002") { ... on FileResult { __typename @include(if: $x) } }',
  ],
  ['a condition of what needs no look-up', '$x: Boolean = true', '_service { sdl @skip(if: $x) }'],
  ['a condition at the root', '$x: Boolean = true', '__typename @skip(if: $x)'],
])('no call is made where null for %s leaves nothing of the response', async (_, definition, fields) => {
  const app = await startApp()
  const text = `query (${definition}) { b: ${OTHER} file(id: "1001003") { id } ${fields} }`
  const { data, errors, extensions, status } = await app.query(text, { x: null })
  expect(status).toBe(200)
  expect(data).toBeNull()
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
  expect(extensions.cost.calls).toBe(0)
  await delay(50)
  expect(app.sandbox.calls).toBe(0)
  expect((await app.query(text)).data).toMatchObject({ b: { __typename: 'FileError' } })
  expect((await readMetrics(app))['files_lookups_total{outcome="upstream"}']).toBe(app.sandbox.calls)
})

it.each<[string, string]>([
  ['a field', 'fileResult(id: $x) @skip(if: $y) { __typename }'],
  ['a fragment', '... on Query @include(if: false) { fileResult(id: $x) { __typename } }'],
  ['a condition', '_service { sdl @skip(if: true) @include(if: $z) __typename }'],
])('does not mind a null in %s that is left out', async (_, fields) => {
  const app = await startApp()
  const text = `query ($x: ID = "1001009", $y: Boolean = true, $z: Boolean = true) {
    file(id: "${VIDEO}") { id } ${fields} a: __typename @include(if: $y) b: file(id: $x) @include(if: false) { id }
    c: __typename @include(if: false) @skip(if: $y) d: __typename @skip(if: true) @include(if: $z) }`
  const { data, errors } = await app.query(text, { x: null, z: null })
  expect(errors).toBeUndefined()
  expect(data.file).toEqual({ id: VIDEO })
})

it('takes only that field down that may be null, where null is given for its id', async () => {
  const app = await startApp()
  const text = `query ($x: ID = "1001009", $y: FilePurpose = RETRIEVAL) {
    file(id: $x) { id } b: file(id: "${VIDEO}", purpose: $y) { id } }`
  const { data, errors, extensions } = await app.query(text, { x: null, y: null })
  expect(data).toEqual({ file: null, b: { id: VIDEO } })
  expect(errors).toMatchObject([{ path: ['file'], extensions: { code: 'BAD_USER_INPUT' } }])
  expect([extensions.cost.calls, app.sandbox.calls]).toEqual([1, 1])
  expect(app.logs.join()).not.toContain('internal error, masked')
})

it('pays for the other look-ups of an operation only where their answers are in the response', async () => {
  const app = await startApp()
  const { data, extensions } = await app.query(`{
    a: fileResult(id: "1001001", purpose: OTHER) { ... on FileError { code } }
    b: fileResult(id: "${VIDEO}") { ... on File { id } }
    c: file(id: "1001003", purpose: OTHER) { id } }`)
  expect(data).toEqual({ a: { code: 'INVALID_INPUT' }, b: { id: VIDEO }, c: null })
  expect([extensions.cost.calls, app.sandbox.calls]).toEqual([1, 1])
})

describe('one call', () => {
  it('is made for 50 identical operations at the same time', async () => {
    const app = await startApp()
    app.sandbox.fault(SLOW)
    const answers = await Promise.all(times(50, () => app.query(ONE)))
    expect(answers.every(({ data }) => data.file.id === VIDEO)).toBe(true)
    expect(app.sandbox.calls).toBe(1)
    const costs = answers.map(({ extensions }) => extensions.cost.calls)
    expect(costs.sort()).toEqual([...times(49, () => 0), 1])
  })

  it('is made for 20 different operations on one file, its entity among them', async () => {
    const app = await startApp()
    app.sandbox.fault(SLOW)
    const entity = `{ _entities(representations: [{ __typename: "File", id: "${VIDEO}" }]) { ... on File { bytes } } }`
    const aliases = `{ ${times(20, (index) => `a${index}: file(id: "${VIDEO}") { id }`).join(' ')} }`
    const operations = times(18, (index) => `query Q${index} { fileResult(id: "${VIDEO}") { __typename } }`)
    const answers = await Promise.all([entity, aliases, ...operations].map((text) => app.query(text)))
    expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([])
    expect(app.sandbox.calls).toBe(1)
  })

  it('is made for 5 operations one after another', async () => {
    const app = await startApp()
    for (const expected of [1, 0, 0, 0, 0]) {
      const { extensions } = await app.query(ONE)
      expect(extensions.cost).toEqual({ calls: expected, usd: expected * 0.004 })
    }
    expect(app.sandbox.calls).toBe(1)
  })

  it('is made for 10 look-ups of a missing file at the same time and 3 later', async () => {
    const app = await startApp()
    app.sandbox.fault(SLOW)
    const missing = '{ file(id: "424242424242424") { id } }'
    const answers = await Promise.all(times(10, () => app.query(missing)))
    for (const _ of times(3, () => 0)) answers.push(await app.query(missing))
    expect(new Set(answers.map(({ errors }) => errors?.[0].extensions.code))).toEqual(
      new Set(['FILE_NOT_FOUND']),
    )
    const ids = answers.map(({ errors }) => errors?.[0].extensions.requestId)
    expect(new Set(ids).size, 'each asker is told its own request').toBe(13)
    expect(app.sandbox.calls).toBe(1)
  })
})

describe('20 look-ups that fail at the same time make the calls of one', () => {
  const fail = (code: number) => JSON.stringify({ base_resp: { status_code: code, status_msg: 'x' } })

  it.each([
    ['a refused key', fail(1004), 'UPSTREAM_UNAUTHENTICATED', 1],
    ['an unknown error', fail(1000), 'UPSTREAM_UNAVAILABLE', 2],
    ['silence', undefined, 'UPSTREAM_TIMEOUT', 2],
  ] as const)('%s', async (_, body, code, calls) => {
    const all = arrivals(20)
    const peer = await startPeer((socket) => {
      if (body) all.then(() => socket.write(toAnswer(body)))
    })
    const { query } = await startApp({ UPSTREAM_TIMEOUT_MS: '1500', UPSTREAM_URL: peer.url.href })
    const answers = await Promise.all(times(20, () => query(ONE)))
    expect(new Set(answers.map(({ errors }) => errors?.[0].extensions.code))).toEqual(new Set([code]))
    expect(peer.requests).toHaveLength(calls)
    const costs = answers.map(({ extensions }) => extensions.cost.calls)
    expect(costs.reduce((sum, each) => sum + each, 0)).toBe(calls)
  })
})

it('asks anew for a link that lives 20 seconds, and never gives one out again', async () => {
  const { query, sandbox } = await startApp()
  const links: string[] = []
  for (const _ of times(3, () => 0)) {
    const { data } = await query('{ file(id: "438784819200017") { downloadUrl downloadUrlExpiresAt } }')
    links.push(data.file.downloadUrl)
    expect((await fetch(data.file.downloadUrl)).status).toBe(200)
    expect(Date.parse(data.file.downloadUrlExpiresAt) - Date.now()).toBeLessThanOrEqual(20_000)
  }
  expect(sandbox.calls).toBe(3)
})

it('reuses that link where 5 seconds are enough', async () => {
  const { query, sandbox } = await startApp({ LINK_MIN_VALIDITY_SECONDS: '5' })
  const links = new Set<string>()
  for (const _ of times(3, () => 0)) {
    links.add((await query('{ file(id: "438784819200017") { downloadUrl } }')).data.file.downloadUrl)
  }
  expect([links.size, sandbox.calls]).toEqual([1, 1])
})

it('[61] makes one call for a thousand look-ups of one cold file', async () => {
  const { query, sandbox } = await startApp()
  sandbox.fault(SLOW)
  const list = `{ fileResults(ids: [${times(100, () => `"${VIDEO}"`).join()}]) { __typename } }`
  await Promise.all(times(10, () => query(list)))
  expect(sandbox.calls).toBe(1)
})

it('[70] shows one failure 20 times in a request, and in the next ones for a second', async () => {
  const { query, sandbox } = await startApp()
  sandbox.fault({ name: 'base', code: 20132, times: 1 })
  const text = `{ ${times(20, (index) => `a${index}: file(id: "${VIDEO}") { id }`).join(' ')} }`
  const { errors } = await query(text)
  expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(
    new Set(['UPSTREAM_INVALID_REQUEST']),
  )
  expect(errors).toHaveLength(20)
  expect((await query(text)).extensions.cost.calls).toBe(0)
  await expect.poll(async () => (await query(text)).errors, { timeout: 5000 }).toBeUndefined()
  expect(sandbox.calls).toBe(2)
})

it('[35] makes no call after a rate limit, says how long it lasts, and serves what it has', async () => {
  const app = await startApp({ CACHE_TTL_SECONDS: '1' })
  await app.query(ONE)
  app.sandbox.fault({ name: 'base', code: 1002, id: '5000001' })
  await app.query('{ file(id: 5000001) { id } }')
  expect(app.sandbox.calls).toBe(2)
  const { data, errors } = await app.query(
    `{ other: file(id: 5000002) { id } known: file(id: "${VIDEO}") { id } }`,
  )
  expect(errors?.[0].extensions).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterSeconds: 60 })
  expect(data).toEqual({ other: null, known: { id: VIDEO } })
  expect(app.sandbox.calls).toBe(2)
})

it('spares the requests that still wait when the key turns out to be refused', async () => {
  const refused = JSON.stringify({ base_resp: { status_code: 1004, status_msg: 'x' } })
  const peer = await startPeer((socket) => void setTimeout(() => socket.write(toAnswer(refused)), SLOW.ms))
  const { query } = await startApp({ UPSTREAM_URL: peer.url.href, SPEND_LIMIT_USD_PER_DAY: '1' })
  const ids = times(100, (index) => String(5_000_000 + index))
  const text = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on FileError { code } } }'
  const { data, extensions } = await query(text, { ids })
  expect(data.fileResults).toEqual(ids.map(() => ({ code: 'UPSTREAM_UNAUTHENTICATED' })))
  // As many as there are connections could not know, nor could the one that came next as the first answer was read.
  expect(peer.requests.length).toBeLessThanOrEqual(40)
  expect(extensions.cost.calls).toBe(peer.requests.length)
})

it('[21] spares an upstream that is down: 100 extra calls for 200 callers, then single probes', async () => {
  const { query, sandbox } = await startApp()
  sandbox.fault({ name: 'status', status: 503 })
  await Promise.all(times(200, (index) => query(`{ file(id: ${6_000_000 + index}) { id } }`)))
  expect(sandbox.calls).toBeLessThanOrEqual(300)
  const [before, startMs] = [sandbox.calls, performance.now()]
  await Promise.all(times(200, (index) => query(`{ file(id: ${7_000_000 + index}) { id } }`)))
  const seconds = (performance.now() - startMs) / 1000
  expect(sandbox.calls - before).toBeLessThanOrEqual(Math.ceil(seconds) + 1)
  sandbox.clearFaults()
  const healed = await expect
    .poll(async () => (await query(ONE)).data.file, { interval: 50 })
    .toEqual({ id: VIDEO })
    .then(() => Promise.all(times(20, (index) => query(`{ file(id: ${8_000_000 + index}) { id } }`))))
  expect(new Set(healed.map(({ errors }) => errors?.[0].extensions.code))).toEqual(
    new Set(['FILE_NOT_FOUND']),
  )
})

it('keeps a failure that was tried out in the embedded sandbox to its own id', async () => {
  const { query } = await startApp({ COMETAPI_KEY: undefined, UPSTREAM_URL: undefined })
  for (const [id, code] of [
    ['1002', 'UPSTREAM_RATE_LIMITED'],
    ['1004', 'UPSTREAM_UNAUTHENTICATED'],
  ]) {
    expect((await query(`{ file(id: ${id}) { id } }`)).errors?.[0].extensions.code).toBe(code)
  }
  expect((await query(ONE)).data).toEqual({ file: { id: VIDEO } })
})

it('counts what was looked up, sent, spent and saved', async () => {
  const app = await startApp()
  app.sandbox.fault({ name: 'latency', ms: 1000, times: 1 })
  await Promise.all([app.query(ONE), app.query(ONE)])
  await app.query(ONE)
  await app.query('{ file(id: 424242424242424) { id } }')
  expect(await readMetrics(app)).toMatchObject({
    'files_lookups_total{outcome="upstream"}': 2,
    'files_lookups_total{outcome="joined"}': 1,
    'files_lookups_total{outcome="memory"}': 1,
    'files_upstream_calls_total{code="OK"}': 1,
    'files_upstream_calls_total{code="FILE_NOT_FOUND"}': 1,
    files_upstream_call_duration_seconds_count: 2,
    files_spent_usd_total: 0.008,
    files_saved_usd_total: 0.008,
  })
})
