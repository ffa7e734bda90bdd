// The tools that frontends make their code with, on the schema that is published for them, as docs/clients.md shows them.
import { readFileSync } from 'node:fs'
import { generate } from '@graphql-codegen/cli'
import type { ConcreteRequest } from 'relay-runtime'
import { expect, it, onTestFinished, vi } from 'vitest'
import artifact from './clients/__generated__/relayShelfQuery.graphql.js'
import codegen from './clients/codegen.js'
import type { BatchQueryVariables } from './clients/generated/graphql.js'
import { startApp } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'

const PACKAGE = 'node_modules/minimax-files-graphql/'

// What the compiler's plug-in for bundlers does: the query is replaced by what was compiled of it.
vi.mock('relay-runtime', async (importOriginal) => ({
  ...(await importOriginal<typeof import('relay-runtime')>()),
  graphql: () => artifact satisfies ConcreteRequest,
}))

it('makes by the configuration of graphql-codegen that is shown the types that the other examples use', async () => {
  expect(codegen.schema).toBe(`${PACKAGE}schema/published/api.graphql`)
  const [output] = Object.values(codegen.generates)
  const files: { filename: string; content: string }[] = await generate(
    {
      ...codegen,
      schema: 'schema/published/api.graphql',
      documents: 'test/clients/files.ts',
      generates: { 'test/clients/generated/': output as never },
      silent: true,
    },
    false,
  )
  expect(files.map(({ filename }) => filename)).toContain('test/clients/generated/graphql.ts')
  const texts = files.map(({ filename, content }) => [filename, content])
  expect(texts).toEqual(files.map(({ filename }) => [filename, readFileSync(filename, 'utf8')]))
})

it('has the compiler refuse an id that is a number', () => {
  // @ts-expect-error Beyond 2^53 it would be another file's.
  expect({ ids: [1] } satisfies BatchQueryVariables).toBeTruthy()
})

it('is compiled by Relay with the configuration that is shown', () => {
  const shown = /```json\n(.*?)```/s.exec(readFileSync('docs/clients.md', 'utf8'))?.[1]
  const ours = JSON.parse(readFileSync('test/clients/relay.config.json', 'utf8'))
  expect(JSON.parse(shown ?? '')).toEqual({ ...ours, src: 'src', schema: PACKAGE + ours.schema })
})

it('is asked by Relay for files and failures as data', async () => {
  const { app } = await startApp()
  const { createRelayEnvironment, fetchShelf } = await import('./clients/relayShelf.js')
  const data = await fetchShelf(createRelayEnvironment(app.url), [VIDEO, '335560631603474'])
  expect(data?.results).toMatchObject([
    { __typename: 'File', id: VIDEO, filename: 'output_aigc.mp4' },
    { __typename: 'FileError', code: 'FILE_NOT_FOUND', retryable: false },
  ])
  onTestFinished(() => void vi.doUnmock('relay-runtime'))
})
