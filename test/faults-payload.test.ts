// What goes wrong in what an answer says: one test per known fault, with the number of requests that it may cost. A
// whole answer may have been billed, so it is asked for once more at the most; one of a wrong shape, never.
import type { LookupFunction } from 'node:net'
import { expect, it } from 'vitest'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { expectOutcome, lookUp, startClient, startUncached, strike, VIDEO } from './helpers/faults.js'

const BAD = 'UPSTREAM_BAD_RESPONSE'
const MINIMAL = `{"file":{"file_id":${VIDEO}}`

/** A fresh server whose upstream answers so; one look-up of the video. */
const answering = (text: string, times = 9) => strike({ name: 'bad-json', text, times })

it('[33] asks once more for JSON that is cut off under a length that knows', async () => {
  expectOutcome(await strike({ name: 'truncate-json', times: 1 }), 'File', 2)
  expectOutcome(await strike({ name: 'truncate-json' }), BAD, 2)
})

it.each([
  ['[34]', 1004, 'UPSTREAM_UNAUTHENTICATED', null],
  ['[34]', 2049, 'UPSTREAM_UNAUTHENTICATED', null],
  ['[35]', 1002, 'UPSTREAM_RATE_LIMITED', 60],
  ['[36]', 1008, 'UPSTREAM_INSUFFICIENT_BALANCE', null],
])('%s never repeats a request after %d', async (_, code, expected, retryAfterSeconds) => {
  const outcome = await strike({ name: 'base', code })
  expectOutcome(outcome, expected, 1)
  expect(outcome.result.retryAfterSeconds).toBe(retryAfterSeconds)
})

it.each([
  [1000, 'UPSTREAM_UNAVAILABLE'],
  [1001, 'UPSTREAM_TIMEOUT'],
  [1013, 'UPSTREAM_UNAVAILABLE'],
  [1024, 'UPSTREAM_UNAVAILABLE'],
  [1033, 'UPSTREAM_UNAVAILABLE'],
])('[37] asks once more after %d', async (code, expected) => {
  expectOutcome(await strike({ name: 'base', code, times: 1 }), 'File', 2)
  expectOutcome(await strike({ name: 'base', code }), expected, 2)
})

it.each([
  ['invalid params, file not found', 'FILE_NOT_FOUND'],
  ['invalid params, file_id must be an integer', 'UPSTREAM_INVALID_REQUEST'],
  ['file not found in another place', 'UPSTREAM_INVALID_REQUEST'],
  ['', 'UPSTREAM_INVALID_REQUEST'],
])('[38] takes 2013 with %j for %s, a file of zeros beside it or not', async (message, expected) => {
  for (const zeros of [true, false]) {
    expectOutcome(await strike({ name: 'base', code: 2013, message, zeros }), expected, 1)
  }
})

it('[38] lets a failure decide before a file that looks good', async () => {
  expectOutcome(
    await answering(`${MINIMAL},"base_resp":{"status_code":1008}}`),
    'UPSTREAM_INSUFFICIENT_BALANCE',
    1,
  )
})

it('[39] never repeats a request after a code that is new, and logs the code', async () => {
  const { app, ...outcome } = await strike({ name: 'base', code: 7777, message: 'PRIVATE' })
  expectOutcome(outcome, 'UPSTREAM_ERROR', 1)
  expect(outcome.result.upstream).toMatchObject({ statusCode: 7777, statusMessage: null })
  expect(app.logs.join('')).toContain('"statusCode":7777')
  expect(app.logs.join('')).not.toContain('PRIVATE')
})

it.each([
  ['"0"', 'File'],
  ['"1008"', 'UPSTREAM_INSUFFICIENT_BALANCE'],
  ['null', 'File'],
  ['0.0', 'File'],
  ['1008.0', 'UPSTREAM_INSUFFICIENT_BALANCE'],
  ['{}', BAD],
  ['"ok"', BAD],
  ['0.5', BAD],
])('[39] reads the code %s', async (raw, expected) => {
  expectOutcome(await answering(`${MINIMAL},"base_resp":{"status_code":${raw}}}`), expected, 1)
})

it.each([
  ['an object that cannot be text', '{"toString":1,"valueOf":1}'],
  ['arrays, each in the other', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['a number', '7'],
  ['null', 'null'],
])('[39] reads a code whose words are %s', async (_, raw) => {
  const base = `{"base_resp":{"status_code":2013,"status_msg":${raw}}}`
  expectOutcome(await answering(base), 'UPSTREAM_INVALID_REQUEST', 1)
})

it('[40] does without base_resp, but not without a file', async () => {
  expectOutcome(await strike({ name: 'no-base' }), 'File', 1)
  expectOutcome(await strike({ name: 'no-file' }), BAD, 1)
  expectOutcome(await strike({ name: 'no-file', value: null }), BAD, 1)
})

it.each(['[]', '"text"', '7', 'null', '{}', '{"file":[]}', '{"file":"x"}', '{"base_resp":[],"file":{}}'])(
  '[40] never repeats a request after a well-formed answer of another shape: %s',
  async (text) => {
    expectOutcome(await answering(text), BAD, 1)
  },
)

it.each([
  [200, '', 'UPSTREAM_ERROR'],
  [200, 'model_not_found', 'UPSTREAM_UNAVAILABLE'],
  [400, '', 'UPSTREAM_INVALID_REQUEST'],
  [401, '', 'UPSTREAM_UNAUTHENTICATED'],
  [422, '', 'UPSTREAM_ERROR'],
])("[41] reads a gateway's envelope under %d with the code %j", async (status, code, expected) => {
  const { app, ...outcome } = await strike({ name: 'envelope', status, code, message: 'PRIVATE' })
  expectOutcome(outcome, expected, 1)
  expect(JSON.stringify(outcome.result) + app.logs.join('')).not.toContain('PRIVATE')
})

/** Fields of `file`, what becomes of them, and JSON that is not what they hold. */
const fields: readonly [field: string, shownAs: readonly string[], wrong: readonly string[]][] = [
  ['filename', ['filename'], ['7', 'true', `"${'x'.repeat(5000)}"`]],
  ['bytes', ['bytes'], ['"5896337 B"', 'true']],
  ['created_at', ['createdAt'], ['"2025-11-18T14:49:41Z"', 'true']],
  ['purpose', ['purpose', 'purposeName'], ['7', 'false', `"${'x'.repeat(5000)}"`]],
  ['download_url', ['downloadUrl', 'downloadUrlExpiresAt'], ['7', 'true']],
  ['backup_download_url', ['backupDownloadUrl'], ['7', 'true']],
]
const BACKUP = '301464006656007'

/** One server; each raw value in turn takes the field's place. Nothing but the field may be missing. */
async function expectOnlyNull(
  field: string,
  shownAs: readonly string[],
  raws: readonly (string | undefined)[],
) {
  const app = await startUncached()
  const { result: whole } = await lookUp(app, BACKUP)
  const nulls = Object.fromEntries(shownAs.map((name) => [name, null]))
  for (const raw of raws) {
    app.sandbox.fault({ name: 'field', field, times: 1, ...(raw !== undefined && { raw }) })
    const outcome = await lookUp(app, BACKUP)
    expectOutcome(outcome, 'File', 1)
    // Links and their ends are new each time.
    const anew = { downloadUrl: expect.any(String), backupDownloadUrl: expect.any(String) }
    const expected = { ...whole, ...anew, downloadUrlExpiresAt: expect.any(String), ...nulls }
    expect(outcome.result, `${field}: ${raw}`).toEqual(expected)
  }
}

it.each(fields)('[42] does without %s', async (field, shownAs) => {
  await expectOnlyNull(field, shownAs, [undefined, 'null'])
})

it.each(fields)('[43] makes nothing of a %s of another type', async (field, shownAs, wrong) => {
  await expectOnlyNull(field, shownAs, [...wrong, '[]', '["a"]', '{}', '{"a":{"b":1}}'])
})

it.each([undefined, 'null', 'true', '[]', '{}', `[${VIDEO}]`])('[43] refuses an id of %s', async (raw) => {
  const { app, ...outcome } = await strike({ name: 'field', field: 'file_id', ...(raw && { raw }) })
  expectOutcome(outcome, BAD, 1)
  expect(app.logs.join('')).toContain('file.file_id')
})

it.each(['9007199254740993', '9223372036854775807'])('[44] reads the id %s exactly', async (id) => {
  const app = await startUncached()
  expectOutcome(await lookUp(app, id), 'File', 1)
  app.sandbox.fault({ name: 'field', field: 'file_id', raw: `"${id}"` })
  expectOutcome(await lookUp(app, id), 'File', 1)
})

it.each(['9223372036854775808', '-437030092800001', '4.37030092800001e14', `"0${VIDEO}"`, `${VIDEO}.0`])(
  '[44] refuses the id %s',
  async (raw) => {
    expectOutcome(await strike({ name: 'field', field: 'file_id', raw }), BAD, 1)
  },
)

it('[45] refuses an answer for another file', async () => {
  const { app, ...outcome } = await strike({ name: 'swap-id', times: 1 })
  expectOutcome(outcome, BAD, 1)
  expectOutcome(await lookUp(app, '9007199254740993'), 'File', 1)
})

it.each([
  ['bytes', '0', null],
  ['bytes', '-1', null],
  ['bytes', '1.5', null],
  ['bytes', '1e3', 1000],
  ['bytes', '"5896337"', 5_896_337],
  ['bytes', '5896337.0', 5_896_337],
  ['bytes', '1000000000000000000', null],
  ['bytes', '4294967296', 4_294_967_296],
  ['created_at', '1763477381', '2025-11-18T14:49:41.000Z'],
  ['created_at', '"1763477381"', '2025-11-18T14:49:41.000Z'],
  ['created_at', '1763477381.25', '2025-11-18T14:49:41.250Z'],
  ['created_at', '1763477381000', null],
  ['created_at', '0', null],
  ['created_at', '-1', null],
  ['created_at', '253402300799', null],
])('[46] [47] reads %s %s as %j', async (field, raw, expected) => {
  const outcome = await strike({ name: 'field', field, raw })
  expectOutcome(outcome, 'File', 1)
  expect(outcome.result[field === 'bytes' ? 'bytes' : 'createdAt']).toBe(expected)
})

it.each([
  ['no scheme', 'cdn.minimax.io/a.mp4'],
  ['an inherited scheme', '//cdn.minimax.io/a.mp4'],
  ['javascript:', 'javascript:alert(1)'],
  ['file:', 'file:///etc/passwd'],
  ['data:', 'data:text/html,x'],
  ['ftp:', 'ftp://cdn.minimax.io/a.mp4'],
  ['no text', ''],
  ['900 KB', `https://cdn.minimax.io/${'a'.repeat(900_000)}`],
])('[48] hands out no link with %s', async (_, link) => {
  const { app, ...outcome } = await strike({
    name: 'field',
    field: 'download_url',
    raw: JSON.stringify(link),
  })
  expectOutcome(outcome, 'File', 1)
  expect(outcome.result.downloadUrl).toBeNull()
  expect(app.logs.join('').includes('file.download_url')).toBe(link !== '')
})

it('[48] hands out no http link of an upstream that is elsewhere', async () => {
  const sandbox = await createSandbox()
  sandbox.fault({ name: 'field', field: 'download_url', raw: '"http://cdn.minimax.io/a.mp4"' })
  const lookup: LookupFunction = (_, options, callback) =>
    options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)
  const { port } = new URL(sandbox.url)
  const { file } = await startClient(`http://peer.test:${port}`, { connect: { lookup } }).ask()
  await sandbox.close()
  expect(file).toMatchObject({ id: VIDEO, downloadUrl: null })
})

it('[49] ignores ten thousand fields that nobody knows', async () => {
  expectOutcome(await strike({ name: 'extra' }), 'File', 1)
})

it('[50] is not poisoned by keys that name a prototype', async () => {
  const outcome = await strike({ name: 'proto' })
  expectOutcome(outcome, 'File', 1)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  expect(JSON.stringify(outcome.result)).not.toContain('polluted')
})

it('[51] lives through a hundred thousand arrays, each in the other', async () => {
  const { app, ...outcome } = await strike({ name: 'deep', times: 1 })
  expectOutcome(outcome, 'File', 1)
  expectOutcome(await lookUp(app), 'File', 1)
})

it.each([
  ['bom', 'output_aigc.mp4'],
  ['invalid-utf8', '\ufffd\ufffdoutput_aigc.mp4'],
  ['lone-surrogate', '\ufffd.mp4'],
] as const)('[52] reads an answer with %s', async (as, filename) => {
  const outcome = await strike({ name: 'encoding', as })
  expectOutcome(outcome, 'File', 1)
  expect(outcome.result.filename).toBe(filename)
})

it('[52] takes UTF-16 for no JSON', async () => {
  expectOutcome(await strike({ name: 'encoding', as: 'utf16' }), BAD, 2)
})

it.each([`${MINIMAL},"x":NaN}`, `${MINIMAL},}`, `{"file":{"file_id":007}}`, `{'file':{}}`, `${MINIMAL}}}`])(
  '[53] asks once more for what is no JSON: %s',
  async (text) => {
    expectOutcome(await answering(text), BAD, 2)
    expectOutcome(await answering(text, 1), 'File', 2)
  },
)

it('[53] takes the last of two fields of one name', async () => {
  expectOutcome(await answering(`{"file":{"file_id":1,"file_id":${VIDEO}}}`), 'File', 1)
})
