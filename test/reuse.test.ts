// What a response says of its reuse: `Cache-Control`, and the tags by which routers drop it.
import { describe, expect, it } from 'vitest'
import { createCache } from '../src/cache/cache.js'
import { createTombstones } from '../src/cache/tombstones.js'
import { FileError } from '../src/errors.js'
import type { File, Files } from '../src/file.js'
import { startApp } from './helpers/app.js'
import { execute } from './helpers/graphql.js'
import { createFakeClock, createFakeSource, createFile } from './helpers/source.js'
import { FILE, SUCCESS, TASK } from './helpers/tasks.js'

const NOW_MS = Date.UTC(2026, 8, 1)
const MINUTE_MS = 60_000

/** A source that gives each file the freshness that stands here, in milliseconds from now. */
function createSource(freshForMs: Readonly<Record<string, number>>): Files['find'] {
  return async (id) => {
    const freshMs = freshForMs[id]
    if (freshMs === undefined) throw new FileError('FILE_NOT_FOUND')
    return { file: { id, filename: 'a.mp4' } as File, freshUntilMs: NOW_MS + freshMs }
  }
}

const source = createSource({ '1': 300_000, '2': 90_999, '3': 0, '4': 999, '5': -1, '6': Number.NaN })

/** Answers at `NOW_MS`. */
async function ask(query: string, variables?: unknown, files = source) {
  const { headers, extensions } = await execute(files, { query, variables }, { nowMs: () => NOW_MS })
  const { cost, ...tags } = extensions
  return { cacheControl: headers.get('cache-control'), vary: headers.get('vary'), tags }
}

describe('cache-control', () => {
  it.each([
    ['the freshness of its file', '{ file(id: 1) { id } }', 300],
    ['whole seconds, rounded down', '{ file(id: 2) { id } }', 90],
    ['the shortest freshness', '{ file(id: 1) { id } fileResults(ids: [1, 2]) { __typename } }', 90],
    ['what files say, beside what costs nothing', '{ __typename file(id: 1) { id } }', 300],
    [
      'the freshness of its entities',
      '{ _entities(representations: [{ __typename: "File", id: 1 }]) { __typename } }',
      300,
    ],
  ])('gives a response %s', async (_, query, seconds) => {
    const { cacheControl, vary } = await ask(query)
    expect(cacheControl).toBe(`private, max-age=${seconds}`)
    expect(vary).toBe('accept, authorization')
  })

  it.each([
    ['a file that may not be reused', '{ file(id: 1) { id } other: file(id: 3) { id } }'],
    ['a file that is good for less than a second', '{ file(id: 4) { id } }'],
    ['a file whose time is over', '{ file(id: 5) { id } }'],
    ['a file whose time is no number', '{ file(id: 6) { id } }'],
    ['a look-up that failed', '{ a: file(id: 1) { id } b: file(id: 9) { id } }'],
    ['a look-up that failed as data', '{ file(id: 1) { id } fileResult(id: 9) { __typename } }'],
    ['one that failed in a list', '{ fileResults(ids: [1, 9]) { __typename } }'],
    ['a malformed id as data', '{ fileResults(ids: [1, "x"]) { __typename } }'],
    ['a purpose that does not fit', '{ fileResult(id: 1, purpose: RETRIEVAL) { __typename } }'],
    ['an entity that failed', '{ _entities(representations: [{ __typename: "File" }]) { __typename } }'],
    ['nothing but introspection', '{ __typename __schema { queryType { name } } _service { sdl } }'],
    ['a list of no ids', '{ fileResults(ids: []) { __typename } }'],
    ['a document that is not valid', '{ nothing }'],
    ['a document that is none', '{ file('],
  ])('forbids to store %s', async (_, query) => {
    expect(await ask(query)).toEqual({ cacheControl: 'no-store', vary: undefined, tags: {} })
  })

  it('forbids to store the answer to a mutation, though its file may be reused', async () => {
    const ended = {
      ...SUCCESS,
      kind: 'video',
      id: TASK,
      usageCharacters: null,
      nextReportAtMs: null,
    } as const
    const query = `mutation { createVideo(input: { model: "m", prompt: "p" }) { ... on VideoTask { file { id } } } }`
    const { headers, data } = await execute(
      async (id) => ({ file: createFile(id), freshUntilMs: NOW_MS + 300_000 }),
      { query },
      { nowMs: () => NOW_MS, creations: { create: async () => ended } },
    )
    expect(data).toEqual({ createVideo: { file: { id: FILE } } })
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('never lets a response outlive what keeps each link valid for LINK_MIN_VALIDITY_SECONDS', async () => {
    const linkMinValidityMs = 10 * MINUTE_MS
    const clock = createFakeClock()
    const startMs = clock.nowMs()
    // Links that die from nine minutes to an hour later, and one that does not show when.
    const endsMs = [9, 10, 10.01, 11, 13, 24, 60, null].map(
      (minutes) => minutes && startMs + minutes * MINUTE_MS,
    )
    const { source } = createFakeSource((id) => ({
      downloadUrl: 'https://cdn.example/a.mp4',
      downloadUrlExpiresAtMs: endsMs[Number(id) - 1] ?? null,
    }))
    const files = createCache(
      source,
      { clock, count() {}, tombstones: createTombstones(clock) },
      { ttlMs: 15 * MINUTE_MS, notFoundMs: 10_000, linkMinValidityMs, maxEntries: 100, timeoutMs: 10_000 },
    )
    const maxAges: number[] = []
    for (const ids of [[7], [6, 7], [5, 6], [4, 5, 6, 7], [3, 7], [8], [2], [1, 7]]) {
      for (let round = 0; round < 3; round++) {
        const query = `{ fileResults(ids: [${ids}]) { __typename } }`
        const { headers } = await execute(files.find, { query }, { nowMs: clock.nowMs })
        const maxAge = Number(/max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1] ?? 0)
        maxAges.push(maxAge)
        for (const id of ids) {
          const endMs = endsMs[id - 1] ?? Number.POSITIVE_INFINITY
          if (maxAge > 0)
            expect(endMs - (clock.nowMs() + maxAge * 1000)).toBeGreaterThanOrEqual(linkMinValidityMs)
        }
        clock.pass(777)
      }
    }
    expect(maxAges.slice(0, 4)).toEqual([900, 899, 898, 837])
    expect(maxAges.slice(-6)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('measures the time that is left when the answer leaves, not when it was asked', async () => {
    let nowMs = NOW_MS
    const slow: Files['find'] = async (id, call) => {
      const answer = await source(id, call)
      nowMs += 100_000
      return answer
    }
    const { headers } = await execute(slow, { query: '{ file(id: 1) { id } }' }, { nowMs: () => nowMs })
    expect(headers.get('cache-control')).toBe('private, max-age=200')
  })
})

describe('the tags of a response', () => {
  it('name the files of its root fields, each once', async () => {
    const { tags } = await ask(
      '{ a: file(id: 1) { id } fileResult(id: 2) { __typename } fileResults(ids: [2, 1]) { __typename } }',
    )
    expect(tags).toEqual({ apolloCacheTags: ['file-1', 'file-2'] })
  })

  it('name the file of each representation, in their order', async () => {
    const any = ['2', 1, '2'].map((id) => ({ __typename: 'File', id }))
    const query = 'query ($any: [_Any!]!) { _entities(representations: $any) { ... on File { id } } }'
    const { tags } = await ask(query, { any })
    expect(tags).toEqual({ apolloEntityCacheTags: [['file-2'], ['file-1'], ['file-2']] })
  })

  it('are left out where nobody could tell which list is whose', async () => {
    const entities = (id: number) =>
      `_entities(representations: [{ __typename: "File", id: ${id} }]) { __typename }`
    const { tags } = await ask(`{ a: ${entities(1)} b: ${entities(2)} file(id: 1) { id } }`)
    expect(tags).toEqual({ apolloCacheTags: ['file-1'] })
  })
})

it('tells a browser that a response differs by its headers, those of CORS included', async () => {
  const { query } = await startApp({ CORS_ORIGINS: 'https://a.example,https://b.example' })
  const { headers } = await query('{ file(id: "437030092800001") { id } }', undefined, {
    headers: { origin: 'https://a.example' },
  })
  expect(headers.get('cache-control')).toMatch(/^private, max-age=(900|89\d)$/)
  expect(headers.get('vary')?.toLowerCase().split(/, */)).toEqual(['origin', 'accept', 'authorization'])
})

it('reuses nothing where the configuration says so', async () => {
  const { query } = await startApp({ CACHE_TTL_SECONDS: '0' })
  const { headers, extensions } = await query('{ file(id: "437030092800001") { id } }')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(Object.keys(extensions)).toEqual(['cost'])
})
