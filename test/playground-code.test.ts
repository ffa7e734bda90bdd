// What the playground makes of an operation or of the schema: code to paste elsewhere, types, operations.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildSchema } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toAsking } from '../src/playground/asking.js'
import { toCurl, toFetch, toTypeScript } from '../src/playground/copy-as.js'
import { findMatches, isShown } from '../src/playground/docs-search.js'
import { toTypes } from '../src/playground/types.js'
import { startApp } from './helpers/app.js'

const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }

describe('the operation as code', () => {
  const operation = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for code
    query: "query OneFile($id: ID!) {\n  file(id: $id) { id filename } # it's `here` ${x} \\\n}",
    variables: '{ "id": "437030092800001" }',
  }

  it('asks the same by curl and by fetch', async () => {
    const { origin } = await startApp(SANDBOX)
    const target = { url: `${origin}/graphql`, needsToken: false }
    const { stdout } = await promisify(execFile)('sh', ['-c', toCurl(operation, target)])
    expect(JSON.parse(stdout).data.file.filename).toBe('output_aigc.mp4')
    const run = new Function(
      `return (async () => { ${toFetch(operation, target)}; return { data, errors } })()`,
    )
    expect(await run()).toMatchObject({ data: { file: { filename: 'output_aigc.mp4' } } })
  })

  it('follows a subscription', () => {
    const stream = { query: 'subscription S { videoTask(id: "1") { id } }', variables: '' }
    const target = { url: 'http://x/graphql', needsToken: false }
    expect(toCurl(stream, target)).toMatch(/^curl -N .*accept: text\/event-stream/s)
    expect(toFetch(stream, target)).toMatch(/accept: 'text\/event-stream'.*TextDecoderStream/s)
    expect(toTypeScript(stream, target)).toContain('client.iterate<Data>({ query, variables })')
  })

  it('names the place of a token where one is needed', () => {
    const target = { url: 'http://x/graphql', needsToken: true }
    expect(toCurl(operation, target)).toContain('-H "authorization: Bearer $FILES_TOKEN"')
    for (const code of [toFetch(operation, target), toTypeScript(operation, target)])
      expect(code).toContain("authorization: 'Bearer …'")
  })

  const schema = buildSchema(`
    type Query { file(id: ID!): File  results(ids: [ID!]!, kind: Kind = A): [Result!]!  _service: String }
    type File { id: ID!  filename: String  bytes: Int  kind: Kind!  tags: [String] }
    type Failure { code: String! }
    union Result = File | Failure
    enum Kind { A B }
    scalar link__Import
  `)

  it('has its types', () => {
    const query = `query Q($ids: [ID!]!, $kind: Kind) {
      results(ids: $ids, kind: $kind) { __typename ... on File { ...F } ... on Failure { why: code } }
      file(id: 1) { bytes }
    } fragment F on File { id tags kind }`
    expect(toTypes(schema, query)).toEqual({
      variables: "{ ids: string[]; kind?: 'A' | 'B' | null }",
      data:
        "{ results: ({ __typename: 'File'; id: string; tags: (string | null)[] | null; kind: 'A' | 'B' } | " +
        "{ __typename: 'Failure'; why: string })[]; file: { bytes: number | null } | null }",
    })
    expect(toTypes(schema, '{ nope')).toBeUndefined()
  })

  it('compiles', async () => {
    const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/.playground-', import.meta.url)))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const target = { url: 'http://x/graphql', needsToken: true }
    const types = toTypes(schema, operation.query)
    const stream = { ...operation, query: operation.query.replace('query', 'subscription') }
    writeFileSync(`${folder}/query.ts`, toTypeScript(operation, { ...target, types }))
    writeFileSync(`${folder}/untyped.ts`, toTypeScript(operation, target))
    writeFileSync(`${folder}/stream.ts`, toTypeScript(stream, { ...target, types }))
    writeFileSync(
      `${folder}/use.ts`,
      "import { oneFile } from './query.js'\nexport const read = async (): Promise<string | undefined> => (await oneFile({ id: '1' })).file?.id",
    )
    const tsc = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url))
    const args = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--target',
      'es2023',
      '--module',
      'nodenext',
    ]
    const run = promisify(execFile)(tsc, [
      ...args,
      ...['query', 'untyped', 'stream', 'use'].map((name) => `${folder}/${name}.ts`),
    ])
    await expect(run.catch(({ stdout }) => stdout)).resolves.toMatchObject({ stdout: '' })
  })

  it('is made for a field of the schema', () => {
    const field = schema.getQueryType()?.getFields().results
    const { query, variables } = toAsking(0, field as never)
    expect(query.replace(/\s+/g, ' ')).toBe(
      'query Results($ids: [ID!]!) { results(ids: $ids) { __typename ... on File { id filename bytes kind tags } ... on Failure { code } } }',
    )
    expect(JSON.parse(variables)).toEqual({ ids: null })
  })

  it('is searched for without federation', () => {
    expect(findMatches(schema, 'KIND')).toEqual([{ type: 'Kind' }, { type: 'File', field: 'kind' }])
    expect(['_Any', '_entities', 'link__Import', '__Type', 'join__Graph'].filter(isShown)).toEqual([])
  })
})
