// Text from outside is read in a time that grows with its length and no faster: each reader against the worst texts of
// the full size that it may get, then the whole server against them.
import { GraphQLError } from 'graphql'
import { describe, expect, it } from 'vitest'
import { decodeEntry, MAX_ENTRY_BYTES } from '../src/cache/entry.js'
import { toMeaning } from '../src/client/codes.js'
import { parseLink, parseLinkExpiry } from '../src/client/link.js'
import { readFile } from '../src/client/retrieve.js'
import { type FileId, parseFileId } from '../src/file.js'
import { chooseMediaType } from '../src/graphql/media.js'
import { withoutBlankParameters } from '../src/graphql/message.js'
import { reword } from '../src/graphql/wording.js'
import { createAccess } from '../src/http/access.js'
import { isPlain } from '../src/http/plain.js'
import { createLog } from '../src/log.js'
import { parseExactJson } from '../src/wire/json.js'
import { parseLongJson } from '../src/wire/long-json.js'
import { parseRetryAfter } from '../src/wire/retry.js'
import { startApp } from './helpers/app.js'
import { leastOf, measureCpuMs, measureLongestTurnMs } from './helpers/cpu.js'
import { VIDEO } from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { converse } from './helpers/sandbox-peer.js'

const KiB = 1024
const MiB = 1024 * KiB
const ENOUGH_MS = 50

/** So many characters, made of the unit over and over. */
const fill = (unit: string, size: number) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)

/** The CPU that it takes, whether it succeeds or is refused. */
function measureMs(run: () => unknown): Promise<number> {
  const attempt = async () => {
    try {
      await run()
    } catch {} // refused, which is as good
  }
  return leastOf(5, ENOUGH_MS, () => measureCpuMs(attempt))
}

/**
 * Done within 50 ms of CPU. A machine that is busy enough makes that longer, so what took longer must at least have
 * grown with the size: eight times the text, far less than the 64 times that a square would be. The smaller one goes
 * first, lest a failure take minutes.
 */
async function expectLinear(read: (size: number) => () => unknown, size: number): Promise<void> {
  const eighthMs = await measureMs(read(size / 8))
  expect(eighthMs).toBeLessThan(4 * ENOUGH_MS)
  const tookMs = await measureMs(read(size))
  if (tookMs >= ENOUGH_MS) expect(tookMs / Math.max(eighthMs, 1), `${tookMs} ms`).toBeLessThan(24)
}

/** How a text of any size is made: what stands at its start, what is said over and over, and how it ends. */
type Text = readonly [start: string, unit: string, end: string]

const texts = (...all: readonly Text[]) => all
const toText = ([start, unit, end]: Text, size: number) => start + fill(unit, size) + end

/** What patterns are usually slow at, wherever it stands. */
const usual = texts(
  ['', ' ', 'x'],
  ['', '\t', ''],
  ['', '7', ''],
  ['', '-', ''],
  ['', '.', 'x'],
  ['', '/', 'x'],
  ['', '"', ''],
  ['"', '\\"', ''],
  ['', '"\\', ''],
  ['', ',', ''],
  ['', ', ', ''],
  ['', ';', ''],
  ['', '; ', ''],
  ['', ';a="', ''],
  ['', ';=', ''],
  ['', '%', ''],
  ['', '&', ''],
  ['', 'a=', ''],
  ['', '(', ''],
  ['', ')', ''],
  ['', 'é', ''],
)

const readAs = (body: string, headers: Readonly<Record<string, string>> = {}) =>
  readFile({ status: 200, header: (name) => headers[name], body }, VIDEO as FileId, {
    allowHttp: false,
    nowMs: () => 0,
    notice() {},
  })
const inBase = (text: string) => `{"base_resp":{"status_code":2013,"status_msg":${JSON.stringify(text)}}}`
const inError = (text: string) =>
  `{"error":{"message":${JSON.stringify(text)},"code":${JSON.stringify(text)}}}`
const inFile = (text: string) => {
  const names = ['bytes', 'created_at', 'filename', 'purpose', 'download_url', 'backup_download_url']
  const part = JSON.stringify(text.slice(0, text.length / names.length))
  return `{"file":{"file_id":${VIDEO}${names.map((name) => `,"${name}":${part}`).join('')}}}`
}
const inQuery = (text: string) => `https://cdn.example/a?${text}`
const access = await createAccess(
  { tokens: [{ reveal: () => 'token' }], readTokens: [] },
  { monotonicMs: () => 0, notice() {}, fetch },
)
const log = createLog('info', { write() {} })
const entry = (text: string) =>
  `{"v":1,"staleMs":0,"freshUntilMs":0,"staleUntilMs":0,"file":${JSON.stringify(text)}}`

const ids = texts(
  ['', '(request id: ', ''],
  ['', '(request id: ', ')'],
  ['', '(request id: a)', ''],
  ['file not found', ' ', ')'],
  ['file not found (request id: ', ' ', ')'],
  ['(request id: ', '1', ')'],
)
const links = texts(
  ['', 'a.', ''],
  ['', 'a-', '/'],
  ['', 'xn--', ''],
  ['', '@', ''],
  ['', '[', ''],
  ['a.b/', '../', ''],
  ['a.b/', '\\', ''],
)
const queries = texts(
  ['', 'a&', ''],
  ['', 'e=1&', ''],
  ['', 't=1&sign&', ''],
  ['', 'expires=1763510682&', ''],
  ['', 'x-a-date=20251118T144941Z&', 'x-a-expires=1'],
  ['', 'x-a-expires=1&', ''],
  ['', '%65xpires=%31&', ''],
  ['policy=', '_', 'x'],
  ['policy=', Buffer.from('"DateLessThan" ').toString('base64'), ''],
  ['policy=', Buffer.from('"DateLessThan":{ ').toString('base64'), ''],
  ['token=', '~exp=', ''],
  ['token=', '~exp=1763510682', ''],
  ['se=', '2025-11-18T', ''],
  ['q-sign-time=', ';', ''],
)
const ranges = texts(
  ['', '*/*,', ''],
  ['', '*/*;q=0.1,', ''],
  ['', 'application/json;v=1,', ''],
  ['application/json', ';q=1', ''],
  ['application/json;q=0.', '9', ''],
  ['application/json;', ' ', 'q=1'],
  ['application/json;q=', ' ', ''],
)
const types = texts(
  ['application/json', ' ', ';a'],
  ['application/json;', ' ', 'charset=utf-8'],
  ['application/json', ';charset', ''],
  ['application/json; charset', ' ', '='],
)
const jsons = texts(
  ['"', '\\', ''],
  ['"', '\\\\\\"', ''],
  ['"', '\\\\', '"'],
  ['', '1.5"', ''],
  ['', '1.', ''],
  ['', '1e', ''],
  ['1.5', ' ', ''],
  ['[', '1.5,', '0]'],
  ['[', '1.5   ,', '0]'],
  ['[', '9007199254740993,', '0]'],
  ['[', '1,', '0]'],
  ['[', '"1.5",1.5,', '0]'],
  ['', '[', ''],
  ['', '{"a":', ''],
  ['{', '"variables":1.5,', '"a":1}'],
  ['{', '"variables" ', ''],
  ['{"variables":[', '{"id":1.0},', '0]}'],
)

/** Whoever reads text from outside, how much of it there may be, and what is worst for it beside the usual. */
const readers: readonly [
  name: string,
  size: number,
  read: (text: string) => unknown,
  worst: readonly Text[],
][] = [
  ['exact JSON', MiB, (text) => parseExactJson(text), jsons],
  ['exact JSON under one member', MiB, (text) => parseExactJson(text, 'variables'), jsons],
  ['an id', MiB, parseFileId, []],
  ['the meaning of a code', MiB, (text) => toMeaning(2013, text), ids],
  ['an answer’s words', MiB, (text) => readAs(inBase(text)), ids],
  ['an envelope', MiB, (text) => readAs(inError(text)), ids],
  ['a file', MiB, (text) => readAs(inFile(text)), links],
  ['an answer', MiB, readAs, jsons],
  [
    'an answer’s headers',
    16 * KiB,
    (text) => readAs(`{"file":{"file_id":${VIDEO}}}`, { 'content-type': text, 'trace-id': text }),
    [...types, ['application/', 'a.', ''], ['application/', 'a+', 'json']],
  ],
  ['Retry-After', 16 * KiB, (text) => parseRetryAfter(text, 0), [['Thu, 06 Aug 2015', ' ', 'GMT']]],
  ['a link', 8 * KiB - 8, (text) => parseLink(`https://${text}`, { allowHttp: false }), links],
  ['the end of a link', 8 * KiB, (text) => parseLinkExpiry(inQuery(text)), queries],
  ['Accept', 8 * KiB, chooseMediaType, ranges],
  ['Content-Type', 8 * KiB, (text) => isPlain({ 'content-type': text }), types],
  ['Content-Encoding', 8 * KiB, (text) => isPlain({ 'content-encoding': text }), [['', 'identity,', '']]],
  [
    'a token',
    8 * KiB,
    (text) => access.authenticate({ authorization: `Bearer ${text}`, 'router-authorization': text }),
    [
      ['', 'Bearer ', ''],
      ['', 'a.', ''],
    ],
  ],
  ['a query string', 8 * KiB, (text) => withoutBlankParameters(`?${text}`), [['', 'variables=&', '']]],
  [
    'GraphQL’s words for a variable',
    100 * KiB,
    (text) => reword({ message: `Variable "$a" got invalid value ${text}` }, new GraphQLError('')),
    [
      ['', ' at "', ''],
      ['', ' at "a[1]', ''],
      ['', 'a[1]', '"; '],
    ],
  ],
  [
    'an entry of the store',
    MAX_ENTRY_BYTES,
    (text) => decodeEntry(entry(text), { id: VIDEO as FileId, isLink: () => true }),
    [],
  ],
  [
    'a fault for the log',
    MiB,
    (text) => log.error({ err: new Error(text) }),
    [
      ['', 'https://', ''],
      ['', 'http', ''],
    ],
  ],
]

describe('a reader of text from outside', () => {
  it.each(readers)('takes a time that grows with the length: %s', async (_, size, read, worst) => {
    for (const text of [...usual, ...worst]) {
      await expectLinear((length) => {
        const given = toText(text, length)
        return () => read(given)
      }, size)
    }
  })
})

describe('the whole server', () => {
  const headers = [
    ...[
      'accept',
      'accept-encoding',
      'accept-language',
      'access-control-request-headers',
      'authorization',
      'baggage',
    ],
    ...[
      'content-encoding',
      'content-type',
      'cookie',
      'forwarded',
      'host',
      'if-none-match',
      'origin',
      'range',
    ],
    ...['referer', 'router-authorization', 'te', 'traceparent', 'x-forwarded-for', 'x-request-id'],
  ]
  const all = [...usual, ...ranges, ...types].filter(([, unit]) => unit !== 'é')

  it('reads every header of 7 KB, and a query string of 8 KB, in as much time', async () => {
    const { origin } = await startApp({ ACCESS: 'open', CORS_ORIGINS: 'https://app.example' })
    const ask = (line: string, name: string, text: string) => () => {
      const host = name === 'host' ? '' : 'host: a\r\n'
      return converse({ url: origin }, '', {
        send: `${line} HTTP/1.1\r\n${host}connection: close\r\napollo-require-preflight: 1\r\n${name}: ${text}\r\n\r\n`,
      })
    }
    for (const text of all) {
      for (const name of headers)
        await expectLinear(
          (size) => ask('GET /graphql?query={__typename}', name, toText(text, size)),
          7 * KiB,
        )
      const read = (size: number) => encodeURI(toText(text, size / 3)).slice(0, size)
      await expectLinear((size) => ask(`GET /graphql?variables=${read(size)}`, 'x', ''), 8000)
    }
  }, 60_000)

  it('answers /livez while the upstream says the worst that it can in 1 MiB', async () => {
    const bodies = [
      inBase(fill(' ', MiB - 100)),
      inBase(fill('(request id: ', MiB - 100)),
      inError(fill(' ', MiB / 2 - 100)),
      fill('"\\', MiB),
      fill('1.5,', MiB),
      fill('[', MiB),
    ]
    const peer = await startPeer((socket, { target }) => {
      const [body = ''] = bodies.filter((_, i) => target.endsWith(`${i}`))
      socket.write(toAnswer(body, { headers: ['content-type: application/json'] }))
    })
    const { query, send } = await startApp({ UPSTREAM_URL: peer.url.origin, CACHE_TTL_SECONDS: '0' })

    /** The most CPU that one answer of `/livez` had to wait for while this body was looked up. */
    async function waitMs(id: number): Promise<number> {
      let isDone = false
      let mostMs = 0
      const lookup = query(`{ fileResult(id: "${id}") { __typename } }`).finally(() => {
        isDone = true
      })
      while (!isDone) {
        const spentMs = await measureCpuMs(async () => expect((await send('/livez')).status).toBe(200))
        mostMs = Math.max(mostMs, spentMs)
      }
      expect((await lookup).data.fileResult.__typename).toBe('FileError')
      return mostMs
    }
    for (const [i, body] of bodies.entries()) {
      // Each time another file, since the failure of one is remembered.
      const leastMs = await leastOf(5, ENOUGH_MS, (round) => waitMs(1_000_000 + round * 10 + i))
      expect(leastMs, body.slice(0, 80)).toBeLessThan(ENOUGH_MS)
    }
    expect(peer.requests.length).toBeGreaterThanOrEqual(bodies.length)
  })
})

it('holds the loop for less than 50 ms at a time while a long list is read', async () => {
  const row = `{"file_id":100000000000000,"bytes":1,"created_at":1790000000,"filename":"${'n'.repeat(60)}","purpose":"a"}`
  const text = `{"files":[${Array.from({ length: 55_000 }, () => row).join(',')}]}`
  const longestMs = await measureLongestTurnMs(() => parseLongJson(text, 'files', () => {}))
  expect(longestMs).toBeLessThan(ENOUGH_MS)
})
