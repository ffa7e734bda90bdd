// What routers ask: `_entities` in bulk, each representation answered at its own index.
import { expect, it } from 'vitest'
import { FileError } from '../src/errors.js'
import type { Files } from '../src/file.js'
import { KEY, startApp } from './helpers/app.js'
import { execute } from './helpers/graphql.js'
import { startPeer, toAnswer } from './helpers/peer.js'

const VIDEO = '437030092800001'
const QUERY = 'query ($any: [_Any!]!) { _entities(representations: $any) { ... on File { id filename } } }'

const toAny = (ids: readonly unknown[]) => ids.map((id) => ({ __typename: 'File', id }))

/** `count` ids, each named as often as needed to make a list of this length. */
const toIds = (length: number, count: number) =>
  Array.from({ length }, (_, index) => String(7_000_000 + (index % count)))

it('makes 20 calls for 100 representations of 20 files, all sent before the first is answered', async () => {
  const held: (() => void)[] = []
  const peer = await startPeer((socket, { target }) => {
    const id = target.split('=').at(-1)
    const file = { file_id: id, filename: `${id}.mp4` }
    held.push(() => socket.write(toAnswer(JSON.stringify({ file, base_resp: { status_code: 0 } }))))
    // Were they asked for one after the other, the first would wait for ever.
    if (held.length === 20) for (const release of held) release()
  })
  const { query } = await startApp({ COMETAPI_KEY: KEY, UPSTREAM_URL: peer.url.href })
  const ids = toIds(100, 20)
  const { data, errors, extensions } = await query(QUERY, { any: toAny(ids) })
  expect(errors).toBeUndefined()
  expect(data._entities).toEqual(ids.map((id) => ({ id, filename: `${id}.mp4` })))
  expect(peer.requests).toHaveLength(20)
  expect(extensions.cost).toEqual({ calls: 20, usd: 0.08 })
})

it('answers every one of 101 files with TOO_MANY_LOOKUPS before any call, and 100 files among 1,000', async () => {
  const { query, sandbox } = await startApp()
  const tooMany = await query(QUERY, { any: toAny(toIds(101, 101)) })
  expect(tooMany.data._entities).toEqual(Array(101).fill(null))
  expect(tooMany.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual(
    Array.from({ length: 101 }, (_, index) => [['_entities', index], 'TOO_MANY_LOOKUPS']),
  )
  expect(sandbox.calls).toBe(0)
  await query(QUERY, { any: toAny(toIds(1000, 100)) })
  expect(sandbox.calls).toBe(100)
})

it('[111] answers good, missing, failing, malformed and foreign representations each at its index', async () => {
  const { query, sandbox } = await startApp()
  const any = [
    ...toAny([VIDEO, '335560631603474', '1004', 'abc', VIDEO, '1004', { a: 1 }, null, true, [VIDEO], 12.5]),
    { __typename: 'File' },
    { __typename: 'Video', id: VIDEO },
    { __typename: 'FileError', id: VIDEO },
    { __typename: 'Query', id: VIDEO },
    { __typename: '__proto__', id: VIDEO },
    { id: VIDEO },
    VIDEO,
    7,
    [],
    ...toAny([Number(VIDEO)]),
  ]
  const { data, errors, status } = await query(QUERY, { any })
  const codes = Object.fromEntries(errors?.map(({ path, extensions }) => [path[1], extensions.code]) ?? [])
  const video = { id: VIDEO, filename: 'output_aigc.mp4' }
  const outcomes = data._entities.map((entity: unknown, index: number) => entity ?? codes[index])
  const malformed = 'INVALID_FILE_ID'
  const foreign = 'BAD_USER_INPUT'
  expect(outcomes).toEqual([
    ...[video, 'FILE_NOT_FOUND', 'UPSTREAM_UNAUTHENTICATED', malformed, video, 'UPSTREAM_UNAUTHENTICATED'],
    ...[malformed, malformed, malformed, malformed, malformed, malformed],
    ...[foreign, foreign, foreign, foreign, foreign, foreign, foreign, foreign],
    video,
  ])
  expect(errors).toHaveLength(outcomes.filter((outcome: unknown) => typeof outcome === 'string').length)
  expect(status).toBe(200)
  expect(sandbox.calls).toBe(3)
})

it('[111] refuses a null among the representations, which the type of the argument excludes', async () => {
  const { query, sandbox } = await startApp()
  const { data, errors } = await query(QUERY, { any: [...toAny([VIDEO]), null] })
  expect(data).toBeUndefined()
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
  expect(sandbox.calls).toBe(0)
})

it('keeps a fault of ours to its own index, even one that is thrown at once', async () => {
  const source: Files['find'] = (id) => {
    if (id === '2') throw new TypeError('Signature=abc')
    if (id === '3') return Promise.reject(new FileError('UPSTREAM_TIMEOUT'))
    return Promise.resolve({ file: { id, filename: 'a.mp4' } as never, freshUntilMs: 0 })
  }
  const { data, errors, faults } = await execute(source, {
    query: QUERY,
    variables: { any: toAny(['1', '2', '3', '4']) },
  })
  expect(data._entities).toEqual([{ id: '1', filename: 'a.mp4' }, null, null, { id: '4', filename: 'a.mp4' }])
  expect(errors?.map(({ path, extensions }) => [path[1], extensions.code])).toEqual([
    [1, 'INTERNAL_SERVER_ERROR'],
    [2, 'UPSTREAM_TIMEOUT'],
  ])
  expect(faults).toHaveLength(1)
})

it('gives entities what other fields of the operation get, for the same one call', async () => {
  const { query, sandbox } = await startApp()
  const { data } = await query(
    `query ($any: [_Any!]!) {
      a: _entities(representations: $any) { __typename ... on File { id } }
      b: _entities(representations: $any) { ... on File { purpose } }
      file(id: "${VIDEO}") { id }
    }`,
    { any: toAny([VIDEO]) },
  )
  expect(data).toEqual({
    a: [{ __typename: 'File', id: VIDEO }],
    b: [{ purpose: 'VIDEO_GENERATION' }],
    file: { id: VIDEO },
  })
  expect(sandbox.calls).toBe(1)
})

it('tells failures in the order of the response, whichever comes first', async () => {
  const source: Files['find'] = async (id) => {
    for (let turns = 0; turns < 10 - Number(id); turns++)
      await new Promise((resolve) => setImmediate(resolve))
    if (id === '5')
      return { file: { id, filename: 'a.mp4', downloadUrl: 'no link' } as never, freshUntilMs: 0 }
    throw new FileError('FILE_NOT_FOUND')
  }
  const { errors } = await execute(source, {
    query: `query ($any: [_Any!]!) {
      z: _entities(representations: $any) { ... on File { id downloadUrl } }
      b: file(id: 3) { id } a: file(id: 9) { id } }`,
    variables: { any: toAny(['1', '5', '2', '4']) },
  })
  expect(errors?.map(({ path }) => path.join('.'))).toEqual([
    'z.0',
    'z.1.downloadUrl',
    'z.2',
    'z.3',
    'b',
    'a',
  ])
})
