// The rooms of src/ and who may import whom: http → graphql → loader → cache → client → wire, and app sees them all.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, it } from 'vitest'

const src = new URL('../src/', import.meta.url)

/** Per room, the rooms and packages that it may import besides itself. `node:` stands for Node's own modules. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['config', 'app.ts', 'log.ts', 'node:'],
  'index.ts': ['config', 'app.ts', 'log.ts', 'sandbox'],
  'app.ts': ['*', 'node:'],
  app: ['*', 'node:'],
  config: ['models.ts', 'node:'],
  'build.ts': ['rolldown', 'node:'],
  'log.ts': ['pino', 'node:'],
  'trace.ts': ['spans.ts'],
  'spans.ts': ['file.ts', 'errors.ts', 'graphql types', 'wire types', '@opentelemetry/api'],
  metrics: ['errors.ts', 'prom-client'],
  'file.ts': [],
  'errors.ts': ['rules.ts', 'narrow.ts'],
  'rules.ts': [],
  'narrow.ts': [],
  'models.ts': [],
  'task.ts': ['errors.ts types', 'file.ts'],
  'clock.ts': [],
  'idle.ts': [],
  'bytes.ts': ['file.ts types', 'node:'],
  'purposes.ts': ['errors.ts', 'upload.ts types'],
  'filename.ts': [],
  'upload.ts': ['file.ts types', 'errors.ts', 'node:'],
  'content.ts': ['bytes.ts types', 'file.ts', 'errors.ts', 'node:'],
  http: [
    'file.ts',
    'errors.ts',
    'idle.ts',
    'bytes.ts types',
    'content.ts types',
    'purposes.ts',
    'filename.ts',
    'upload.ts types',
    'content-disposition',
    'tar-stream',
    'graphql types',
    'fastify',
    '@fastify/busboy',
    '@fastify/cors',
    '@fastify/static',
    'helmet',
    'jose',
    'node:',
  ],
  graphql: [
    'task.ts',
    'file.ts',
    'task.ts',
    'errors.ts',
    'loader.ts',
    'purposes.ts',
    'filename.ts',
    'upload.ts types',
    '@apollo/server',
    '@apollo/subgraph',
    '@apollo/utils.keyvaluecache',
    'graphql',
    'graphql-scalars',
    'negotiator',
    'node:',
  ],
  'loader.ts': ['file.ts', 'task.ts types', 'errors.ts', 'dataloader'],
  tasks: [
    ...['clock.ts types', 'file.ts', 'task.ts', 'errors.ts', 'rules.ts types', 'models.ts'],
    ...['narrow.ts', 'cache types', 'node:'],
  ],
  cache: ['clock.ts types', 'file.ts', 'errors.ts', 'narrow.ts', 'lru-cache', '@redis/client', 'node:'],
  client: ['clock.ts types', 'file.ts', 'task.ts', 'errors.ts', 'bytes.ts types', 'upload.ts types', 'wire'],
  wire: ['idle.ts', 'undici', 'node:'],
  sandbox: ['node:'],
  // The browser's side: it knows the server by what HTTP shows of it.
  playground: [
    '@codemirror/autocomplete',
    '@codemirror/commands',
    '@codemirror/lang-json',
    '@codemirror/language',
    '@codemirror/lint',
    '@codemirror/state',
    '@codemirror/view',
    '@lezer/highlight',
    'cm6-graphql',
    'graphql',
    'graphql-sse',
    'prettier',
    'react',
    'react-dom',
    'vite',
    'node:',
  ],
}

type Import = {
  readonly room: string
  readonly file: string
  readonly path: string | undefined
  readonly target: string
  readonly typeOnly: boolean
}

function readImports(): Import[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  return files.flatMap((file) => {
    const text = readFileSync(new URL(file, src), 'utf8')
    const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'/gm)
    const dynamic = [...text.matchAll(/\bimport\(('([^']+)')\)/g)].map(([, , target]) => [
      '',
      undefined,
      target,
    ])
    return [...statements, ...dynamic].map(([, type, target = '']) => ({
      room: file.split('/')[0] ?? '',
      file,
      path: toPath(file, target),
      target: toRoom(file, target),
      typeOnly: type !== undefined,
    }))
  })
}

/** The file that an import leads to, from `src`; nothing for a package. */
function toPath(file: string, target: string): string | undefined {
  if (!target.startsWith('.')) return undefined
  const path = posix.join(posix.dirname(file), target)
  return [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx')].find((each) =>
    existsSync(new URL(each, src)),
  )
}

/** The room or package that an import leads to. */
function toRoom(file: string, target: string): string {
  if (target.startsWith('node:')) return 'node:'
  if (!target.startsWith('.'))
    return target
      .split('/')
      .slice(0, target.startsWith('@') ? 2 : 1)
      .join('/')
  return posix.join(posix.dirname(file), target).replace(/\.js$/, '.ts').split('/')[0] ?? ''
}

function isAllowed({ room, target, typeOnly }: Import): boolean {
  const rules = allowed[room]
  if (rules === undefined) return false
  if (room === target || rules.includes(target)) return true
  if (rules.includes('*')) return target.endsWith('.ts') || target in allowed
  return typeOnly && rules.includes(`${target} types`)
}

it('keeps the imports of every room to what it may know', () => {
  const imports = readImports()
  expect(imports.length).toBeGreaterThan(50)
  expect(imports.filter((each) => !isAllowed(each)).map(({ file, target }) => `${file} → ${target}`)).toEqual(
    [],
  )
})

it('imports in no circle, not even for types', () => {
  const targets = new Map<string, string[]>()
  for (const { file, path } of readImports())
    if (path !== undefined) targets.set(file, [...(targets.get(file) ?? []), path])
  const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean =>
    (targets.get(from) ?? []).some((next) => {
      if (next === to) return true
      if (seen.has(next)) return false
      return leadsTo(next, to, seen.add(next))
    })
  expect(targets.size).toBeGreaterThan(30)
  expect([...targets.keys()].filter((file) => leadsTo(file, file))).toEqual([])
})

it('imports each package in one room', () => {
  const rooms = new Map<string, Set<string>>()
  for (const { target, room } of readImports()) {
    if (target === 'node:' || target.endsWith('.ts') || target in allowed) continue
    rooms.set(target, (rooms.get(target) ?? new Set()).add(room))
  }
  expect(rooms.size).toBeGreaterThan(5)
  expect([...rooms].filter(([, users]) => users.size > 1).map(([name]) => name)).toEqual([])
})

it('keeps every file short enough to be read at once', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  const lengths = files
    .filter((file) => !file.includes('generated'))
    .map((file) => ({ file, lines: readFileSync(new URL(file, src), 'utf8').split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines)
  expect(lengths.filter(({ lines }) => lines > 300)).toEqual([])
  expect(lengths[Math.floor(lengths.length / 2)]?.lines).toBeLessThanOrEqual(100)
})
