// The parts of the playground that need no page.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAnswer, toPieces, toSizeText, toTimeText } from '../src/playground/answer.js'
import { readCost, toBadge } from '../src/playground/cost.js'
import { toExamples } from '../src/playground/examples.js'
import type { Facts } from '../src/playground/facts.js'
import { findOperations, isSubscription, toTitle } from '../src/playground/operation.js'
import { guessPurpose } from '../src/playground/purposes.js'
import { toBody, toHeaders } from '../src/playground/request.js'
import { findFiles, findTasks, toLeftText, toLook } from '../src/playground/seen.js'
import { parseShareLink, toShareLink } from '../src/playground/share.js'
import { changeTabs, findActive, type Tabs, toTab } from '../src/playground/tabs.js'
import { startApp } from './helpers/app.js'

const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }

/** What the tabs of files ask; those that make something come after them. */
const isAboutFiles = ({ query }: { query: string }) => !query.includes('mutation')

const toText = (answer: { status: number }) => {
  const cost = readCost(answer)
  return cost && toBadge(cost, answer.status).text
}

describe('the tabs it opens with', () => {
  it('run as they are on the sandbox, and say what they cost', async () => {
    const { send, post } = await startApp(SANDBOX)
    const facts = (await (await send('/playground.json')).json()) as Facts
    const answers = []
    for (const { query, variables } of toExamples(facts).filter(isAboutFiles))
      answers.push(await post(JSON.stringify({ query, variables: JSON.parse(variables) })))
    const [file, newest, many, failing, expiry] = answers
    expect(answers.map(({ errors }) => errors)).toEqual(Array(5).fill(undefined))
    expect(file?.data.file).toMatchObject({ filename: 'output_aigc.mp4' })
    expect(newest?.data.files.nodes).toHaveLength(12)
    expect(many?.data.fileResults.map((each: { __typename: string }) => each.__typename)).toEqual([
      ...['File', 'File', 'FileError'],
    ])
    expect(failing?.data.fileResult).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterSeconds: 60 })
    const leftMs = Date.parse(expiry?.data.file.downloadUrlExpiresAt) - Date.now()
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(21_000)
    expect(answers.map(toText)).toEqual([
      '1 call, $0.004 (simulated)',
      '1 call, $0.004 (simulated)',
      '2 calls, $0.008 (simulated)',
      '1 call, $0.004 (simulated)',
      '1 call, $0.004 (simulated)',
    ])
  })

  it('look nothing up elsewhere until an id is put in', async () => {
    const { send, post, sandbox } = await startApp()
    const facts = (await (await send('/playground.json')).json()) as Facts
    for (const { query, variables } of toExamples(facts).filter(isAboutFiles)) {
      if (query.includes('NewestFiles')) continue
      const answer = await post(JSON.stringify({ query, variables: JSON.parse(variables) }))
      expect(JSON.stringify(answer)).toContain('INVALID_FILE_ID')
      expect(toText(answer)).toBe('free: no call was made')
    }
    expect(sandbox.calls).toBe(0)
  })

  it('name the price of what is made elsewhere, are free on the sandbox, and missing where nobody may write', () => {
    const prices = { 'minimax-hailuo-2.3 768P 6': 0.225, 'speech-2.6-hd': 50 }
    const toMade = (upstream: Facts['upstream'], taskPricesUsd: Facts['taskPricesUsd'] = prices) =>
      toExamples({ files: [], upstream, writes: true, taskPricesUsd }).filter((each) => !isAboutFiles(each))
    expect(toMade('sandbox').map(({ query }) => query.split('\n')[0])).toEqual([
      expect.stringContaining('free'),
      expect.stringContaining('free'),
    ])
    expect(toMade('minimax').map(({ query }) => query.split('\n')[0])).toEqual([
      expect.stringContaining('$0.23.'),
      expect.stringContaining('$0.0034.'),
    ])
    for (const { query } of toMade('minimax', {})) expect(query).toMatch(/^# .* does not know\.\n/)
    const readOnly = toExamples({ files: [], upstream: 'sandbox', writes: false, taskPricesUsd: prices })
    expect(readOnly.every(isAboutFiles)).toBe(true)
  })
})

describe('the badge', () => {
  it.each([
    [200, { data: {}, extensions: { cost: { calls: 1, usd: 0.004 } } }, '1 call, $0.004'],
    [
      200,
      { data: {}, extensions: { cost: { calls: 3, usd: 0.012, simulated: true } } },
      '3 calls, $0.012 (simulated)',
    ],
    [200, { data: { file: { id: '1' } }, extensions: { cost: { calls: 0, usd: 0 } } }, 'free: reused'],
    [
      200,
      { errors: [{ extensions: { code: 'X' } }], extensions: { cost: { calls: 0, usd: 0 } } },
      'free: no call was made',
    ],
    [200, { data: {}, extensions: { cost: { calls: 1, usd: 0 } } }, '1 call, free'],
    [401, { errors: [{}], extensions: { cost: { calls: 0, usd: 0 } } }, 'not asked'],
  ])('reads HTTP %i with %j as %s', (status, body, text) => {
    expect(toText({ ...body, status })).toBe(text)
  })

  it.each([undefined, null, [], {}, { extensions: null }, { extensions: { cost: { calls: '1', usd: 2 } } }])(
    'says nothing of %j',
    (body) => expect(readCost(body)).toBeUndefined(),
  )
})

describe('a link to share', () => {
  it('carries any operation there and back, in the fragment alone', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => each.trim() !== '')
    fc.assert(
      fc.property(text, text, (query, variables) => {
        const link = new URL(toShareLink('http://127.0.0.1:4000/api/', { query, variables }))
        expect(parseShareLink(link.hash)).toEqual({ query, variables })
        expect(link.pathname + link.search).toBe('/api/')
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['an empty fragment', '#'],
    ['no query', '#variables={}'],
    ['a blank query', '#query=%20%0A'],
    ['something else', '#/docs/File'],
    ['more than anybody types', `#query=${'a'.repeat(100_001)}`],
  ])('is not read where it carries %s', (_what, fragment) => {
    expect(parseShareLink(fragment)).toBeUndefined()
  })

  it('reads nothing but the query and the variables', () => {
    const read = parseShareLink('#query=a&headers=%7B%22authorization%22%3A1%7D&operationName=x&__proto__=y')
    expect(read).toEqual({ query: 'a', variables: '' })
  })
})

describe('an operation', () => {
  it.each([
    ['query OneFile($id: ID!) { file(id: $id) { id } }', 'One file'],
    ['# query Not\nmutation MakeAVideo { x }', 'Make a video'],
    ['{ first: file(id: 1) { id } }', 'file'],
    ['query ($id: ID!) { fileResult(id: $id) { id } }', 'fileResult'],
    ['query read_PDF_files { files { totalCount } }', 'Read pdf files'],
    ['', 'New tab'],
  ])('gives %j the title %s', (query, title) => expect(toTitle(query)).toBe(title))

  it('is told from the others of its document', () => {
    const query = 'query A { x }\nsubscription B { y }\nfragment F on T { z }'
    expect(findOperations(query)).toEqual([
      { kind: 'query', name: 'A' },
      { kind: 'subscription', name: 'B' },
    ])
    expect(isSubscription(query, undefined)).toBe(false)
    expect(isSubscription(query, 'B')).toBe(true)
    expect(JSON.parse(toBody({ query, variables: '', operationName: 'B' })).operationName).toBe('B')
    expect(JSON.parse(toBody({ query, variables: '', operationName: undefined })).operationName).toBe('A')
  })

  it('keeps the digits of its ids on the way', () => {
    const body = toBody({ query: '{ a }', variables: '{"id": 9007199254740993}', operationName: undefined })
    expect(body).toBe('{"query":"{ a }","variables":{"id": 9007199254740993}}')
  })

  it.each(['{', '[]', '"a"', '1'])('is not sent with the variables %s', (variables) => {
    expect(() => toBody({ query: '{ a }', variables, operationName: undefined })).toThrow(/^Variables: /)
  })

  it('lets a header that was typed win over the token, in whatever case', () => {
    const headers = toHeaders({ headers: '{"AUTHORIZATION": "Bearer b", "x-a": 1}', token: 'a' })
    expect(headers.get('authorization')).toBe('Bearer b')
    expect(headers.get('x-a')).toBe('1')
    expect(() => toHeaders({ headers: '{"a b": "c"}', token: '' })).toThrow('"a b" cannot be sent')
  })
})

describe('the tabs', () => {
  const start: Tabs = {
    list: ['a', 'b', 'c'].map((id) => toTab({ query: id, variables: '' }, id)),
    activeId: 'b',
  }
  const ids = ({ list }: Tabs) => list.map(({ id }) => id).join('')

  it('show the neighbour of one that is closed, and keep the last', () => {
    const closed = changeTabs(start, { kind: 'close', id: 'b' })
    expect([ids(closed), closed.activeId]).toEqual(['ac', 'c'])
    const last = changeTabs(changeTabs(closed, { kind: 'close', id: 'c' }), { kind: 'close', id: 'a' })
    expect([ids(last), last.activeId]).toEqual(['a', 'a'])
    expect(changeTabs(start, { kind: 'close', id: 'a' }).activeId).toBe('b')
  })

  it('change the one that is looked at alone', () => {
    const edited = changeTabs(start, { kind: 'edit', change: { query: 'new' } })
    expect(edited.list.map(({ query }) => query)).toEqual(['a', 'new', 'c'])
    const typed = changeTabs(edited, { kind: 'type', change: { variables: '{}' } })
    expect([findActive(typed).variables, findActive(typed).revision]).toEqual(['{}', 1])
    const asked = changeTabs(edited, { kind: 'ask', operation: { query: 'a', variables: '1' }, id: 'x' })
    expect([ids(asked), findActive(asked).id, findActive(asked).variables]).toEqual(['abc', 'a', '1'])
    const opened = changeTabs(edited, { kind: 'open', operation: { query: 'd', variables: '' }, id: 'd' })
    expect([ids(opened), findActive(opened).query]).toEqual(['abcd', 'd'])
  })
})

describe('what an answer shows', () => {
  const file = {
    id: '1',
    filename: 'a.mp4',
    bytes: 5,
    purpose: 'VIDEO_GENERATION',
    contentUrl: 'https://api.example/x/content/ab-c.d_e',
    downloadUrlExpiresAt: '2026-01-01T00:00:00.000Z',
  }

  it('are its files, each once, wherever they stand', () => {
    const found = findFiles({
      data: { a: [{ id: '1', filename: 'a.mp4' }, { node: file }], b: { c: file }, d: null },
    })
    expect(found).toMatchObject([{ id: '1', filename: 'a.mp4', bytes: 5, ticket: 'ab-c.d_e' }])
    expect(found[0]?.expiresMs).toBe(Date.UTC(2026, 0, 1))
    expect(findFiles({ errors: [{ filename: 'x' }] })).toEqual([])
    expect(findFiles({ data: { contentUrl: 'javascript:alert(1)//content/a?b' } })[0]?.ticket).toBeUndefined()
  })

  it('are its tasks', () => {
    const task = { __typename: 'SpeechTask', id: '9', status: 'SUCCEEDED', file }
    expect(findTasks({ data: { t: task, f: { __typename: 'FileError', id: '1', status: 'x' } } })).toEqual([
      { id: '9', kind: 'speech', status: 'SUCCEEDED', isOver: true },
    ])
  })

  it.each([
    ['a.PNG', undefined, 'image'],
    ['a.mov', undefined, 'video'],
    ['a.m4a', 'VOICE_CLONE', 'sound'],
    ['a.jsonl', undefined, 'text'],
    ['a.tar', 'T2A_ASYNC', 'sound'],
    ['a.pdf', 'RETRIEVAL', 'other'],
    [undefined, 'VIDEO_GENERATION', 'video'],
  ] as const)('takes %s for %s as %s', (filename, purpose, look) => {
    expect(toLook({ filename, purpose })).toBe(look)
  })

  it.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [61_000, '1 min 1 s'],
    [32_399_000, '8 h 59 min'],
    [90_000_000, '1 d 1 h'],
  ])('says %i ms as %s', (ms, text) => expect(toLeftText(ms)).toBe(text))

  it('has its text cut into colours without losing any', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const { text } = toAnswer({ text: json, status: 200, ms: 1 })
        expect(
          toPieces(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text)
      }),
    )
    const looks = toPieces('{"a": ["b:", -1.5e3, true]}').filter(({ look }) => look)
    expect(looks.map(({ text, look }) => `${text} ${look}`)).toEqual([
      ...['"a" tok-propertyName', '"b:" tok-string', '-1.5e3 tok-number', 'true tok-bool'],
    ])
  })

  it('has sizes and times in few digits', () => {
    expect([0, 999, 1000, 15_300, 8_000_000].map(toSizeText)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.0 KB',
      '15 KB',
      '8.0 MB',
    ])
    expect([0.4, 12.6, 1234].map(toTimeText)).toEqual(['0 ms', '13 ms', '1.2 s'])
  })
})

it.each([
  ['a.MP3', 'voice_clone'],
  ['b.tar.gz', undefined],
  ['c.jsonl', 'fine-tune'],
  ['d.mkv', 'video_understanding'],
  ['e.avi', 'video_understanding'],
  ['png', undefined],
])('guesses what %s is for', (filename, purpose) => {
  expect(guessPurpose(filename)).toBe(purpose)
})
