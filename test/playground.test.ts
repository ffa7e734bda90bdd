// The playground without a browser: what is served, with which headers, and the parts of the page that need no page.
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCost, toCostText } from '../src/playground/cost.js'
import { toExamples } from '../src/playground/examples.js'
import type { Facts } from '../src/playground/facts.js'
import { parseShareLink, toShareLink } from '../src/playground/share.js'
import { KEY, startApp, TOKENS } from './helpers/app.js'

const built = new URL('../dist/playground/', import.meta.url)
const sources = new URL('../src/playground/', import.meta.url)
const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }

/** The paths of everything that the page is made of. */
const assets = readdirSync(new URL('assets/', built))
  .filter((name) => !name.endsWith('.gz'))
  .map((name) => `/playground/assets/${name}`)

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

const TYPES: Readonly<Record<string, RegExp>> = {
  js: /^(text|application)\/javascript/,
  css: /^text\/css/,
  svg: /^image\/svg\+xml/,
  ttf: /^font\/ttf/,
}

describe('the page', () => {
  it('is served to everybody, with all that it is made of, under a strict policy', async () => {
    const { origin } = await startApp({ ACCESS_TOKENS: TOKENS.join() })
    expect(assets.length).toBeGreaterThan(10)
    for (const path of ['/', '/playground.json', ...assets]) {
      const response = await fetch(origin + path)
      const { headers } = response
      expect(response.status, path).toBe(200)
      expect(headers.get('content-security-policy')?.split(';'), path).toEqual(POLICY)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await fetch(`${origin}/graphql`)).status).toBe(401)
  })

  it('has the right types, compressed to those who take it, and kept for good where names change', async () => {
    const { origin } = await startApp({ CORS_ORIGINS: 'https://app.example' })
    for (const path of assets) {
      const type = TYPES[path.split('.').at(-1) ?? '']
      expect((await fetch(origin + path)).headers.get('content-type'), path).toMatch(type ?? /^never$/)
      expect((await fetch(origin + path)).headers.get('cache-control')).toBe(
        'public, max-age=31536000, immutable',
      )
    }
    expect((await fetch(`${origin}/`)).headers.get('content-type')).toMatch(/^text\/html/)
    expect((await fetch(`${origin}/`)).headers.get('cache-control')).toBe('public, max-age=0')
    expect((await fetch(`${origin}/playground.json`)).headers.get('cache-control')).toBe('no-store')
    const script = assets.find((path) => /\/index-.*\.js$/.test(path)) ?? ''
    const packed = await fetch(origin + script, { headers: { 'accept-encoding': 'gzip' } })
    const plain = await fetch(origin + script, { headers: { 'accept-encoding': 'identity' } })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(packed.headers.get('vary')).toBe('Origin, accept-encoding')
    expect(Number(packed.headers.get('content-length')) * 2).toBeLessThan(
      Number(plain.headers.get('content-length')),
    )
    expect(await packed.text()).toBe(await plain.text())
  })

  it('loads nothing from elsewhere', () => {
    const page = readFileSync(new URL('index.html', built), 'utf8')
    const links = [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, link]) => link)
    expect(links.length).toBeGreaterThan(2)
    expect(links.filter((link) => !link?.startsWith('/playground/assets/'))).toEqual([])
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:/)
    for (const path of assets) {
      const text = readFileSync(new URL(`assets/${path.split('/').at(-1)}`, built), 'utf8')
      if (path.endsWith('.css'))
        expect(text, path).not.toMatch(/(@import|url\(\s*["']?(?!\/playground\/|data:|#))/)
      if (!path.endsWith('.js')) continue
      expect(text, path).not.toMatch(
        /(\bfrom|\bimport\(|\bimport|importScripts\(|new Worker\()\s*["'`](https?:)?\/\//,
      )
    }
  })

  it('has each compressed file say the same as the file itself', () => {
    const packed = readdirSync(new URL('assets/', built)).filter((name) => name.endsWith('.gz'))
    expect(packed.length).toBeGreaterThan(10)
    for (const name of packed) {
      const plain = readFileSync(new URL(`assets/${name.slice(0, -3)}`, built))
      expect(gunzipSync(readFileSync(new URL(`assets/${name}`, built))).equals(plain), name).toBe(true)
    }
  })

  it.each([
    '/?query=<script>alert(1)</script>',
    '/?"><img src=x onerror=alert(1)>',
    '/?endpoint=https://evil.example/graphql',
    "/?__proto__[x]=y&variables='-alert(1)-'",
  ])('is the same whatever its address says: %s', async (path) => {
    const { origin } = await startApp()
    const response = await fetch(origin + path)
    expect(await response.text()).toBe(readFileSync(new URL('index.html', built), 'utf8'))
    expect(JSON.stringify([...response.headers])).not.toMatch(/alert|evil/)
  })

  it.each([
    ['/playground', '/playground/', '/playground/assets/', '/playground/index.html', '/playground/.stamp'],
    ['/playground/assets/../../main.js', '/playground/%2e%2e/main.js', '/playground/..%2fmain.js'],
    ['/playground//etc/passwd', '/playground/assets/%00', '/playground/assets/none.js'],
  ])('serves nothing else: %s', async (...paths) => {
    const { origin } = await startApp()
    for (const path of paths) expect((await fetch(origin + path)).status, path).toBeGreaterThanOrEqual(400)
  })

  it('is not there when it is off, as in production', async () => {
    const off = await startApp({ PLAYGROUND: 'off' })
    const production = await startApp({ NODE_ENV: 'production' })
    for (const path of ['/', '/playground.json', assets[0] ?? '']) {
      expect((await fetch(off.origin + path)).status).toBe(404)
      expect((await fetch(production.origin + path)).status).toBe(404)
    }
    const asked = await startApp({ NODE_ENV: 'production', PLAYGROUND: 'on' })
    expect((await fetch(`${asked.origin}/`)).status).toBe(200)
  })

  it('writes no markup from text, runs no text, and keeps no header for longer than the session', () => {
    for (const name of readdirSync(sources).filter((file) => /\.tsx?$/.test(file))) {
      const text = readFileSync(new URL(name, sources), 'utf8')
      expect(text, name).not.toMatch(/inner-?html|outerhtml|insertadjacent|document\.write|srcdoc/i)
      expect(text, name).not.toMatch(/\beval\(|new Function|setTimeout\(\s*['"`]/)
      expect(text, name).not.toMatch(/localStorage\.setItem|shouldPersistHeaders=\{true|document\.cookie/)
    }
  })
})

describe('what the page is told', () => {
  it('names the sandbox and its files, where nothing is paid', async () => {
    const { send } = await startApp(SANDBOX)
    const facts = (await (await send('/playground.json')).json()) as Facts
    expect(facts).toMatchObject({
      upstream: 'sandbox',
      pricePerCallUsd: 0.004,
      needsToken: false,
      introspection: true,
    })
    expect(facts.files[0]).toMatchObject({ id: '437030092800001', filename: 'output_aigc.mp4' })
  })

  it('says what a call costs and that a token is needed, and nothing of the account', async () => {
    const { send } = await startApp({
      PRICE_PER_CALL_USD: '0.0025',
      ACCESS_TOKENS: TOKENS.join(),
      INTROSPECTION: 'off',
    })
    const text = await (await send('/playground.json')).text()
    expect(JSON.parse(text)).toEqual({
      upstream: 'cometapi',
      pricePerCallUsd: 0.0025,
      needsToken: true,
      introspection: false,
      files: [],
    })
    expect(text).not.toContain(KEY)
  })
})

describe('the tabs it opens with', () => {
  it('run as they are on the sandbox, and say what they cost', async () => {
    const { send, post } = await startApp(SANDBOX)
    const facts = (await (await send('/playground.json')).json()) as Facts
    const answers = []
    for (const { query, variables } of toExamples(facts)) {
      answers.push(await post(JSON.stringify({ query, variables: JSON.parse(variables) })))
    }
    const [file, batch, failing, expiry, entities] = answers
    expect(answers.map(({ errors }) => errors)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(file?.data.file).toMatchObject({ filename: 'output_aigc.mp4' })
    expect(batch?.data.fileResults.map((each: { __typename: string }) => each.__typename)).toEqual([
      'File',
      'File',
      'FileError',
    ])
    expect(failing?.data.fileResult).toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', retryAfterSeconds: 60 })
    const leftMs = Date.parse(expiry?.data.file.downloadUrlExpiresAt) - Date.now()
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(21_000)
    expect(entities?.data._entities).toHaveLength(2)
    const badges = answers.map((answer) => toCostText(readCost(JSON.stringify(answer)) as never))
    expect(badges).toEqual([
      '1 paid call, $0.004 (simulated)',
      '2 paid calls, $0.008 (simulated)',
      '1 paid call, $0.004 (simulated)',
      '1 paid call, $0.004 (simulated)',
      'free: reused',
    ])
  })

  it('cost nothing elsewhere until an id is put in', async () => {
    const { send, post, sandbox } = await startApp()
    const facts = (await (await send('/playground.json')).json()) as Facts
    for (const { query, variables } of toExamples(facts)) {
      const answer = await post(JSON.stringify({ query, variables: JSON.parse(variables) }))
      expect(JSON.stringify(answer)).toContain('INVALID_FILE_ID')
      expect(toCostText(readCost(JSON.stringify(answer)) as never)).toBe('free: no call was made')
    }
    expect(sandbox.calls).toBe(0)
  })
})

describe('the badge', () => {
  it.each([
    [{ data: {}, extensions: { cost: { calls: 1, usd: 0.004 } } }, '1 paid call, $0.004'],
    [
      { data: {}, extensions: { cost: { calls: 3, usd: 0.012, simulated: true } } },
      '3 paid calls, $0.012 (simulated)',
    ],
    [{ data: { file: { id: '1' } }, extensions: { cost: { calls: 0, usd: 0 } } }, 'free: reused'],
    [
      { errors: [{ extensions: { code: 'X' } }], extensions: { cost: { calls: 0, usd: 0 } } },
      'free: no call was made',
    ],
  ])('reads %j as %s', (response, text) => {
    expect(toCostText(readCost(JSON.stringify(response)) as never)).toBe(text)
  })

  it.each([
    '',
    'not JSON',
    'null',
    '[]',
    '{"extensions":{}}',
    '{"extensions":{"cost":{"calls":"1","usd":2}}}',
  ])('says nothing of %j', (response) => expect(readCost(response)).toBeUndefined())
})

describe('a link to share', () => {
  it('carries any operation there and back, in the fragment alone', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => each.trim() !== '')
    fc.assert(
      fc.property(text, text, (query, variables) => {
        const link = new URL(toShareLink('http://127.0.0.1:4000', { query, variables }))
        expect(parseShareLink(link.hash)).toEqual({ query, variables })
        expect(link.pathname + link.search).toBe('/')
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
    expect(parseShareLink('#query=%E0%A4%A&variables=%')).toEqual({
      query: expect.any(String),
      variables: '%',
    })
  })
})
