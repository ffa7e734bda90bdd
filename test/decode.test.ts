// Whatever an upstream may answer, the client makes a file or a failure of it. What must hold for every answer is
// stated as properties; what is known of ids and links, as examples.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '../src/client/answer.js'
import { toMeaning } from '../src/client/codes.js'
import { parseLink, parseLinkExpiry } from '../src/client/link.js'
import { readFile } from '../src/client/retrieve.js'
import { FileError } from '../src/errors.js'
import { type File, type FileId, parseFileId } from '../src/file.js'

const ID = '335560631603474' as FileId
const NOW_MS = Date.parse('2026-10-09T12:00:00Z')

type Asked = { id?: FileId; status?: number; headers?: Record<string, string>; allowHttp?: boolean }

function read(
  body: string,
  { id = ID, status = 200, headers = {}, allowHttp = false }: Asked = {},
): Reading<File> {
  const header = (name: string) => (Object.hasOwn(headers, name) ? headers[name] : undefined)
  return readFile({ status, header, body }, id, { allowHttp, nowMs: () => NOW_MS, notice() {} })
}

const fileOf = (reading: Reading<File>): File | undefined => ('value' in reading ? reading.value : undefined)

const statusOf = fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 }))
const headersOf = fc.dictionary(
  fc.constantFrom('content-type', 'retry-after', 'trace-id', 'minimax-request-id', '__proto__', 'x'),
  fc.oneof(fc.string(), fc.constantFrom('application/json', '5', '-1', 'a'.repeat(32), '0'.repeat(33))),
)

/** Sometimes what belongs there, sometimes anything. */
const mostly = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: value }, fc.jsonValue())
const secondsOf = fc.integer({ min: -1, max: 2 ** 41 })
const linkOf = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string().map((text) => `https://cdn.example/${text}`),
  secondsOf.map((seconds) => `https://cdn.example/a%2fb/it's?Expires=${seconds}&Signature=a+b/%2B`),
  fc
    .tuple(fc.string(), secondsOf)
    .map(([date, s]) => `https://a.example/?X-Amz-Date=${date}&X-Amz-Expires=${s}`),
  fc.constantFrom(
    'javascript:alert(1)',
    'http://a.example/x',
    'https://u:p@a.example/',
    'a.example/x',
    '//a/x',
  ),
)
const fileObject = fc.record(
  {
    file_id: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(Number(ID), ID) }, fc.jsonValue()),
    bytes: mostly(fc.oneof(fc.integer(), fc.double(), fc.bigInt().map(Number))),
    created_at: mostly(fc.oneof(fc.integer({ min: 0, max: 2 ** 33 }), fc.integer())),
    filename: mostly(fc.string({ unit: 'binary' })),
    purpose: mostly(fc.constantFrom('video_generation', 'new')),
    download_url: mostly(linkOf),
    backup_download_url: mostly(linkOf),
  },
  { requiredKeys: [] },
)
const baseResp = fc.record(
  {
    status_code: mostly(fc.constantFrom<unknown>(0, '0', 1000, 1002, 1004, 2013, 7777)),
    status_msg: mostly(fc.string()),
  },
  { requiredKeys: [] },
)
const envelopeObject = fc.record(
  {
    message: mostly(fc.string()),
    type: fc.jsonValue(),
    code: mostly(fc.constantFrom('', 'invalid_request', '2013')),
  },
  { requiredKeys: [] },
)
const answerObject = fc.record(
  { file: mostly(fileObject), base_resp: mostly(baseResp), error: mostly(envelopeObject) },
  { requiredKeys: ['file'] },
)
const json = fc.oneof(
  { weight: 3, arbitrary: answerObject.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.record({ file: fileObject }).map((value) => JSON.stringify(value)) },
  fc.json({ maxDepth: 8 }),
)
/** A thousand, or tens of thousands of arrays, each in the other. */
const deep = fc.constantFrom(1000, 30_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth))
const bodyOf = fc.oneof(
  { weight: 20, arbitrary: json },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 500 }) },
  {
    weight: 4,
    arbitrary: fc.tuple(json, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1))),
  },
  fc.string().map((text) => text.repeat(65_536).slice(0, 65_536)),
  deep.map((text) => `{"file":{"file_id":${ID},"filename":${text},"x":${text}}}`),
  deep.map((text) => `{"base_resp":{"status_code":1000,"status_msg":${text}}}`),
  deep.map((text) => `{"error":{"code":${text},"message":${text}}}`),
)

const answers = fc.tuple(bodyOf, statusOf, headersOf, fc.boolean())

/** Each answer as the client reads it. */
function forAll(
  check: (reading: Reading<File>, body: string, asked: Required<Omit<Asked, 'id'>>) => void,
): void {
  fc.assert(
    fc.property(answers, ([body, status, headers, allowHttp]) => {
      const asked = { status, headers, allowHttp }
      check(read(body, asked), body, asked)
    }),
    { numRuns: 1000 },
  )
}

it.each([
  ['0', null],
  ['1', 1],
  ['9007199254740991', 2 ** 53 - 1],
  ['9007199254740992', null],
  ['-1', null],
  ['1.5', null],
  ['"12"', 12],
  ['"12.5"', null],
  ['"12 MB"', null],
  ['"0x12"', null],
  ['""', null],
  ['" "', null],
  ['12.0', 12],
  ['1.2e1', 12],
  ['"9007199254740991"', 2 ** 53 - 1],
  ['"9007199254740993"', null],
  ['1e400', null],
])('reads a size of %s as %s', (raw, bytes) => {
  const body = `{"file":{"file_id":${ID},"bytes":${raw}},"base_resp":{"status_code":0}}`
  expect(fileOf(read(body))?.bytes).toBe(bytes)
})

describe('any answer at all', () => {
  it('is read as a file or as a failure, and never throws', () => {
    const seen = { files: 0, failures: 0 }
    forAll((reading) => {
      if ('value' in reading) seen.files++
      else {
        seen.failures++
        expect(reading.failure.error).toBeInstanceOf(FileError)
        expect([0, 1, 2]).toContain(reading.failure.retries)
      }
    })
    expect(Math.min(seen.files, seen.failures)).toBeGreaterThan(100)
  })

  it('gives a file of the id that was asked for, with fields that can be shown', () => {
    forAll((reading, body, { allowHttp, status }) => {
      const file = fileOf(reading)
      if (file === undefined) return
      expect([file.id, status < 300]).toEqual([ID, true])
      if (file.bytes !== null) expect(Number.isSafeInteger(file.bytes) && file.bytes > 0).toBe(true)
      if (file.createdAtMs !== null) {
        expect(file.createdAtMs).toBeGreaterThanOrEqual(Date.parse('2001-09-09T00:00:00Z'))
        expect(file.createdAtMs).toBeLessThanOrEqual(NOW_MS + 86_400_000)
      }
      for (const text of [file.filename, file.purposeName]) expect(text?.isWellFormed() ?? true).toBe(true)
      for (const link of [file.downloadUrl, file.backupDownloadUrl]) {
        if (link === null) continue
        expect(link).toMatch(allowHttp ? /^https?:/i : /^https:/i)
        const { download_url, backup_download_url } = JSON.parse(body).file
        expect([download_url, backup_download_url]).toContain(link)
      }
      for (const endMs of [file.downloadUrlExpiresAtMs, file.backupDownloadUrlExpiresAtMs]) {
        if (endMs !== null) expect(new Date(endMs).toISOString()).toMatch(/^\d{4}-/)
      }
    })
  })

  it('puts none of its words into an error', () => {
    const minimax = /^[0-9a-f]{32}$/i
    const cometapi = /^\d{23}[A-Za-z0-9]{8}$/
    forAll((reading) => {
      if ('value' in reading) return
      const { error } = reading.failure
      expect(error.message).toBe(new FileError(error.code).message)
      expect(error.cause).toBeUndefined()
      const { traceId, statusMessage } = error.upstream ?? {}
      if (traceId) expect(minimax.test(traceId) || cometapi.test(traceId)).toBe(true)
      if (statusMessage) expect(statusMessage).toMatch(/^[a-z][A-Za-z ]+$/)
    })
  })

  it('puts none of its words into an error, wherever they stand', () => {
    const marker = 'sk-MARKER<b>'
    const words = fc.constantFrom(marker, `invalid params, ${marker}`, `(request id: ${marker})`)
    const failing = fc.record({
      base_resp: fc.record({ status_code: fc.integer({ min: 1, max: 3000 }), status_msg: words }),
      error: fc.record({ message: words, type: words, code: words }),
      file: fc.record({ file_id: words, filename: words, download_url: words }),
    })
    const some = fc.tuple(failing, fc.subarray(['base_resp', 'error', 'file'] as const))
    fc.assert(
      fc.property(some, statusOf, words, ([parts, keys], status, header) => {
        const body = JSON.stringify(Object.fromEntries(keys.map((key) => [key, parts[key]])))
        const headers = { 'trace-id': header, 'minimax-request-id': header, 'retry-after': header }
        const reading = read(body, { status, headers })
        expect('failure' in reading).toBe(true)
        expect(JSON.stringify(reading) + ('failure' in reading && reading.failure.error.stack)).not.toContain(
          marker,
        )
      }),
    )
  })
})

it.each([
  ['1763477381', '2025-11-18T14:49:41.000Z'],
  ['"1763477381"', '2025-11-18T14:49:41.000Z'],
  ['1763477381.0', '2025-11-18T14:49:41.000Z'],
  ['1.763477381e9', '2025-11-18T14:49:41.000Z'],
  ['1763477381.25', '2025-11-18T14:49:41.250Z'],
  ['"1763477381.1234567"', '2025-11-18T14:49:41.123Z'],
  ['0.0', null],
  ['"1763477381000"', null],
  ['"soon"', null],
  ['1e400', null],
])('reads a time of %s as %s', (raw, time) => {
  const createdAtMs = fileOf(read(`{"file":{"file_id":${ID},"created_at":${raw}}}`))?.createdAtMs ?? null
  expect(createdAtMs === null ? null : new Date(createdAtMs).toISOString()).toBe(time)
})

it.each(['0', '"0"', '0.0', '"0.0"', '0e0', 'null', '""', '" "'])('takes the code %s for none', (raw) => {
  expect(fileOf(read(`{"file":{"file_id":${ID}},"base_resp":{"status_code":${raw}}}`))?.id).toBe(ID)
})

it.each([
  ['1008.0', 'UPSTREAM_INSUFFICIENT_BALANCE', 1008],
  ['"1008"', 'UPSTREAM_INSUFFICIENT_BALANCE', 1008],
  ['1.008e3', 'UPSTREAM_INSUFFICIENT_BALANCE', 1008],
  ['-7', 'UPSTREAM_ERROR', -7],
  ['1008.5', 'UPSTREAM_BAD_RESPONSE', null],
  ['1e9', 'UPSTREAM_BAD_RESPONSE', null],
  ['9007199254740993', 'UPSTREAM_BAD_RESPONSE', null],
  ['true', 'UPSTREAM_BAD_RESPONSE', null],
])('reads the code %s as %s', (raw, code, statusCode) => {
  const reading = read(`{"file":{"file_id":${ID}},"base_resp":{"status_code":${raw}}}`)
  expect('failure' in reading && reading.failure.error).toMatchObject({ code, upstream: { statusCode } })
})

describe('beside a good file', () => {
  const beside = (more: string, status = 200) =>
    read(`{"file":{"file_id":${ID}},"base_resp":{"status_code":0},${more}}`, { status })

  it.each([
    '"error":null',
    '"error":{}',
    '"error":""',
    '"error":[]',
    '"error":{"message":"","type":"","code":null}',
    '"error":{"message":" ","type":"","param":"","code":"0"}',
    '"error":{"code":0}',
    '"data":null',
    '"data":{"file":null}',
  ])('%s is no failure', (more) => {
    expect(fileOf(beside(more))?.id).toBe(ID)
  })

  it.each([
    '"error":{"message":"no"}',
    '"error":{"type":"comet_api_error"}',
    '"error":{"code":"who_knows"}',
    '"error":{"code":7}',
  ])('%s is one', (more) => {
    const reading = beside(more)
    expect('failure' in reading && reading.failure.error.code).toBe('UPSTREAM_ERROR')
  })

  it('an empty error is one where the status says so', () => {
    const reading = beside('"error":{"message":"","code":""}', 503)
    expect('failure' in reading && reading.failure.error.code).toBe('UPSTREAM_UNAVAILABLE')
  })
})

it('reads an answer that a gateway has put into data, its failure too', () => {
  const wrap = (text: string) => read(`{"code":0,"message":"ok","data":${text}}`)
  expect(fileOf(wrap(`{"file":{"file_id":${ID}},"base_resp":{"status_code":0}}`))?.id).toBe(ID)
  const failed = wrap('{"file":null,"base_resp":{"status_code":1008}}')
  expect('failure' in failed && failed.failure.error.code).toBe('UPSTREAM_INSUFFICIENT_BALANCE')
  const empty = wrap('{}')
  expect('failure' in empty && empty.failure.error.code).toBe('UPSTREAM_BAD_RESPONSE')
})

it.each([
  ['file not found', 'FILE_NOT_FOUND'],
  ['file not found (request id: 20260205132859798638387SIHCnxzJ)', 'FILE_NOT_FOUND'],
  ['File Not Found  (request id: ) ', 'FILE_NOT_FOUND'],
  ['file not found (request id: a) (request id: b)', 'UPSTREAM_INVALID_REQUEST'],
  ['file not found (request id: a) again)', 'UPSTREAM_INVALID_REQUEST'],
  ['(request id: a)', 'UPSTREAM_INVALID_REQUEST'],
  [')', 'UPSTREAM_INVALID_REQUEST'],
  ['(file not found)', 'UPSTREAM_INVALID_REQUEST'],
])('reads the words %j as %s', (text, code) => {
  expect(toMeaning(2013, text)?.code).toBe(code)
})

it('does not read the words of a request id', () => {
  expect(toMeaning(1004, '(request id: token not match group)')?.code).toBe('UPSTREAM_UNAUTHENTICATED')
})

describe('an id', () => {
  const reads = (raw: string, id: string) =>
    fileOf(read(`{"file":{"file_id":${raw}}}`, { id: id as FileId }))?.id

  it.each(['1', '335560631603474', '9007199254740993', '9223372036854775807'])(
    '%s is read exactly, as a number and as a string',
    (id) => {
      expect(parseFileId(id)).toBe(id)
      expect([reads(id, id), reads(`"${id}"`, id)]).toEqual([id, id])
    },
  )

  it.each([
    ['9007199254740993', '9007199254740992'],
    ['9223372036854775807', '9223372036854775806'],
    ['335560631603474', '335560631603475'],
  ])('%s is not taken for %s', (raw, id) => {
    expect([reads(raw, id), reads(`"${raw}"`, id)]).toEqual([undefined, undefined])
  })

  // The id asked for is what a careless reader would make of the raw one.
  it.each([
    ['9223372036854775808', '9223372036854775807'],
    ['-1', '1'],
    ['1e3', '1000'],
    ['1000.0', '1000'],
    ['"1e3"', '1000'],
    ['007', '7'],
    ['"007"', '7'],
    ['"+7"', '7'],
    ['" 7"', '7'],
    ['"0x7"', '7'],
    ['[7]', '7'],
  ])('written as %s is refused', (raw, id) => {
    expect(reads(raw, id)).toBeUndefined()
  })
})

describe('a link', () => {
  it.each([
    'https://public-cdn.oss-cn-wulanchabu.aliyuncs.com/inference_output%2Fvideo%2Fa.mp4?Expires=1763510682&Signature=a%2Bb%3D',
    "https://cdn.example/it's%27.mp4",
    'https://cdn.example/a?x=1+2&y=%20',
    'https://cdn.example/%aB%Cd/%e6%96%87',
    'https://cdn.example/a/../b//c?&&=',
    'HTTPS://CDN.example:443/A',
    'https://video-product.cdn.minimax.io/output.mp4',
    'https://bücher.example/é.mp4',
    'https://1.2.3.4/a',
    'https://[2001:db8::1]/a',
    'https://localhost/a',
  ])('is kept byte for byte: %s', (link) => {
    expect(parseLink(link, { allowHttp: false })).toBe(link)
  })

  it('by http is kept only where the upstream is on this machine', () => {
    const link = 'http://127.0.0.1:4100/objects/a'
    expect([true, false].map((allowHttp) => parseLink(link, { allowHttp }))).toEqual([link, null])
  })

  it.each<[string, unknown]>([
    ['javascript:', 'javascript:alert(1)'],
    ['data:', 'data:text/html,x'],
    ['file:', 'file:///etc/passwd'],
    ['no scheme', 'cdn.example/a'],
    ['an inherited scheme', '//cdn.example/a'],
    ['no host', 'https://'],
    ['no slashes', 'https:cdn.example/a'],
    ['backslashes', 'https:\\\\cdn.example/a'],
    ['a backslash', 'https://cdn.example\\@evil.example/a'],
    ['a lone surrogate', 'https://cdn.example/\ud800'],
    ['a megabyte', `https://cdn.example/${'a'.repeat(2 ** 20)}`],
    ['a line break', 'https://cdn.example/a\nb'],
    ['a tab in its scheme', 'ht\ttps://cdn.example/a'],
    ['a blank before it', ' https://cdn.example/a'],
    ['a NUL', 'https://cdn.example/a\u0000'],
    ['a user', 'https://user@cdn.example/a'],
    ['a password', 'https://:pw@cdn.example/a'],
    ['no text', ''],
    ['a number', 7],
  ])('with %s is none', (_, link) => {
    expect(parseLink(link, { allowHttp: true })).toBeNull()
  })
})

/** The URL parser's own word on every link, however plain. */
function isFitByUrl(link: string): boolean {
  if (!/^https:\/\/[^\\]+$/i.test(link) || /[\s\u007f-\u00a0]/.test(link) || /\p{Cc}/u.test(link))
    return false
  try {
    const { username, password } = new URL(link)
    return link.isWellFormed() && username === '' && password === ''
  } catch {
    return false
  }
}

describe('any link', () => {
  const label = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9-]{1,6}$/),
    fc.constantFrom('xn--', 'XN--a', 'xn--bcher-kva', '0x10', '1', '256', '-', 'a', '', 'é', '%41', '[::1]'),
  )
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'))
  const tail = fc.string({ unit: fc.constantFrom(...'/?#&=%@:\\ ab1.~[]{}|^`"<>\u0000é\t') })
  const link = fc
    .tuple(
      fc.constantFrom('https://', 'HTTPS://', 'https:/', 'http://', ''),
      host,
      fc.constantFrom('', '/', '?', '#', ':443/', ':/', '.', '@'),
      tail,
    )
    .map((parts) => parts.join(''))

  it('is taken just where the URL parser, which is not asked for the plain ones, would take it', () => {
    fc.assert(
      fc.property(fc.oneof(link, fc.webUrl({ withQueryParameters: true, withFragments: true })), (text) => {
        expect(parseLink(text, { allowHttp: false })).toBe(isFitByUrl(text) ? text : null)
      }),
      { numRuns: 5000 },
    )
  })

  it('ends when its parameters, as the URL parser cuts them, say so', () => {
    const name = fc.constantFrom(
      'Expires',
      'EXPIRES',
      'Exp%69res',
      'X-Amz-Date',
      'x-amz-expires',
      'se',
      't',
      'sign',
      'a',
      '',
      '+',
      '%',
    )
    const value = fc.constantFrom(
      '1763510682',
      '17635106%382',
      '1763599999',
      '20251118T144941Z',
      '60',
      '2025-11-18T14%3A49Z',
      '2025-11-18',
      'a+b',
      '%zz',
      '%C3',
      '=',
      '?',
      'é',
      '',
    )
    const pair = fc.oneof(
      fc.tuple(name, value).map((parts) => parts.join('=')),
      name,
      value,
    )
    const query = fc.array(pair, { maxLength: 6 }).map((pairs) => pairs.join('&'))
    fc.assert(
      fc.property(
        fc.constantFrom('', '?', '#', '#?', '??'),
        query,
        fc.constantFrom('', '#a', '#?Expires=1111111111'),
        (start, text, end) => {
          const given = `https://cdn.example/a${start}${text}${end}`
          const cut = new URLSearchParams([...new URL(given).searchParams])
          expect(parseLinkExpiry(given)).toBe(parseLinkExpiry(`https://cdn.example/a?${cut}`))
        },
      ),
      { numRuns: 5000 },
    )
  })
})

describe('the end of a link', () => {
  const at = (query: string) => {
    const endMs = parseLinkExpiry(`https://cdn.example/a?${query}`)
    return endMs === null ? null : new Date(endMs).toISOString()
  }
  const policy = (...times: readonly string[]) => {
    const statements = times.map((time) => `{"Resource":"https://*","Condition":{${time}}}`)
    const base64 = Buffer.from(`{"Statement":[${statements}]}`).toString('base64')
    return `Policy=${base64.replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~')}&Key-Pair-Id=a`
  }
  const until = (seconds: number) => `"DateLessThan":{"AWS:EpochTime":${seconds}}`
  const OSS_V4 = 'x-oss-date=20251118T144941Z&x-oss-expires=3600'
  const S3 = 'X-Amz-Date=20251118T144941Z&X-Amz-Expires=60'

  it.each([
    ['OSS V1', 'Expires=1763510682&OSSAccessKeyId=a&Signature=b', '2025-11-19T00:04:42.000Z'],
    ['OSS V4', OSS_V4, '2025-11-18T15:49:41.000Z'],
    ['S3 V4', S3, '2025-11-18T14:50:41.000Z'],
    ['mixed case', 'eXpIrEs=1763510682', '2025-11-19T00:04:42.000Z'],
    ['mixed case', 'X-OSS-Date=20251118T144941Z&X-Oss-EXPIRES=3600', '2025-11-18T15:49:41.000Z'],
    ['Google V4', 'X-Goog-Date=20251118T144941Z&X-Goog-Expires=3600', '2025-11-18T15:49:41.000Z'],
    ['Volcengine', 'X-Tos-Date=20251118T144941Z&X-Tos-Expires=3600', '2025-11-18T15:49:41.000Z'],
    ['Alibaba CDN A', 'auth_key=1763510682-0-0-0123456789abcdef0123456789abcdef', '2025-11-19T00:04:42.000Z'],
    ['Alibaba CDN C', 'KEY1=0123456789abcdef&KEY2=691D08DA', '2025-11-19T00:01:30.000Z'],
    ['Tencent CDN A', 'sign=1763510682-abc-0-0123456789abcdef', '2025-11-19T00:04:42.000Z'],
    ['Tencent CDN D', 'sign=0123456789abcdef&t=691d08da', '2025-11-19T00:01:30.000Z'],
    [
      'Tencent COS',
      'q-sign-time=1763477381;1763510682&q-key-time=1763477381;1763599999',
      '2025-11-19T00:04:42.000Z',
    ],
    ['Tencent COS', 'q-key-time=1763477381%3B1763510682', '2025-11-19T00:04:42.000Z'],
    [
      'Azure',
      'sv=2024-11-04&st=2025-11-18T00%3A00%3A00Z&se=2025-11-18T14%3A49%3A41Z&sig=a',
      '2025-11-18T14:49:41.000Z',
    ],
    ['Azure', 'se=2025-11-18T14:49Z', '2025-11-18T14:49:00.000Z'],
    ['Azure', 'se=2025-11-18T14:49:41.1234567+08:00', '2025-11-18T06:49:41.123Z'],
    ['Azure', 'se=2025-11-18', '2025-11-18T00:00:00.000Z'],
    ['CloudFront', 'Expires=1763510682&Signature=a&Key-Pair-Id=b', '2025-11-19T00:04:42.000Z'],
    ['CloudFront', policy(until(1763510682)), '2025-11-19T00:04:42.000Z'],
    [
      'CloudFront',
      policy(`"DateGreaterThan":{"AWS:EpochTime":1763477381},${until(1763510682)}`),
      '2025-11-19T00:04:42.000Z',
    ],
    ['CloudFront', policy(until(1763599999), until(1763510682)), '2025-11-19T00:04:42.000Z'],
    ['CloudFront', policy(until(17635106820)), '2528-11-01T00:47:00.000Z'],
    ['Akamai', 'hdnts=st=1763477381~exp=1763510682~acl=/*~hmac=a', '2025-11-19T00:04:42.000Z'],
    ['Akamai', 'token=exp=1763510682~hmac=a', '2025-11-19T00:04:42.000Z'],
    [
      'Google Media CDN',
      'edge-cache-token=URLPrefix=a~Expires=1763510682~Signature=b',
      '2025-11-19T00:04:42.000Z',
    ],
    ['Fastly', 'token=1763510682_0123456789abcdef', '2025-11-19T00:04:42.000Z'],
    ['Wangsu', 'wsSecret=a&wsTime=1763510682', '2025-11-19T00:04:42.000Z'],
    ['Wangsu', 'wsSecret=a&wsTime=691d08da', '2025-11-19T00:01:30.000Z'],
    ['Qiniu', 'e=1763510682&token=a:b', '2025-11-19T00:04:42.000Z'],
    ['ByteDance', 'lk3s=a&x-expires=1763510682&x-signature=b', '2025-11-19T00:04:42.000Z'],
    ['Bunny', 'token=a&expires=1763510682', '2025-11-19T00:04:42.000Z'],
    ['Discord', 'ex=691d08da&is=691bb75a&hm=a', '2025-11-19T00:01:30.000Z'],
    ['others', 'deadline=1763510682', '2025-11-19T00:04:42.000Z'],
    ['several forms', `Expires=1763510682&${OSS_V4}&${S3}`, '2025-11-18T14:50:41.000Z'],
    ['one form twice', 'Expires=1763510682&expires=1763599999', '2025-11-19T00:04:42.000Z'],
    ['one good of two', `Expires=never&${OSS_V4}`, '2025-11-18T15:49:41.000Z'],
  ])('of the form %s is read: %s', (_, query, end) => {
    expect(at(query)).toBe(end)
  })

  it.each([
    '',
    'Expires=',
    'Expires=never',
    'Expires=-1763510682',
    'Expires=1763510682.5',
    'Expires=1763510682000',
    'Expires=3600',
    'NotExpires=1763510682',
    'e=1763510682',
    't=1763510682',
    'auth_key=1763510682',
    'q-sign-time=1763510682;',
    'se=2025-13-18T14:49:41Z',
    'se=20251118',
    'Policy=',
    'Policy=1763510682',
    policy('"DateGreaterThan":{"AWS:EpochTime":1763477381}'),
    'KEY2=691D08DA',
    'wsTime=691d08',
    'st=2025-11-18T14:49:41Z',
    'X-Goog-Date=20251118T144941Z&X-Amz-Expires=60',
    'x-oss-expires=3600',
    'x-oss-date=20251118T144941Z',
    'my-date=20251118T144941Z&my-expires=3600',
    'x-oss-date=20251118T144941Z&x-oss-seconds=3600',
    'x-oss-date=2025-11-18T14:49:41Z&x-oss-expires=3600',
    'x-oss-date=20251318T144941Z&x-oss-expires=3600',
    'x-oss-date=20251118T144941Z&x-oss-expires=1h',
    'X-Amz-Date=20251118T144941Z&x-oss-expires=3600',
  ])('is unknown for %s', (query) => {
    expect(at(query)).toBeNull()
  })
})
