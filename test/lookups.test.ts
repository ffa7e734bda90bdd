// What one operation asks for, and what of it is sent upstream: calls, cost, exact ids, links as they were signed.
import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { KEY, startApp } from './helpers/app.js'
import { startPeer, toAnswer } from './helpers/peer.js'

const VIDEO = '437030092800001'
const BEYOND_DOUBLE = '9007199254740993'
const LARGEST = '9223372036854775807'

it('sends CometAPI exactly one request per look-up, with the model and the key', async () => {
  const { query, sandbox } = await startApp()
  await query(`{ file(id: "${VIDEO}") { id } }`)
  expect(sandbox.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
    `GET /v1/files/retrieve?model=minimax-files-retrieve&file_id=${VIDEO}`,
  ])
  expect(sandbox.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
})

it('sends MiniMax no model, and a group only where one is set', async () => {
  const minimax = { COMETAPI_KEY: undefined, MINIMAX_API_KEY: KEY }
  const plain = await startApp(minimax)
  await plain.query(`{ file(id: "${VIDEO}") { id } }`)
  expect(plain.sandbox.requests[0]?.target).toBe(`/v1/files/retrieve?file_id=${VIDEO}`)
  const legacy = await startApp({ ...minimax, MINIMAX_GROUP_ID: '1912345678901234567' })
  await legacy.query(`{ file(id: "${VIDEO}") { id } }`)
  expect(legacy.sandbox.requests[0]?.target).toBe(
    `/v1/files/retrieve?GroupId=1912345678901234567&file_id=${VIDEO}`,
  )
})

it('keeps the path prefix of a gateway, and forwards none of the client’s headers', async () => {
  const { createSandbox } = await import('../src/sandbox/sandbox.js')
  const gateway = await createSandbox()
  const { query } = await startApp({
    UPSTREAM_URL: `${gateway.url}/minimax/`,
    COMETAPI_MODEL: 'minimax_files_retrieve',
  })
  const headers = { authorization: 'Bearer of-the-client', 'router-authorization': 'x', cookie: 'a=b' }
  await query(`{ file(id: "${VIDEO}") { id } }`, undefined, { headers })
  await gateway.close()
  expect(gateway.requests[0]?.target).toBe(
    `/minimax/v1/files/retrieve?model=minimax_files_retrieve&file_id=${VIDEO}`,
  )
  expect(gateway.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${KEY}` })
  expect(Object.keys(gateway.requests[0]?.headers ?? {})).not.toContain('router-authorization')
  expect(Object.keys(gateway.requests[0]?.headers ?? {})).not.toContain('cookie')
})

it('makes one call for twenty aliases of one id, entities and lists included', async () => {
  const { query, sandbox } = await startApp()
  const aliases = Array.from({ length: 20 }, (_, index) => `a${index}: file(id: "${VIDEO}") { id }`)
  const { data, extensions } = await query(`{
    ${aliases.join('\n')}
    fileResult(id: "${VIDEO}") { __typename }
    fileResults(ids: ["${VIDEO}", "${VIDEO}"]) { __typename }
    _entities(representations: [{ __typename: "File", id: "${VIDEO}" }]) { ... on File { id } }
  }`)
  expect(data.a19.id).toBe(VIDEO)
  expect(sandbox.calls).toBe(1)
  expect(extensions.cost).toEqual({ calls: 1, usd: 0.004 })
})

it('makes twenty calls at the same time for twenty ids', async () => {
  const held: Socket[] = []
  const peer = await startPeer((socket) => {
    // Nobody is answered before all have asked.
    if (held.push(socket) < 20) return
    for (const each of held)
      each.write(toAnswer('{"base_resp":{"status_code":2013,"status_msg":"no such file"}}'))
  })
  const { query } = await startApp({ UPSTREAM_URL: peer.url.href, UPSTREAM_TIMEOUT_MS: '60000' })
  const ids = Array.from({ length: 20 }, (_, index) => String(5_000_000 + index))
  const { data } = await query('query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename } }', { ids })
  expect(data.fileResults).toHaveLength(20)
  expect(peer.requests).toHaveLength(20)
})

it('looks a file up even where only its id is selected', async () => {
  const { query, sandbox } = await startApp()
  const { data, errors } = await query('{ file(id: "123456") { id } }')
  expect(data.file).toBeNull()
  expect(errors?.[0].extensions.code).toBe('FILE_NOT_FOUND')
  expect(sandbox.calls).toBe(1)
})

it.each([BEYOND_DOUBLE, LARGEST])(
  'gives the id %s back exactly, sent as a number or as a string',
  async (id) => {
    const { query, sandbox } = await startApp()
    sandbox.fault({ name: 'field', field: 'file_id', raw: `"${id}"`, times: 1 })
    for (let round = 0; round < 2; round++) {
      const { data } = await query(
        `{ file(id: "${id}") { id } fileResult(id: "${id}") { ... on File { id } } }`,
      )
      expect(data).toEqual({ file: { id }, fileResult: { id } })
    }
  },
)

it.each(['9223372036854775808', '-1', '1e3', 'abc', '', '0', '007', ' 1'])(
  'refuses the id "%s" without a call',
  async (id) => {
    const { query, sandbox } = await startApp()
    const { data, errors, extensions } = await query(
      `query ($id: ID!, $any: [_Any!]!) {
        file(id: $id) { id }
        fileResult(id: $id) { ... on FileError { code } }
        fileResults(ids: [$id]) { ... on FileError { code } }
        _entities(representations: $any) { ... on File { id } }
      }`,
      { id, any: [{ __typename: 'File', id }, { __typename: 'File' }] },
    )
    const code = 'INVALID_FILE_ID'
    expect(data).toEqual({
      file: null,
      fileResult: { code },
      fileResults: [{ code }],
      _entities: [null, null],
    })
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual(
      expect.arrayContaining([
        [['file'], code],
        [['_entities', 0], code],
        [['_entities', 1], code],
      ]),
    )
    expect(extensions.cost).toEqual({ calls: 0, usd: 0 })
    expect(sandbox.calls).toBe(0)
  },
)

it('refuses an id of a megabyte before reading it to the end', async () => {
  const { query, sandbox } = await startApp()
  const { status, errors, extensions } = await query(`{ file(id: "${'9'.repeat(1_000_000)}") { id } }`)
  expect(status).toBe(413)
  expect(errors?.[0].extensions.code).toBe('BAD_REQUEST')
  expect(extensions.cost.calls).toBe(0)
  expect(sandbox.calls).toBe(0)
})

it('looks up a JSON number exactly that a double would round to another file', async () => {
  const { post, send, query, sandbox } = await startApp()
  const inVariable = await post(
    `{"query":"query ($id: ID!) { file(id: $id) { id } }","variables":{"id":${BEYOND_DOUBLE}}}`,
  )
  expect(inVariable.data.file.id).toBe(BEYOND_DOUBLE)
  const inRepresentation = await post(
    `{"query":"query ($r: [_Any!]!) { _entities(representations: $r) { ... on File { id } } }",` +
      `"variables":{"r":[{"__typename":"File","id":${BEYOND_DOUBLE}}]}}`,
  )
  expect(inRepresentation.data._entities).toEqual([{ id: BEYOND_DOUBLE }])
  const search = new URLSearchParams({
    query: 'query ($id: ID!) { file(id: $id) { id } }',
    variables: `{"id":${BEYOND_DOUBLE}}`,
  })
  const byGet = await send(`/graphql?${search}`, { headers: { 'apollo-require-preflight': '1' } })
  expect(await byGet.json()).toMatchObject({ data: { file: { id: BEYOND_DOUBLE } } })
  const inText = await query(
    `{ file(id: ${BEYOND_DOUBLE}) { id }
       _entities(representations: [{ __typename: "File", id: ${BEYOND_DOUBLE} }]) { ... on File { id } } }`,
  )
  expect(inText.data).toEqual({ file: { id: BEYOND_DOUBLE }, _entities: [{ id: BEYOND_DOUBLE }] })
  expect(new Set(sandbox.requests.map(({ target }) => target.split('=').at(-1)))).toEqual(
    new Set([BEYOND_DOUBLE]),
  )
})

it.each([
  '1.0',
  '1e3',
  '1.5',
  '9007199254740993.0',
  '9007199254740990.6',
  '9.007199254740993e15',
  '9223372036854775808',
])('refuses the JSON number %s, which is not exactly an id', async (number) => {
  const { post, query, sandbox } = await startApp()
  const byVariable = await post(
    `{"query":"query ($id: ID!) { fileResult(id: $id) { ... on FileError { code } } }","variables":{"id":${number}}}`,
  )
  expect(byVariable.data.fileResult.code).toBe('INVALID_FILE_ID')
  const { data } = await query(
    `{ _entities(representations: [{ __typename: "File", id: ${number} }]) { ... on File { id } } }`,
  )
  expect(data._entities).toEqual([null])
  expect(sandbox.calls).toBe(0)
})

it('keeps a signed link byte for byte', async () => {
  const { query, sandbox } = await startApp({ COMETAPI_KEY: undefined, MINIMAX_API_KEY: KEY })
  const link = "https://cdn.example/a%2Fb/it's.mp4?Expires=1763510682&x=%7e%27'+~&Sig=aB%2b/=="
  sandbox.fault({ name: 'field', field: 'download_url', raw: JSON.stringify(link) })
  const { data } = await query(`{ file(id: "${VIDEO}") { downloadUrl downloadUrlExpiresAt } }`)
  expect(data.file).toEqual({ downloadUrl: link, downloadUrlExpiresAt: '2025-11-19T00:04:42.000Z' })
})

it('shows every field of a file', async () => {
  const { query, sandbox } = await startApp()
  const fields = 'id filename bytes createdAt purpose purposeName backupDownloadUrl downloadUrlExpiresAt'
  const { data } = await query(
    `query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on File { ${fields} } } }`,
    { ids: sandbox.files.map(({ id }) => id) },
  )
  expect(data.fileResults.map((file: { id: string }) => file.id)).toEqual(sandbox.files.map(({ id }) => id))
  expect(new Set(data.fileResults.map((file: { purpose: string }) => file.purpose)).size).toBe(12)
  const video = data.fileResults.find((file: { id: string }) => file.id === VIDEO)
  expect(video).toMatchObject({ bytes: null, purpose: 'VIDEO_GENERATION', purposeName: 'video_generation' })
  const chinese = data.fileResults.find((file: { filename: string }) =>
    /[^\u0020-\u007e]/.test(file.filename),
  )
  expect(chinese.filename).toMatch(/\p{Script=Han}/u)
})

it('takes a purpose as an expectation', async () => {
  const { query } = await startApp()
  const { data } = await query(`{
    right: file(id: "${VIDEO}", purpose: VIDEO_GENERATION) { id }
    wrong: fileResult(id: "${VIDEO}", purpose: VOICE_CLONE) { ... on FileError { code retryable upstream { httpStatus } } }
  }`)
  expect(data.right.id).toBe(VIDEO)
  expect(data.wrong).toEqual({ code: 'PURPOSE_MISMATCH', retryable: false, upstream: null })
})

it('refuses every look-up of an operation that asks for too many files, and makes none', async () => {
  const { query, sandbox } = await startApp({ MAX_LOOKUPS_PER_OPERATION: '3' })
  const text =
    'query ($ids: [ID!]!) { fileResults(ids: $ids) { ... on File { id } ... on FileError { code } } }'
  const tooMany = await query(text, { ids: ['1001001', '1001002', '1001003', VIDEO] })
  expect(tooMany.data.fileResults).toEqual(Array(4).fill({ code: 'TOO_MANY_LOOKUPS' }))
  expect(sandbox.calls).toBe(0)
  // Neither repeated nor malformed ids count.
  const enough = await query(text, { ids: [VIDEO, VIDEO, VIDEO, VIDEO, 'x', 'y'] })
  expect(enough.data.fileResults.slice(0, 5)).toEqual([
    ...Array(4).fill({ id: VIDEO }),
    { code: 'INVALID_FILE_ID' },
  ])
  expect(sandbox.calls).toBe(1)
})

it('refuses lists of ids and of entities beyond ten times the limit as a whole', async () => {
  const { query, sandbox } = await startApp({ MAX_LOOKUPS_PER_OPERATION: '2' })
  const ids = Array(21).fill(VIDEO)
  const list = await query('query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename } }', { ids })
  expect(list.errors?.map(({ extensions }) => extensions.code)).toEqual(['TOO_MANY_LOOKUPS'])
  const any = ids.map((id) => ({ __typename: 'File', id }))
  const text = 'query ($any: [_Any!]!) { _entities(representations: $any) { __typename } }'
  const entities = await query(text, { any })
  expect(entities.errors?.map(({ extensions }) => extensions.code)).toEqual(['TOO_MANY_LOOKUPS'])
  expect(sandbox.calls).toBe(0)
  expect((await query(text, { any: any.slice(1) })).errors).toBeUndefined()
  expect(sandbox.calls).toBe(1)
})
