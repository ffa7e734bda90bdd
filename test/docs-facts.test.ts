// The tables of README.md and docs/ say what the source says.
import { isEnumType } from 'graphql'
import { expect, it } from 'vitest'
import { MAX_BYTES } from '../src/client/list.js'
import { toFileName } from '../src/config/read.js'
import { entries } from '../src/config/settings.js'
import { FileError, type FileErrorCode } from '../src/errors.js'
import { WEIGHT_PER_LOOKUP } from '../src/graphql/context.js'
import { toGraphQLError } from '../src/graphql/failure.js'
import { DOCUMENT_LIMITS as OPERATION } from '../src/graphql/limits.js'
import { createSchema } from '../src/graphql/schema.js'
import { MAX_BYTES_BEFORE } from '../src/http/bytes/member.js'
import { HTTP_LIMITS as HTTP } from '../src/http/limits.js'
import { PIECE_BYTES } from '../src/idle.js'
import { checkUpload } from '../src/purposes.js'
import { findNameMagic } from '../src/sandbox/files/magic-names.js'
import { isMagicId } from '../src/sandbox/magic.js'
import { seededFiles } from '../src/sandbox/seed.js'
import { findFate } from '../src/sandbox/tasks/fate.js'
import { WIRE_LIMITS as WIRE } from '../src/wire/wire.js'
import { listFiles, pages, read, readTable, unquote } from './helpers/docs.js'
import { toSettingsTables } from './helpers/settings-table.js'

const schema = createSchema()

function listValues(name: string): string[] {
  const type = schema.getType(name)
  return isEnumType(type) ? type.getValues().map((value) => value.name) : []
}

/** Words in capitals that come from elsewhere than our settings and our schema. */
const FOREIGN = [
  ...['UNAUTHENTICATED', 'BAD_REQUEST', 'SERVICE_UNAVAILABLE', 'BAD_USER_INPUT', 'PERSISTED_QUERY_NOT_FOUND'],
  ...['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'NODE_ENV', 'FILES_TOKEN', 'MEMBER_NOT_FOUND'],
]

it('lists every setting as the table of settings has it; run with -u to write it', async () => {
  const page = read('docs/configuration.md')
  const [before = '', , after = ''] = page.split(/^(?=\*\*Server\*\*$)|^(?=<!-- end of the settings -->$)/m)
  const made = `${before}${toSettingsTables()}\n\n${after}`
  await expect(made).toMatchFileSnapshot('../docs/configuration.md')
})

it('has ten settings in the README, with their defaults', () => {
  const rows = readTable('README.md', 'variable', 'default', 'what it is for')
  expect(rows).toHaveLength(10)
  const documented = toSettingsTables().split('\n')
  for (const [name = '', fallback] of rows) {
    const cells = documented.find((row) => row.startsWith(`| ${name}`))?.split('|')
    expect(cells?.[3]?.trim(), name).toBe(fallback)
  }
})

it('names no setting, code or enum value that does not exist', () => {
  const settings = entries.flatMap(([name]) => [name, toFileName(name)])
  const values = ['FileErrorCode', 'FilePurpose'].flatMap(listValues)
  const known = new Set([...settings, ...values, ...FOREIGN])
  for (const { path, text } of pages)
    for (const [, word = ''] of text.matchAll(/`([A-Z]+(?:_[A-Z\d]+)+)`/g))
      expect(known.has(word), `${word} in ${path}`).toBe(true)
})

it('states the limits in force', () => {
  const { bodyBytes, urlBytes, headerBytes, headers, headersTimeoutMs, requestTimeoutMs, ...rest } = HTTP
  const rows = readTable('docs/limits.md', 'limit', 'at most', 'beyond it')
  expect(rows.map(([, most]) => most)).toEqual([
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
    `${rest.streams}, ${rest.streamLifeMs === 3_600_000 ? 'an hour' : ''}`,
    '`UPLOAD_MAX_BYTES`',
    '`TRANSFERS`',
    '`TRANSFER_IDLE_SECONDS`',
    `${PIECE_BYTES / 1024} KiB`,
    `${MAX_BYTES_BEFORE / 2 ** 20} MiB`,
    `${rest.connections}, ${rest.requestsPerConnection}`,
    `${MAX_BYTES / 2 ** 20} MiB`,
    `${WIRE.connections}, ${WIRE.queued}`,
  ])
  expect(OPERATION.coercionErrors).toBe(OPERATION.validationErrors)
})

it('lists every error code in the order of the schema, with whether to retry', () => {
  const rows = readTable('docs/errors.md', 'code', 'when', 'retryable')
  expect(rows.map(([code]) => unquote(code))).toEqual(listValues('FileErrorCode'))
  for (const [code, , retryable] of rows) {
    const { retryable: expected } = new FileError(unquote(code) as FileErrorCode)
    expect(retryable?.startsWith('yes'), code).toBe(expected)
  }
})

it('lists the files of the sandbox', () => {
  const rows = readTable('docs/sandbox.md', 'id', 'file', 'what it is')
  expect(rows).toEqual(seededFiles.map(({ id, filename, note }) => [`\`${id}\``, `\`${filename}\``, note]))
})

it('lists what fails in the sandbox on request', () => {
  const read = (column: string) =>
    readTable('docs/sandbox.md', column, 'what happens').map(([cell]) => unquote(cell))
  for (const id of read('id')) expect(isMagicId(id), id).toBe(true)
  for (const name of read('name of an upload')) expect(findNameMagic(name), name).toBeDefined()
  for (const prompt of read('prompt of a task')) expect(findFate(prompt).kind, prompt).not.toBe('success')
})

it('lists every command of package.json that contributors need', () => {
  const { scripts } = JSON.parse(read('package.json'))
  const listed = readTable('docs/CONTRIBUTING.md', 'command', 'does').map(([command]) =>
    unquote(command)
      .replace(/^npm (run )?/, '')
      .replace(/ -- .*/, ''),
  )
  const known = Object.keys(scripts).filter((name) => name !== 'start' && !/^(pre|post)/.test(name))
  expect(listed.sort()).toEqual(known.sort())
})

it('lets all of our extensions through Cosmo Router', () => {
  const federation = read('docs/federation.md')
  const [, list = ''] = /allowed_extension_fields:\n((?: +- \w+\n)+)/.exec(federation) ?? []
  const caller = { requestId: 'a', report: () => {}, trail: { codes: new Set<string>() } }
  const { extensions } = toGraphQLError(new FileError('FILE_NOT_FOUND'), caller)
  expect(list.match(/\w+/g)).toEqual(Object.keys(extensions))
})

it('starts the server in production by Node or by its own name, since npm does not pass signals on', () => {
  const [, block = ''] = /export NODE_ENV=production [^\n]*\n(.*?)```/s.exec(read('docs/deploy.md')) ?? []
  const commands = [...block.matchAll(/^(.*?) +#/gm)].map(([, command]) => command)
  expect(commands).toEqual(['node dist/main.js', './node_modules/.bin/minimax-files-graphql'])
  for (const { path, text } of pages)
    for (const [, line = ''] of text.matchAll(/^.*(?:NODE_ENV=production|HOST=0\.0\.0\.0) (.*)$/gm))
      expect(line, path).not.toMatch(/\b(npm|npx) /)
})

it('describes each fault that the name of a test has the number of, and no other', () => {
  const folders = ['test', 'test/helpers']
  const sources = folders.flatMap((folder) => listFiles(folder, '.ts')).map(read)
  const tested = sources.flatMap((text) =>
    [...text.matchAll(/(?<=['"`]|\] )\[(\d{1,3})\](?=['"` ])|\brow: (\d+)/g)].map(([, a, b]) =>
      Number(a ?? b),
    ),
  )
  const described = [...read('test/faults.md').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))
  expect([...new Set(tested)].sort((a, b) => a - b)).toEqual(described)
})

it('states what may be uploaded for which purpose', () => {
  const takes = (purposeName: string, filename: string, bytes: number) => {
    try {
      checkUpload({ purposeName, filename, bytes }, 1e9)
      return 'OK'
    } catch (error) {
      return error instanceof FileError ? error.code : error
    }
  }
  const rows = readTable('docs/files.md', 'purpose', 'extensions', 'at most')
  const all = new Set(rows.flatMap(([, endings = '']) => endings.match(/\b[a-z\d]{3,5}\b/g) ?? []))
  for (const word of ['all', 'these']) all.delete(word)
  for (const [names = '', endings = '', most = ''] of rows)
    for (const [, name = ''] of names.matchAll(/`([^`]+)`/g))
      for (const ending of endings.startsWith('all') ? all : endings.split(', ')) {
        const limit = most === '`UPLOAD_MAX_BYTES`' ? 1e9 : Number.parseInt(most, 10) * 1e6
        const found = [limit, limit + 1].map((bytes) => takes(name, `a.${ending.toUpperCase()}`, bytes))
        expect(found, `${name} ${ending}`).toEqual(['OK', 'FILE_TOO_LARGE'])
        expect(takes(name, `a.${ending}x`, 1)).toBe('UNSUPPORTED_FILE_FORMAT')
      }
  expect(all.size).toBeGreaterThan(15)
  expect(takes('dreams', 'a.dream', 1e9)).toBe('OK')
})
