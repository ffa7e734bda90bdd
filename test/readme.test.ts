// The README is run: what it shows is what users get.
import { readFileSync } from 'node:fs'
import { isEnumType } from 'graphql'
import { expect, it, onTestFinished } from 'vitest'
import { createApp } from '../src/app.js'
import { MAX_BYTES } from '../src/client/list.js'
import { readConfig } from '../src/config/config.js'
import { FileError, type FileErrorCode } from '../src/errors.js'
import { WEIGHT_PER_LOOKUP } from '../src/graphql/context.js'
import { toGraphQLError } from '../src/graphql/failure.js'
import { LIMITS as OPERATION } from '../src/graphql/limits.js'
import { createSchema } from '../src/graphql/schema.js'
import { LIMITS as HTTP } from '../src/http/limits.js'
import { createLog } from '../src/log.js'
import { seededFiles } from '../src/sandbox/seed.js'
import { LIMITS as WIRE } from '../src/wire/wire.js'
import { parseCurl } from './helpers/curl.js'
import { toSettingsTables } from './helpers/settings-table.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Every `curl` that is followed by its answer. */
const examples = [...readme.matchAll(/```sh\n(curl [^\n]+)\n```\n\n```json\n(.*?)```/gs)].map(
  ([, command = '', answer = '']) => ({ command, answer: JSON.parse(answer) as unknown }),
)

/** The cells of every row of the table whose head has these columns. */
function readTable(...columns: readonly string[]): string[][] {
  const head = `| ${columns.join(' | ')} |`
  const start = readme.indexOf(head)
  expect(start, head).toBeGreaterThan(0)
  const lines = readme.slice(start).split('\n')
  const rows = lines.slice(2, lines.indexOf(''))
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

function unquote(cell: string | undefined): string {
  return /^`([^`]*)`/.exec(cell ?? '')?.[1] ?? ''
}

/** `…` in the README stands for what differs from run to run. */
function toMatcher(value: unknown): unknown {
  if (typeof value === 'string' && value.includes('…')) {
    const parts = value.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return expect.stringMatching(new RegExp(`^${parts.join('.+')}$`))
  }
  if (Array.isArray(value)) return value.map(toMatcher)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, toMatcher(each)]))
}

it('shows a query and a failing one', () => {
  expect(examples).toHaveLength(2)
})

it.each(examples)('shows the real answer of $command', async ({ command, answer }) => {
  const app = await createApp(readConfig({ PORT: '0' }), createLog('silent'))
  onTestFinished(() => app.stop(0))
  const { url, init } = parseCurl(command)
  const response = await fetch(url.replace('http://127.0.0.1:4000/graphql', app.url), init)
  expect(await response.json()).toEqual(toMatcher(answer))
})

it('shows what a download gives', async () => {
  const [, command = '', shown] = /```sh\n(curl [^\n]+)\n```\n\n```text\n(.*?)```/s.exec(readme) ?? []
  const app = await createApp(readConfig({ PORT: '0' }), createLog('silent'))
  onTestFinished(() => app.stop(0))
  const { url } = parseCurl(command)
  const response = await fetch(url.replace('http://127.0.0.1:4000', new URL(app.url).origin))
  expect(await response.text()).toBe(shown)
})

it('lists every setting as the table of settings has it', () => {
  expect(readme).toContain(`\n${toSettingsTables()}\n\n`)
})

it('states the limits in force', () => {
  const { bodyBytes, urlBytes, headerBytes, headers, headersTimeoutMs, requestTimeoutMs, ...rest } = HTTP
  expect(readTable('limit', 'at most', 'beyond it').map(([, most]) => most)).toEqual([
    `${bodyBytes / 1024} KiB`,
    `${urlBytes / 1024} KiB`,
    `${headerBytes / 1024} KiB, ${headers} of them`,
    `${headersTimeoutMs / 1000} s, ${requestTimeoutMs / 1000} s`,
    `${OPERATION.tokens}`,
    `${OPERATION.selections}`,
    `${OPERATION.depth}, ${OPERATION.aliases}, ${OPERATION.directives}`,
    `${WEIGHT_PER_LOOKUP} × \`MAX_LOOKUPS_PER_OPERATION\``,
    `${OPERATION.validationErrors}`,
    `${rest.operations}`,
    `${rest.unsentBytes / 2 ** 20} MiB`,
    `${rest.stallTimeoutMs / 1000} s`,
    '`TRANSFERS`',
    '`TRANSFER_IDLE_SECONDS`',
    `${rest.connections}, ${rest.requestsPerConnection}`,
    `${MAX_BYTES / 2 ** 20} MiB`,
    `${WIRE.connections}, ${WIRE.queued}`,
  ])
  expect(OPERATION.coercionErrors).toBe(OPERATION.validationErrors)
})

it('lists every error code in the order of the schema, with whether to retry', () => {
  const type = createSchema().getType('FileErrorCode')
  const names = isEnumType(type) ? type.getValues().map(({ name }) => name) : []
  const rows = readTable('code', 'when', 'retryable')
  expect(rows.map(([code]) => unquote(code))).toEqual(names)
  for (const [code, , retryable] of rows) {
    const { retryable: expected } = new FileError(unquote(code) as FileErrorCode)
    expect(retryable?.startsWith('yes'), code).toBe(expected)
  }
})

it('lists the files of the sandbox', () => {
  const rows = readTable('id', 'file', 'what it is')
  expect(rows).toEqual(seededFiles.map(({ id, filename, note }) => [`\`${id}\``, `\`${filename}\``, note]))
})

it('lists every command of package.json that users need', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const listed = readTable('command', 'does').map(([command]) =>
    unquote(command)
      .replace(/^npm (run )?/, '')
      .replace(/ -- .*/, ''),
  )
  const known = Object.keys(scripts).filter((name) => name !== 'start' && !/^(pre|post)/.test(name))
  expect(listed.sort()).toEqual(known.sort())
})

it.each(['gateways/gateway.config.js', 'clients/files.ts', 'clients/apollo.ts', 'clients/urql.ts'])(
  'shows %s as the tests run it',
  (path) => {
    const code = readFileSync(new URL(path, import.meta.url), 'utf8')
    expect(readme).toContain(`\`\`\`${path.slice(-2)}\n${code}\`\`\``)
  },
)

it('shows the file that turns tracing on as the tests run it', () => {
  const recipe = readFileSync(new URL('../deploy/otel.mjs', import.meta.url), 'utf8')
  expect(readme).toContain(`\`\`\`js\n${recipe}\`\`\``)
})

it('lets all of our extensions through Cosmo Router', () => {
  const [, list = ''] = /allowed_extension_fields:\n((?: +- \w+\n)+)/.exec(readme) ?? []
  const caller = { requestId: 'a', report: () => {}, trail: { codes: new Set<string>() } }
  const { extensions } = toGraphQLError(new FileError('FILE_NOT_FOUND'), caller)
  expect(list.match(/\w+/g)).toEqual(Object.keys(extensions))
})

it('starts the server in production by Node or by its own name, since npm does not pass signals on', () => {
  const section = /\n## In production\n.*?(?=\n### )/s.exec(readme)?.[0] ?? ''
  const [, block = ''] = /export NODE_ENV=production [^\n]*\n(.*?)```/s.exec(section) ?? []
  const commands = [...block.matchAll(/^(.*?) +#/gm)].map(([, command]) => command)
  expect(commands).toEqual(['node dist/main.js', './node_modules/.bin/minimax-files-graphql'])
  const exposed = [...readme.matchAll(/^.*HOST=0\.0\.0\.0 (.*)$/gm)].map(([, command]) => command)
  expect(exposed).toEqual(['node dist/main.js'])
})
