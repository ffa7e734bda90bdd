import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeEntry, type Entry, encodeEntry, MAX_ENTRY_BYTES, toPrefix } from '../src/cache/entry.js'
import { FileError } from '../src/errors.js'
import { createFile, toId } from './helpers/source.js'

const id = toId('437030092800001')
const options = { id, isLink: (link: string) => link.startsWith('https://') }
const times = { freshUntilMs: 1_000, staleUntilMs: 5_000 }
const LINK = 'https://cdn.example/a.mp4?Expires=1'

const whole: Entry = {
  answer: createFile(id, {
    filename: 'a"\\名\u0001.mp4',
    bytes: 1,
    createdAtMs: 2,
    purposeName: 'retrieval',
    downloadUrl: LINK,
    downloadUrlExpiresAtMs: 3,
    backupDownloadUrl: `${LINK}&b`,
    backupDownloadUrlExpiresAtMs: 4,
  }),
  ...times,
}
const upstream = { httpStatus: 200, statusCode: 2013, statusMessage: 'file not found', traceId: 'a1' }
const missing: Entry = { answer: new FileError('FILE_NOT_FOUND', { upstream, learnt: true }), ...times }

describe('an entry comes back as it was', () => {
  it.each([
    ['a file', whole],
    ['a file of which nothing is known', { answer: createFile(id), ...times }],
    ['"no such file"', missing],
    ['a failure without details', { answer: new FileError('UPSTREAM_TIMEOUT', { learnt: true }), ...times }],
    [
      'a failure that passes',
      { answer: new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 60, learnt: true }), ...times },
    ],
  ] satisfies [string, Entry][])('%s', (_, entry) => {
    expect(decodeEntry(encodeEntry(entry), options)).toEqual(entry)
  })

  it('whatever the texts in it are', () => {
    const text = fc.option(fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(text, text, fc.maxSafeNat(), (filename, purposeName, bytes) => {
        const entry = { answer: createFile(id, { filename, purposeName, bytes }), ...times }
        expect(decodeEntry(encodeEntry(entry), options)).toEqual(entry)
      }),
    )
  })

  it('within the bound, at the greatest length of everything', () => {
    const link = `https://${'名'.repeat(8184)}`
    const answer = createFile(id, {
      filename: '\u0001'.repeat(4096),
      purposeName: '\u0001'.repeat(64),
      downloadUrl: link,
      backupDownloadUrl: link,
    })
    expect(Buffer.byteLength(encodeEntry({ answer, ...times }))).toBeLessThan(MAX_ENTRY_BYTES)
  })
})

/** The JSON of the whole entry with some of it replaced. */
const withEntry = (fields: object) => JSON.stringify({ ...JSON.parse(encodeEntry(whole)), ...fields })
const withFile = (fields: object) => withEntry({ file: { ...whole.answer, ...fields } })
const withError = (fields: object) =>
  JSON.stringify({ ...JSON.parse(encodeEntry(missing)), error: { code: 'FILE_NOT_FOUND', ...fields } })

it.each([
  ['nothing', ''],
  ['half of one', encodeEntry(whole).slice(0, -20)],
  ['a number', '42'],
  ['null', 'null'],
  ['a list', '[]'],
  ['HTML', '<html>'],
  ['no version', withEntry({ v: undefined })],
  ['another version', withEntry({ v: 2 })],
  ['a version as text', withEntry({ v: '1' })],
  ['no time', withEntry({ freshUntilMs: undefined })],
  ['a time as text', withEntry({ staleUntilMs: '5000' })],
  ['a time before 1970', withEntry({ freshUntilMs: -1 })],
  ['a time that is no integer', withEntry({ freshUntilMs: 1000.5, staleMs: 3999.5 })],
  ['stale before it is fresh', withEntry({ freshUntilMs: 6000, staleMs: -1000 })],
  ['times that do not agree', withEntry({ staleMs: 1 })],
  ['no answer', withEntry({ file: undefined })],
  ['a file that is none', withEntry({ file: 'a' })],
  ['another file', withFile({ id: '437030092800002' })],
  ['an id as a number', withFile({ id: 437030092800001.5 })],
  ['a name that is none', withFile({ filename: 1 })],
  ['a name that is not text', `${withFile({ filename: '@' }).replace('"@"', '"\\ud800"')}`],
  ['a field left out', withFile({ purposeName: undefined })],
  ['a size that is none', withFile({ bytes: -1 })],
  ['a link that may not be handed out', withFile({ downloadUrl: 'http://cdn.example/a.mp4' })],
  ['a backup link that may not be handed out', withFile({ backupDownloadUrl: 'javascript:alert(1)' })],
  ['a link that is none', withFile({ downloadUrl: {} })],
  ['a code that is none', withError({ code: 'toString', retryAfterSeconds: null, upstream: null })],
  ['an error without its details', withError({})],
  ['a wait that is none', withError({ retryAfterSeconds: '1', upstream: null })],
  ['an upstream that is none', withError({ retryAfterSeconds: null, upstream: 1 })],
])('[59] takes %s for no entry', (_, text) => {
  expect(decodeEntry(text, options)).toBeUndefined()
})

it('[59] takes nothing else for an entry, and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(decodeEntry(text, options)).toBeUndefined()
    }),
  )
})

it('passes nothing on that is not of a file', () => {
  const text = encodeEntry(whole).replace('"filename"', '"__proto__":{"x":1},"extra":1,"filename"')
  const decoded = decodeEntry(text, options)?.answer
  expect(Object.keys(decoded ?? {})).toEqual(Object.keys(whole.answer))
  expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
})

it('[68] gives another prefix for another address, dialect or key, and shows none of them', () => {
  const parts = ['https://api.example/', { kind: 'cometapi', model: 'm' }, 'sk-SENTINEL']
  const prefixes = [
    parts,
    ['https://api.example/v2', ...parts.slice(1)],
    [parts[0], { kind: 'cometapi', model: 'n' }, parts[2]],
    [...parts.slice(0, 2), 'sk-SENTINEL2'],
  ].map((each) => toPrefix(...each))
  expect(new Set(prefixes).size).toBe(4)
  expect(prefixes[0]).toBe(toPrefix(...parts))
  for (const prefix of prefixes) expect(prefix).toMatch(/^mff:1:[0-9a-f]{32}$/)
})
