// The package as npm would publish it: all that it needs to run, and nothing else.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { LISTENING, start } from './helpers/process.js'

const root = new URL('..', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

type Packed = { readonly size: number; readonly files: readonly { readonly path: string }[] }

/** What `npm pack` lists. Its versions differ in whether that is a list or a record of packages. */
function pack(): Packed {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const output = execFileSync('npm', args, { cwd: fileURLToPath(root), encoding: 'utf8', stdio: 'pipe' })
  const [packed] = Object.values(JSON.parse(output) as Record<string, Packed>)
  if (packed === undefined) throw new Error(`npm packed nothing: ${output}`)
  return packed
}

function list(folder: string, ending: string): string[] {
  const names = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith(ending))
}

it('holds what was built, the schema, the documentation and the licence, and stays small', () => {
  const { files, size } = pack()
  const paths = files.map(({ path }) => path)
  const built = ['main.js', 'sandbox/main.js', 'licences.txt', 'playground/index.html'].map(
    (name) => `dist/${name}`,
  )
  const schema = list('schema/', '.graphql').map((name) => `schema/${name}`)
  const pages = list('docs/', '').map((name) => `docs/${name}`)
  expect(paths).toEqual(expect.arrayContaining([...built, ...schema, ...pages]))
  const others = paths.filter((path) => !/^(deploy|dist|docs|schema)\//.test(path))
  expect(others.sort()).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
  const unwanted = /\.(map|tsx?|mjs|stamp)$|\/\.env$|^test/
  expect(paths.filter((path) => unwanted.test(path))).toEqual(['deploy/otel.mjs', 'dist/index.d.ts'])
  expect(size).toBeLessThan(5_000_000)
})

it('hands on what the authors of the packages in it ask for', () => {
  const notices = readFileSync(new URL('dist/licences.txt', root), 'utf8')
  for (const name of Object.keys(manifest.dependencies).filter((each) => each !== '@opentelemetry/api'))
    expect(notices, name).toMatch(new RegExp(`^${name} \\d[^ ]* \\(.+\\)$`, 'm'))
})

it('runs from its own files alone', async () => {
  const folder = mkdtempSync(`${tmpdir()}/package-`)
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['dist', 'schema', 'package.json'])
    cpSync(new URL(name, root), `${folder}/${name}`, { recursive: true })
  const { waitFor, child } = start(`${folder}/dist/main.js`, {
    PORT: '0',
    ACCESS_TOKENS: 'token-of-this-test',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [, url = ''] = await waitFor(LISTENING)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer token-of-this-test' }
  const response = await fetch(url, { method: 'POST', headers, body: '{"query": "{ __typename }"}' })
  expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } })
  expect((await fetch(new URL('/', url))).status).toBe(200)
})

it('says on its page what it is, what it needs, under which licence it stands, and where its types are', () => {
  const { description, keywords, license, engines, types, exports } = manifest
  for (const word of ['GraphQL', 'MiniMax', 'CometAPI']) expect(description).toContain(word)
  expect(keywords).toEqual([...new Set(keywords)])
  expect([license, engines]).toEqual(['MIT', { node: '>=20.19' }])
  expect(readFileSync(new URL('LICENSE', root), 'utf8')).toMatch(/^MIT License/)
  const paths = pack().files.map(({ path }) => `./${path}`)
  for (const path of [types, ...Object.values(exports['.'])]) expect(paths).toContain(path)
  expect(types).toBe(exports['.'].types)
})

it('runs by its name', () => {
  const { bin, private: unpublished } = manifest
  expect(bin).toEqual({ [manifest.name]: 'dist/main.js' })
  expect(unpublished).toBeUndefined()
  expect(readFileSync(new URL('dist/main.js', root), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
})

it('needs no package that asks for a newer Node than it does', () => {
  const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'))
  const installed = Object.entries<{ dev?: boolean; engines?: { node?: string } }>(packages).filter(
    ([path, { dev }]) => path !== '' && !dev,
  )
  expect(installed.length).toBeGreaterThan(100)
  const minimums = installed.flatMap(([path, { engines }]) => {
    const versions = [...(engines?.node ?? '').matchAll(/(\d+)(?:\.(\d+))?/g)]
    const oldest = Math.min(...versions.map(([, major, minor = '0']) => Number(major) * 1000 + Number(minor)))
    return versions.length > 0 ? [{ path, oldest }] : []
  })
  expect(minimums.filter(({ oldest }) => oldest > 20_019)).toEqual([])
})
