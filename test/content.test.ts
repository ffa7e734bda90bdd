// Where the bytes of a file come from, and what that costs.
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Bytes, BytesCall } from '../src/bytes.js'
import { createContentSource } from '../src/client/content-source.js'
import { createGuard } from '../src/client/guard.js'
import { createLinkSource } from '../src/client/link-source.js'
import { createOpening } from '../src/client/opening.js'
import { createPace } from '../src/client/pace.js'
import { createContent } from '../src/content.js'
import { FileError, type FileErrorCode } from '../src/errors.js'
import type { File } from '../src/file.js'
import { createRetryBudget } from '../src/wire/retry.js'
import { createTransfers } from '../src/wire/transfers.js'
import { eventually } from './helpers/faults.js'
import { type Peer, startPeer, toAnswer } from './helpers/peer.js'
import {
  CALL_MICRO_USD,
  createAsker,
  createBytesCall,
  createFakeClock,
  createFile,
  createLookup,
  toFiles,
  toId,
} from './helpers/source.js'

const ID = toId('42')
const LINK = 'https://cdn.example/a?Expires=1'
const NEW_LINK = 'https://cdn.example/a?Expires=2'

const toBytes = (body: string): Bytes => ({
  status: 200,
  headers: {},
  body: Readable.from([body]),
  peek: async () => Buffer.from(body),
})

/** Links and an upstream that answer as told; `asked` is what was asked for, in turn. */
function startContent(
  answers: Readonly<Record<string, FileErrorCode>>,
  { recalled, found, renewed }: { recalled?: Partial<File>; found?: Partial<File>; renewed?: Partial<File> },
) {
  const asked: string[] = []
  const answer = async (of: string): Promise<Bytes> => {
    asked.push(of)
    const code = answers[of]
    if (code) throw new FileError(code)
    return toBytes(of)
  }
  const look =
    (name: string, file: Partial<File> | undefined) =>
    async (id: string, call: BytesCall['meter'] | object) => {
      asked.push(name)
      if ('meter' in call) (call as BytesCall).meter.sent(CALL_MICRO_USD)
      return { file: createFile(id, file), freshUntilMs: 0 }
    }
  const { open } = createContent({
    files: toFiles(look('find', found), {
      recall: () => recalled && createFile('42', recalled),
      refresh: look('refresh', renewed),
    }),
    links: answer,
    upstream: () => answer('upstream'),
    nowMs: () => 1000,
  })
  const read = async (call = createBytesCall()) => {
    const { bytes } = await open(ID, call)
    return { status: bytes.status, headers: bytes.headers, text: await text(bytes.body) }
  }
  const fail = (call = createBytesCall()) => open(ID, call).then(String, (error: FileError) => error.code)
  return { asked, read, fail }
}

describe('the order of sources', () => {
  it('is a link that is known, which asks nothing else', async () => {
    const { asked, read } = startContent({}, { recalled: { downloadUrl: LINK } })
    expect((await read()).text).toBe(LINK)
    expect(asked).toEqual([LINK])
  })

  it.each(['UPSTREAM_FORBIDDEN', 'FILE_NOT_FOUND', 'UPSTREAM_INVALID_REQUEST'] as const)(
    'is one fresh look-up where a known link answers %s',
    async (code) => {
      const files = { recalled: { downloadUrl: LINK }, renewed: { downloadUrl: NEW_LINK } }
      const { asked, read } = startContent({ [LINK]: code }, files)
      expect((await read()).text).toBe(NEW_LINK)
      expect(asked).toEqual([LINK, 'refresh', NEW_LINK])
    },
  )

  it('is the upstream where the new link is dead too, or the same', async () => {
    const dead = { [LINK]: 'UPSTREAM_FORBIDDEN', [NEW_LINK]: 'UPSTREAM_FORBIDDEN' } as const
    const one = startContent(dead, { recalled: { downloadUrl: LINK }, renewed: { downloadUrl: NEW_LINK } })
    expect((await one.read()).text).toBe('upstream')
    expect(one.asked).toEqual([LINK, 'refresh', NEW_LINK, 'upstream'])
    const other = startContent(dead, { recalled: { downloadUrl: LINK }, renewed: { downloadUrl: LINK } })
    expect((await other.read()).text).toBe('upstream')
    expect(other.asked).toEqual([LINK, 'refresh', 'upstream'])
  })

  it('makes no second look-up for a link that was looked up just now', async () => {
    const { asked, read } = startContent({ [LINK]: 'UPSTREAM_FORBIDDEN' }, { found: { downloadUrl: LINK } })
    expect((await read()).text).toBe('upstream')
    expect(asked).toEqual(['find', LINK, 'upstream'])
  })

  it('looks nothing up for a host that is down, and tries the backup first', async () => {
    const recalled = { downloadUrl: LINK, backupDownloadUrl: NEW_LINK }
    const one = startContent({ [LINK]: 'UPSTREAM_UNAVAILABLE' }, { recalled })
    expect((await one.read()).text).toBe(NEW_LINK)
    const down = { [LINK]: 'UPSTREAM_UNAVAILABLE', [NEW_LINK]: 'UPSTREAM_TIMEOUT' } as const
    const both = startContent(down, { recalled })
    await both.read()
    expect(both.asked).toEqual([LINK, NEW_LINK, 'upstream'])
  })

  it('is the upstream for a file without a link, and for one whose link has ended', async () => {
    for (const file of [{}, { downloadUrl: LINK, downloadUrlExpiresAtMs: 1000 }]) {
      const { asked, read } = startContent({}, { recalled: file })
      expect(await read()).toMatchObject({ text: 'upstream', headers: { etag: '"42"' } })
      expect(asked).toEqual(['upstream'])
    }
  })

  it('reports what is wrong with the link where the upstream has no other way', async () => {
    const answers = { [LINK]: 'FILE_NOT_FOUND', upstream: 'UPSTREAM_UNSUPPORTED' } as const
    expect(await startContent(answers, { found: { downloadUrl: LINK } }).fail()).toBe('FILE_NOT_FOUND')
    expect(await startContent(answers, { found: {} }).fail()).toBe('UPSTREAM_UNSUPPORTED')
  })

  it('needs neither a link nor a call to say that a file has not changed', async () => {
    const { asked, read } = startContent({}, { recalled: { downloadUrl: LINK } })
    for (const tag of ['"42"', 'W/"42"', '"a", "42"'])
      expect((await read(createBytesCall({ headers: { 'if-none-match': tag } }))).status).toBe(304)
    expect(asked).toEqual([])
  })

  it('makes no call for the head of a file whose size is known', async () => {
    const { asked, read } = startContent({}, { recalled: { bytes: 7 } })
    expect(await read(createBytesCall({ isHead: true }))).toMatchObject({
      headers: { 'content-length': '7' },
    })
    expect(asked).toEqual([])
  })
})

function startSources(peer: Peer, { isExempt = false, spend }: { isExempt?: boolean; spend?: object } = {}) {
  const transfers = createTransfers({ idleMs: 30_000 })
  onTestFinished(() => transfers.close())
  const recorded: string[] = []
  const clock = createFakeClock()
  const notice = () => {}
  const content = createContentSource(
    {
      transfers,
      clock,
      notice,
      priceMicroUsd: CALL_MICRO_USD,
      record: (ending) => recorded.push(ending),
      spend: spend as never,
      pace: createPace(5000),
      budget: createRetryBudget(),
      random: () => 0.5,
      after: (_, callback) => {
        const immediate = setImmediate(callback)
        return () => clearImmediate(immediate)
      },
    },
    { dialect: { kind: 'cometapi', model: 'm' }, baseUrl: new URL('/prefix', peer.url), key: 'sk-key' },
  )
  const fail = () => Promise.reject(new TypeError('It was not to be asked for.'))
  const client = { retrieve: fail, list: fail, delete: fail, create: fail, query: fail, content }
  const guard = createGuard(client, clock, { isExempt: () => isExempt })
  const upstream = createOpening(guard.content, clock, { timeoutMs: 10_000 })
  const links = createLinkSource({ transfers, notice })
  const toCode = (work: Promise<Bytes>) =>
    work.then(
      ({ body }) => text(body),
      (error: FileError) => error.code,
    )
  return {
    recorded,
    clock,
    guard,
    ask: (call = createBytesCall(), id = ID) => toCode(upstream(id, call)),
    open: (call = createBytesCall()) => upstream(ID, call),
    follow: (call = createBytesCall()) => toCode(links(`${peer.url.origin}/a?x`, call)),
  }
}

const answerWith = (body: string, options?: Parameters<typeof toAnswer>[1]) =>
  startPeer((socket) => socket.end(toAnswer(body, options)))
const HTML = { headers: ['content-type: text/html'] }
const refusal = (code: number, message = '') =>
  JSON.stringify({ base_resp: { status_code: code, status_msg: message } })

describe('retrieve_content', () => {
  it('is asked in the dialect of the upstream, with the key and what the client asks of the bytes', async () => {
    const peer = await answerWith('film')
    const { ask, recorded } = startSources(peer)
    const call = createBytesCall({ headers: { range: 'bytes=0-' } })
    expect(await ask(call)).toBe('film')
    expect(peer.requests[0]?.target).toBe('/prefix/v1/files/retrieve_content?model=m&file_id=42')
    expect(peer.requests[0]?.head).toMatch(/\r\nauthorization: Bearer sk-key\r\n/i)
    expect(peer.requests[0]?.head).toMatch(/\r\nrange: bytes=0-\r\n/i)
    expect([call.sent, recorded]).toEqual([1, ['OK']])
  })

  it.each([
    ['a refused key', refusal(1004), 'UPSTREAM_UNAUTHENTICATED'],
    ['blanks before it', `\ufeff \r\n${refusal(1002)}`, 'UPSTREAM_RATE_LIMITED'],
    ['a missing file', refusal(2013, 'invalid params, file not found'), 'FILE_NOT_FOUND'],
    ['a code as text', '{"base_resp":{"status_code":"1008"}}', 'UPSTREAM_INSUFFICIENT_BALANCE'],
  ])('fails where a 200 is %s', async (_, body, code) => {
    const { ask, recorded } = startSources(await answerWith(body))
    expect(await ask()).toBe(code)
    expect(recorded).toEqual([code])
  })

  it.each([
    ['an error of another API', '{"error":{"code":"x","message":"y"}}'],
    ['a success of this one', refusal(0)],
    ['more than one value', `${refusal(1004)}\n${refusal(1004)}`],
    ['not quite JSON', '{"base_resp":{"status_code":1004}'],
    ['a list', `[${refusal(1004)}]`],
    ['large', JSON.stringify({ base_resp: { status_code: 1004 }, text: 'x'.repeat(70_000) })],
    ['a page that is not labelled as one', '<html></html>'],
    ['empty', ''],
  ])("gives the user's own file that is %s", async (_, body) => {
    const { ask } = startSources(await answerWith(body))
    expect(await ask()).toBe(body)
  })

  it.each([
    ['404', '404 page not found', { status: '404 Not Found' }],
    ['404 with an envelope', '{"error":{"message":"no such path"}}', { status: '404 Not Found' }],
    ['a page', '<!doctype html>', HTML],
    ['a redirect', '{}', { status: '302 Found', headers: ['location: https://a.example/'] }],
  ])('is unsupported where the answer is %s, and not asked again for a minute', async (_, body, options) => {
    const peer = await answerWith(body, options)
    const { ask, clock } = startSources(peer)
    expect(await ask()).toBe('UPSTREAM_UNSUPPORTED')
    expect(await ask()).toBe('UPSTREAM_UNSUPPORTED')
    expect(peer.requests).toHaveLength(1)
    clock.pass(60_000)
    await ask()
    expect(peer.requests).toHaveLength(2)
  })

  it.each([
    ['500 Oops', '', 'UPSTREAM_UNAVAILABLE'],
    ['429 Slow', '{"error":{"code":"x","message":"y"}}', 'UPSTREAM_RATE_LIMITED'],
    ['404 Not Found', refusal(2013, 'file not found'), 'FILE_NOT_FOUND'],
    ['524 Late', '<html>', 'UPSTREAM_TIMEOUT'],
    ['204 Nothing', '', 'UPSTREAM_BAD_RESPONSE'],
    ['206 Part', 'part', 'UPSTREAM_BAD_RESPONSE'],
  ])('fails by its status: %s %s', async (status, body, code) => {
    const { ask } = startSources(await answerWith(body, { status }))
    expect(await ask()).toBe(code)
  })

  it('passes on of the head what belongs to the bytes, and nothing else', async () => {
    const own = ['etag: "x"', 'last-modified: Mon, 01 Sep 2025 00:00:00 GMT', 'accept-ranges: bytes']
    const others = [
      'set-cookie: a=b',
      'location: /x',
      'access-control-allow-origin: *',
      'server: x',
      'x-a: b',
    ]
    const { open } = startSources(await answerWith('film', { headers: [...own, ...others] }))
    const { headers, body } = await open()
    body.destroy()
    expect(Object.keys(headers).sort()).toEqual(['accept-ranges', 'content-length', 'etag', 'last-modified'])
  })

  it("is paid from the day's limit, and given back where nothing was sent", async () => {
    const ends: string[] = []
    let reserved = 0
    const reserve = () => {
      reserved++
      return { confirm: () => true, refund: () => ends.push('refund') }
    }
    const peer = await answerWith('film')
    expect(await startSources(peer, { spend: { reserve } }).ask()).toBe('film')
    expect([reserved, ends]).toEqual([1, []])
    const nowhere = { ...peer, url: new URL('http://127.0.0.1:1') }
    expect(await startSources(nowhere, { spend: { reserve } }).ask()).toBe('UPSTREAM_UNAVAILABLE')
    expect(ends).toHaveLength(reserved - 1)
    expect(reserved).toBeGreaterThan(1)
    const spent = { reserve: () => undefined, secondsLeft: () => 9 }
    expect(await startSources(peer, { spend: spent }).ask()).toBe('SPEND_LIMIT_EXCEEDED')
    expect(peer.requests).toHaveLength(1)
  })

  it('is paid from the new day where the old one ends before it is sent', async () => {
    let days = 0
    const spend = { reserve: () => ({ confirm: () => ++days > 1, refund: () => {} }) }
    const peer = await answerWith('film')
    expect(await startSources(peer, { spend }).ask()).toBe('film')
    expect([days, peer.requests.length]).toEqual([2, 1])
  })

  it('counts as paid when the client leaves before it is answered', async () => {
    const peer = await startPeer(() => {})
    const { ask, recorded } = startSources(peer)
    const leaving = new AbortController()
    const answer = ask(createBytesCall({ signal: leaving.signal }))
    await eventually(() => expect(peer.requests).toHaveLength(1))
    leaving.abort()
    expect(await answer).toBe('UPSTREAM_UNAVAILABLE')
    expect(recorded).toEqual(['ABORTED'])
  })
})

describe('retrieve_content, before the head of its answer is there,', () => {
  /** Answers in turn; the last one from then on. */
  async function answerInTurn(...answers: string[]) {
    let at = 0
    return startPeer((socket) => socket.end(answers[at++] ?? answers.at(-1) ?? ''))
  }
  const failed = (status: string) => toAnswer('', { status })
  const film = toAnswer('film')

  it.each([
    ['a failure under 503', [failed('503 Busy'), film], 'film', 2],
    ['two under 503', [failed('503 Busy'), failed('503 Busy'), film], 'film', 3],
    ['more than that', [failed('503 Busy')], 'UPSTREAM_UNAVAILABLE', 3],
    ['a failure that was paid for', [toAnswer(refusal(1000)), film], 'film', 2],
    ['two of those', [toAnswer(refusal(1000))], 'UPSTREAM_UNAVAILABLE', 2],
    ['a refusal', [toAnswer(refusal(1004)), film], 'UPSTREAM_UNAUTHENTICATED', 1],
  ])('is asked for again after %s, as a look-up is', async (_, answers, end, calls) => {
    const peer = await answerInTurn(...answers)
    const { ask, recorded } = startSources(peer)
    const call = createBytesCall()
    expect(await ask(call)).toBe(end)
    expect([peer.requests.length, call.sent, recorded.length]).toEqual([calls, calls, calls])
  })

  it('is asked for again where the connection had been closed for idleness', async () => {
    const peer = await startPeer((socket, { connection, target }) => {
      if (connection === 1 && target.endsWith('=43')) socket.destroy()
      else socket.write(film)
    })
    const { ask, recorded } = startSources(peer)
    expect(await ask()).toBe('film')
    await turn() // undici has the connection back
    expect(await ask(createBytesCall(), toId('43'))).toBe('film')
    expect([peer.connections, recorded]).toEqual([2, ['OK', 'UPSTREAM_UNAVAILABLE', 'OK']])
  })

  it('is not asked for again once its client has left', async () => {
    const asker = createAsker()
    const peer = await startPeer((socket) => {
      asker.leave()
      socket.end(failed('503 Busy'))
    })
    const { ask } = startSources(peer)
    expect(await ask(createBytesCall({ asker }))).toBe('UPSTREAM_UNAVAILABLE')
    expect(peer.requests).toHaveLength(1)
  })

  it.each([
    ['1004', 'UPSTREAM_UNAUTHENTICATED'],
    ['2013', 'FILE_NOT_FOUND'],
    ['1026', 'UPSTREAM_CONTENT_REJECTED'],
  ])('fails again without a call for a second, doubling to five: %s', async (code, end) => {
    const peer = await answerWith(refusal(Number(code), 'file not found'))
    const { ask, clock } = startSources(peer)
    for (const seconds of [1, 2, 4, 5, 5]) {
      const before = peer.requests.length
      expect(await ask()).toBe(end)
      clock.pass(seconds * 1000 - 1)
      expect(await ask()).toBe(end)
      expect(peer.requests).toHaveLength(before + 1)
      clock.pass(1001) // and past the window of an account that is refused
    }
  })

  it('shuts out look-ups by a rate limit, and is shut out by theirs', async () => {
    const peer = await answerWith(refusal(1002))
    const { ask, guard } = startSources(peer)
    expect(await ask()).toBe('UPSTREAM_RATE_LIMITED')
    expect(await ask(createBytesCall(), toId('43'))).toBe('UPSTREAM_RATE_LIMITED')
    await expect(guard.list(undefined, createLookup())).rejects.toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      refused: true,
    })
    expect([peer.requests.length, guard.isWell()]).toEqual([1, false])
  })

  it('counts where the upstream is down, and is not asked for then', async () => {
    const peer = await answerWith('', { status: '500 Oops' })
    const { ask, guard, clock } = startSources(peer)
    for (let id = 1; id <= 10; id++) await ask(createBytesCall(), toId(String(id)))
    await ask(createBytesCall(), toId('11')) // the probe, which is one attempt
    expect(await ask(createBytesCall(), toId('12'))).toBe('UPSTREAM_UNAVAILABLE')
    expect([peer.requests.length, guard.isWell()]).toEqual([31, false])
    clock.pass(1000)
    await ask(createBytesCall(), toId('13'))
    expect(peer.requests).toHaveLength(32)
  })

  it('of a file that fails on request says nothing of the others, nor of itself', async () => {
    const peer = await answerWith(refusal(1002))
    const { ask } = startSources(peer, { isExempt: true })
    for (let times = 0; times < 3; times++) expect(await ask()).toBe('UPSTREAM_RATE_LIMITED')
    expect(peer.requests).toHaveLength(3)
  })
})

describe('a link', () => {
  it('is shown the range and the conditions, and no key', async () => {
    const peer = await answerWith('film')
    expect(await startSources(peer).follow(createBytesCall({ headers: { range: 'bytes=1-' } }))).toBe('film')
    const names = peer.requests[0]?.head.match(/^[\w-]+(?=:)/gm)
    expect(names).toEqual(['host', 'connection', 'range', 'accept-encoding'])
  })

  it.each([
    [1, 'film', 2],
    [2, 'UPSTREAM_UNAVAILABLE', 2],
  ])(
    'is asked once more where its connection broke before an answer, %i times',
    async (times, end, calls) => {
      let asked = 0
      const peer = await startPeer((socket) =>
        asked++ < times ? socket.destroy() : socket.end(toAnswer('film')),
      )
      expect(await startSources(peer).follow()).toBe(end)
      expect(peer.requests).toHaveLength(calls)
    },
  )

  it.each([
    ['403 Forbidden', 'UPSTREAM_FORBIDDEN'],
    ['404 Not Found', 'FILE_NOT_FOUND'],
    ['410 Gone', 'FILE_NOT_FOUND'],
    ['302 Found', 'UPSTREAM_BAD_RESPONSE'],
    ['503 Busy', 'UPSTREAM_UNAVAILABLE'],
    ['206 Part', 'UPSTREAM_BAD_RESPONSE'],
  ])('fails by its status: %s', async (status, code) => {
    const { follow } = startSources(await answerWith('<Error/>', { status }))
    expect(await follow()).toBe(code)
  })
})
