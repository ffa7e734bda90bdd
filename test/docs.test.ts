// README.md and docs/ are run: every command, query, piece of code and link in them works.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type FieldDefinitionNode, Kind, parse, print, validate } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { createApp } from '../src/app.js'
import { readConfig } from '../src/config/config.js'
import { entries } from '../src/config/settings.js'
import { createSchema } from '../src/graphql/schema.js'
import { createLog } from '../src/log.js'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { type Block, pages, read, readAnchors, readBlocks, readLinks } from './helpers/docs.js'

const blocks = pages.flatMap(readBlocks)
const manifest = JSON.parse(read('package.json'))
const schema = createSchema()

function select(...languages: readonly string[]): Block[] {
  return blocks.filter(({ language }) => languages.includes(language))
}

describe('pages', () => {
  it('has a README that is read in five minutes', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })

  it('lists every page in the index', () => {
    const index = pages.filter(({ path }) => path === 'docs/README.md').flatMap(readLinks)
    const linked = new Set(index.map(({ path }) => path))
    for (const { path } of pages) expect(linked.has(path) || path === 'docs/README.md', path).toBe(true)
  })

  it.each(pages.flatMap(readLinks))('has at $path the $anchor to which $page links', ({ path, anchor }) => {
    if (/^\w+:/.test(path)) return expect(new URL(path).protocol).toBe('https:')
    expect(existsSync(path)).toBe(true)
    // Also from the package, which has no source and no tests.
    expect(['README.md', 'LICENSE', ...manifest.files]).toContain(path.split('/')[0])
    if (anchor !== '') expect(readAnchors(read(path))).toContain(anchor)
  })

  it.each(pages)('has no heading twice in $path', ({ text }) => {
    const anchors = readAnchors(text)
    expect(anchors).toEqual([...new Set(anchors)])
  })
})

/** `…` stands for what differs from run to run. */
function toPattern(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`)
}

function toMatcher(value: unknown): unknown {
  if (typeof value === 'string' && value.includes('…')) return expect.stringMatching(toPattern(value))
  if (Array.isArray(value)) return value.map(toMatcher)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toMatcher(each)]))
}

const TOKEN = 'token-of-the-docs'
const log = createLog('silent')

/** Runs commands in a fresh folder, against a server and a sandbox of their own. Where they send `$TOKEN`, it asks for one. */
async function runCommands(code: string): Promise<string> {
  const access = code.includes('$TOKEN') ? { ACCESS_TOKENS: TOKEN } : {}
  const app = await createApp(readConfig({ PORT: '0', ...access }), log)
  const sandbox = await createSandbox()
  const folder = mkdtempSync(`${tmpdir()}/docs-`)
  onTestFinished(async () => {
    rmSync(folder, { recursive: true })
    await app.stop(0)
    await sandbox.close()
  })
  const origins: Readonly<Record<string, string>> = { 4000: new URL(app.url).origin, 4100: sandbox.url }
  const script = code.replace(/http:\/\/127\.0\.0\.1:(4000|4100)\b/g, (_, port) => origins[port] ?? '')
  const env = { PATH: process.env.PATH, TOKEN }
  const bash = promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', script], { cwd: folder, env })
  return (await bash).stdout
}

const hasCurl = !spawnSync('curl', ['--version']).error
const asked = select('sh').filter(({ code }) => /\bcurl /.test(code))

describe('commands', () => {
  it('finds those of the README', () => {
    expect(asked.filter(({ page }) => page === 'README.md')).toHaveLength(2)
  })

  it.skipIf(!hasCurl).each(asked)('gets what $page shows by $code', async ({ code, next }) => {
    const output = await runCommands(code)
    if (next?.language === 'json') expect(JSON.parse(output)).toEqual(toMatcher(JSON.parse(next.code)))
    else if (next?.language === 'text') expect(output).toMatch(toPattern(next.code))
    else expect(output).not.toContain('"errors"')
  })

  const others = select('sh').filter((block) => !asked.includes(block))
  it.each(others)('sets only what there is, and runs only what there is, in $page: $code', ({ code }) => {
    const foreign = ['NODE_ENV', 'OTEL_SERVICE_NAME', 'OTEL_EXPORTER_OTLP_ENDPOINT']
    const settings = entries.flatMap(([name]) => [name, `${name}_FILE`])
    for (const [, name] of code.matchAll(/(?<=^|\s)([A-Z][A-Z_]+)=/gm))
      expect([...settings, ...foreign]).toContain(name)
    for (const [, name = ''] of code.matchAll(/npm run (\S+)/g))
      expect(manifest.scripts).toHaveProperty([name])
    for (const [path] of code.matchAll(/(?<= )(\.\/)?(deploy|schema|test)\/\S+/g))
      expect(existsSync(path), path).toBe(true)
  })
})

/** The fields that a document gives to our root types, as `Query.file(id: ID!): File`. */
function listRootFields(document: DocumentNode): string[] {
  return document.definitions.flatMap((each) => {
    const isObject = each.kind === Kind.OBJECT_TYPE_DEFINITION || each.kind === Kind.OBJECT_TYPE_EXTENSION
    if (!isObject || !ROOTS.includes(each.name.value)) return []
    const fields = (each.fields ?? []).filter(({ name }) => !name.value.startsWith('_'))
    return fields.map((field) => `${each.name.value}.${print(strip(field))}`)
  })
}

/** Whether the document is a subgraph of somebody else. Ours is shown in parts, which link no specification. */
function isForeign({ definitions }: DocumentNode): boolean {
  return definitions.some(({ kind }) => kind === Kind.SCHEMA_EXTENSION)
}

const ROOTS = ['Query', 'Mutation', 'Subscription']

/** Without descriptions and directives. */
function strip(field: FieldDefinitionNode): FieldDefinitionNode {
  const inputs = field.arguments?.map(({ description: _, directives: __, ...rest }) => rest) ?? []
  const { description: _, directives: __, ...rest } = field
  return { ...rest, arguments: inputs }
}

describe('queries and schemas', () => {
  const sdl = readdirSync('schema').filter((name) => name.endsWith('.graphql'))
  const ours = sdl.flatMap((name) => listRootFields(parse(read(`schema/${name}`))))
  const documents = select('graphql').map((block) => ({ ...block, document: parse(block.code) }))

  it.each(documents)('holds what is valid in $page: $code', ({ document }) => {
    const isOperation = document.definitions.every(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    if (isOperation) return expect(validate(schema, document)).toEqual([])
    if (isForeign(document)) return expect(() => buildSubgraphSchema(document)).not.toThrow()
    const shown = listRootFields(document)
    expect(shown.length).toBeGreaterThan(0)
    return expect(ours).toEqual(expect.arrayContaining(shown))
  })

  it('shows everything that can be asked', () => {
    const shown = documents.flatMap(({ document }) => (isForeign(document) ? [] : listRootFields(document)))
    expect(shown.sort()).toEqual(ours.sort())
  })
})

describe('code and data', () => {
  const folders = ['src', 'test/clients', 'test/gateways', 'deploy']
  const sources = folders
    .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
    .filter((path) => /\.(tsx?|m?js)$/.test(path))

  it.each(select('ts', 'tsx', 'js', 'mjs'))('shows code that a test runs, in $page: $code', ({ code }) => {
    expect(sources.filter((path) => `\n${read(path)}`.includes(`\n${code}`))).toHaveLength(1)
  })

  it.each(select('yaml'))('shows YAML that can be read, in $page: $code', ({ code }) => {
    for (const { errors } of parseAllDocuments(code)) expect(errors).toEqual([])
  })

  it.each(select('json'))('shows JSON that can be read, in $page: $code', ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow()
  })

  it('leaves no other block unread', () => {
    const read = ['sh', 'graphql', 'ts', 'tsx', 'js', 'mjs', 'yaml', 'json', 'text']
    for (const { page, language, code } of blocks) expect(read, `${page}: ${code}`).toContain(language)
  })
})
