// This subgraph in a supergraph, by the composers that routers are fed from: alone, and beside neighbours.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type GraphQLSchema, isObjectType } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { seededFiles } from '../src/sandbox/seed.js'
import { startApp } from './helpers/app.js'
import { composeContract, composers, type Subgraphs } from './helpers/composers.js'
import { readBlocks } from './helpers/docs.js'
import { LISTENING, start } from './helpers/process.js'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

const published = read('schema/published/files.graphql')
const videos = read('test/fixtures/videos.graphql')
const albums = read('test/fixtures/albums.graphql')
const thumbnails = read('test/fixtures/thumbnails.graphql')

/** What stands beside this subgraph, and a field that clients get by it. */
const neighbourhoods: readonly [string, Subgraphs, readonly string[]][] = [
  [
    'alone',
    {},
    [
      'File.downloadUrl',
      'FileError.code',
      'Query.fileResults',
      'Mutation.deleteFile',
      'DeletedFile.id',
      'Query.files',
      'FileConnection.pageInfo',
      'Query.videoTask',
      'Subscription.videoTask',
      'VideoTask.file',
      'SpeechTask.usageCharacters',
    ],
  ],
  [
    'beside a catalogue whose videos have a file or a task',
    { videos },
    ['Video.file', 'File.downloadUrl', 'Video.task', 'VideoTask.status'],
  ],
  ['beside one that adds a field to File', { thumbnails }, ['File.thumbnail', 'File.downloadUrl']],
  [
    'beside one with pages and mutations of its own',
    { albums },
    ['AlbumConnection.pageInfo', 'FileConnection.pageInfo', 'Mutation.deleteAlbum', 'Mutation.deleteFile'],
  ],
  ['beside both', { videos, thumbnails }, ['Video.file', 'File.thumbnail', 'File.downloadUrl']],
]

/** What routers read of the prices, and registries of the tags, in each composer's words. */
const directives: Readonly<Record<string, readonly RegExp[]>> = {
  'SDL of a supergraph': [
    /type File\b[^{]*@cost\(weight: 10\)/,
    /type VideoTask\b[^{]*@cost\(weight: 10\)/,
    /type SpeechTask\b[^{]*@cost\(weight: 10\)/,
    /\): FileResult![^"\n]*@cost\(weight: 10\)/,
    /\): \[FileResult!\]![^"\n]*@cost\(weight: 10\)/,
    /\): \[FileResult!\]![^"\n]*@listSize\(assumedSize: 100\)/,
    /downloadUrl: URL[^"\n]*@tag\(name: "signed-link"\)/,
    /backupDownloadUrl: URL[^"\n]*@tag\(name: "signed-link"\)/,
    /downloadUrlExpiresAt: DateTime[^"\n]*@tag\(name: "signed-link"\)/,
    /upstream: FileErrorUpstream[^"\n]*@tag\(name: "internal"\)/,
    /type FileErrorUpstream\b[^{]*@tag\(name: "internal"\)/,
  ],
  'prices of Cosmo': [
    /"typeWeights":(?=[^}]*\["File",10\])(?=[^}]*\["VideoTask",10\])[^}]*\["SpeechTask",10\]/,
    /"fieldName":"fileResult","argumentWeights":\[\],"weight":10/,
    /"fieldName":"fileResults","argumentWeights":\[\],"weight":10/,
    /"fieldName":"fileResults",[^}]*"assumedSize":100/,
  ],
}

function hasField(schema: GraphQLSchema | undefined, coordinate: string): boolean {
  const [typeName = '', field = ''] = coordinate.split('.')
  const type = schema?.getType(typeName)
  return isObjectType(type) && field in type.getFields()
}

/** Everything that any of the composers has against this SDL, in any neighbourhood. */
function listFaults(files: string): string[] {
  return Object.entries(composers).flatMap(([composer, compose]) =>
    neighbourhoods.flatMap(([place, neighbours, coordinates]) => {
      const { errors, schema, supergraph = '' } = compose({ files, ...neighbours })
      if (errors.length > 0) return errors.map((error) => `${composer}, ${place}: ${error}`)
      const expected = directives[composer === 'Cosmo' ? 'prices of Cosmo' : 'SDL of a supergraph'] ?? []
      return [
        ...coordinates.filter((coordinate) => !hasField(schema, coordinate)),
        ...expected.filter((pattern) => !pattern.test(supergraph)),
      ].map((missing) => `${composer}, ${place}: lacks ${missing}`)
    }),
  )
}

it('is published as the server tells it to routers, introspection or not, with nothing secret in it', async () => {
  const { query } = await startApp({ INTROSPECTION: 'off' })
  const { data } = await query('{ _service { sdl } }')
  expect(data._service.sdl).toBe(published)
  expect(published).not.toMatch(
    /https?:\/\/(?!specs\.apollo\.dev|scalars\.graphql\.org|www\.rfc-editor\.org)/,
  )
})

it('is accepted by Apollo, Hive and Cosmo in every neighbourhood, with its prices and tags', () => {
  expect(Object.keys(composers)).toEqual(['Apollo', 'Hive', 'Cosmo'])
  expect(listFaults(published)).toEqual([])
})

describe('the test above fails', () => {
  it.each<[string, string | RegExp, string, RegExp]>([
    ['federation 2.10 is linked', 'federation/v2.9', 'federation/v2.10', /^Hive, alone: .*version v2.10/],
    [
      'File is no entity',
      /(type File)\n {2}@key\(fields: "id"\)/,
      '$1',
      /^Apollo, beside a catalogue.*File\.id/,
    ],
    [
      'VideoTask is none',
      /(type VideoTask[^{]*)\n {2}@key\(fields: "id"\)/,
      '$1',
      /^Apollo, beside a catalogue.*VideoTask\.id/,
    ],
    [
      'a look-up has no price',
      /(type File[^{]*)\n {2}@cost\(weight: 10\)/,
      '$1',
      /^Cosmo, alone: lacks .*typeWeights/,
    ],
    ['a look-up as data has no price', /(: FileResult!) @cost\(weight: 10\)/, '$1', /^Cosmo, .*fileResult"/],
    ['a list has no size', ' @listSize(assumedSize: 100)', '', /^Hive, alone: lacks .*listSize/],
    [
      'a list is sized by a list',
      '(assumedSize: 100)',
      '(slicingArguments: ["ids"])',
      /^Apollo, .*must be Int/,
    ],
    ['a link has lost its tag', ' @tag(name: "signed-link")', '', /^Apollo, alone: lacks .*signed-link/],
    [
      'PageInfo is nobody else’s',
      /type PageInfo\s+@shareable/,
      'type PageInfo',
      /^Apollo, beside one with pages.*PageInfo/,
    ],
    ['a directive is not imported', ', "@listSize"]', ']', /^Apollo, alone: .*@listSize/],
  ])('if %s', (_, from, to, fault) => {
    const mutated = published.replace(from, to)
    expect(mutated).not.toBe(published)
    expect(listFaults(mutated)).toContainEqual(expect.stringMatching(fault))
  })
})

describe('a contract', () => {
  it.each([
    ['internal', ['FileError.upstream', 'FileErrorUpstream.traceId']],
    ['signed-link', ['File.downloadUrl', 'File.backupDownloadUrl', 'File.downloadUrlExpiresAt']],
  ])('may leave out what is tagged %s, and loses that alone', (tag, hidden) => {
    const { errors, schema } = composeContract({ files: published, videos, thumbnails }, tag)
    expect(errors).toEqual([])
    expect(hidden.filter((coordinate) => hasField(schema, coordinate))).toEqual([])
    const shown = ['File.filename', 'File.thumbnail', 'FileError.code', 'Query.file', 'Query.fileResults']
    expect(shown.filter((coordinate) => hasField(schema, coordinate))).toEqual(shown)
  })
})

/** The SDL of the other subgraph that the documentation shows, in a folder of its own. */
function writeShown(): string {
  const folder = mkdtempSync(`${tmpdir()}/compose-`)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [shown] = readBlocks({ path: 'docs/federation.md', text: read('docs/federation.md') })
  writeFileSync(`${folder}/videos.graphql`, shown?.code ?? '')
  return folder
}

const toPath = (script: string) => fileURLToPath(new URL(script, import.meta.url))

it('stands beside the subgraph of the documentation, which refers to a file of the sandbox', async () => {
  const { child, waitFor } = start(toPath('clients/videos.mjs'), { PORT: '0' }, [], { cwd: writeShown() })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [, url = ''] = await waitFor(LISTENING)
  const reference = '[{ __typename: "Video", id: "sunrise" }]'
  const query = `{ videos { file { id } } _entities(representations: ${reference}) { ... on Video { file { id } } } }`
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
  const { data } = (await response.json()) as { data: { videos: [{ file: { id: string } }] } }
  expect(seededFiles.map(({ id }) => id)).toContain(data.videos[0].file.id)
  expect(data).toEqual({ videos: data.videos, _entities: data.videos })
})

const isInstalled = existsSync(new URL('gateways/node_modules/', import.meta.url))

it.skipIf(!isInstalled)(
  'is composed by the script of the documentation, beside the subgraph that it shows',
  () => {
    const folder = writeShown()
    writeFileSync(`${folder}/files.graphql`, published)
    const script = toPath('gateways/compose.mjs')
    const supergraph = execFileSync(process.execPath, [script], { cwd: folder, encoding: 'utf8' })
    expect(supergraph).toMatch(/type Video\b[^}]* file: File\b/)
    expect(supergraph).toMatch(/type File\b[^}]*downloadUrl: URL/)
  },
)
