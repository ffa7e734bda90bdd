// What is served for the playground: with which headers, how large, and what it tells of the server.
import { readdirSync, readFileSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Facts } from '../src/playground/facts.js'
import { KEY, startApp, TOKENS } from './helpers/app.js'

const built = new URL('../dist/playground/', import.meta.url)
const sources = new URL('../src/playground/', import.meta.url)
const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }

/** The paths of everything that the page is made of. */
const assets = readdirSync(new URL('assets/', built))
  .filter((name) => !/\.(gz|br)$/.test(name))
  .map((name) => `/playground/assets/${name}`)

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
]

const TYPES: Readonly<Record<string, RegExp>> = {
  js: /^(text|application)\/javascript/,
  css: /^text\/css/,
  svg: /^image\/svg\+xml/,
}

describe('the page', () => {
  it('is served to everybody, with all that it is made of, under a strict policy', async () => {
    const { origin } = await startApp({ ACCESS_TOKENS: TOKENS.join() })
    expect(assets.length).toBeGreaterThan(8)
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
    const plain = await fetch(origin + script, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    const text = await plain.text()
    for (const [accepted, coding] of [
      ['gzip', 'gzip'],
      ['gzip, deflate, br, zstd', 'br'],
    ] as const) {
      const packed = await fetch(origin + script, { headers: { 'accept-encoding': accepted } })
      expect(packed.headers.get('content-encoding')).toBe(coding)
      expect(packed.headers.get('vary')).toBe('Origin, accept-encoding')
      expect(Number(packed.headers.get('content-length')) * 2).toBeLessThan(text.length)
      expect(await packed.text()).toBe(text)
    }
  })

  it('loads nothing from elsewhere', () => {
    const page = readFileSync(new URL('index.html', built), 'utf8')
    const links = [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, link]) => link)
    expect(links.length).toBeGreaterThan(2)
    expect(links.filter((link) => !link?.startsWith('./playground/assets/'))).toEqual([])
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:/)
    for (const path of assets) {
      const text = readFileSync(new URL(`assets/${path.split('/').at(-1)}`, built), 'utf8')
      if (path.endsWith('.css')) expect(text, path).not.toMatch(/(@import|url\(\s*["']?(?!\.\/|data:|#))/)
      if (!path.endsWith('.js')) continue
      expect(text, path).not.toMatch(
        /(\bfrom|\bimport\(|\bimport|importScripts\(|new Worker\()\s*["'`](https?:)?\/\//,
      )
    }
  })

  it('has each compressed file say the same as the file itself', () => {
    const packed = readdirSync(new URL('assets/', built)).filter((name) => /\.(gz|br)$/.test(name))
    expect(packed.length).toBeGreaterThan(10)
    for (const name of packed) {
      const plain = readFileSync(new URL(`assets/${name.slice(0, -3)}`, built))
      const unpack = name.endsWith('.gz') ? gunzipSync : brotliDecompressSync
      expect(unpack(readFileSync(new URL(`assets/${name}`, built))).equals(plain), name).toBe(true)
    }
  })

  it('comes with the licences of all that it is made of', () => {
    const notices = readFileSync(new URL('licences.md', built), 'utf8')
    for (const name of ['react', '@codemirror/view', 'cm6-graphql', 'graphql', 'graphql-sse', 'prettier'])
      expect(notices).toMatch(new RegExp(`^## ${name} - \\d.*\\(MIT\\)`, 'm'))
  })

  it('is at most 1 MB, and 100 KB before it can be used', () => {
    const names = readdirSync(new URL('assets/', built))
    const sizes = names
      .filter((name) => !name.endsWith('.gz') && !names.includes(`${name}.br`))
      .map((name) => [name, readFileSync(new URL(`assets/${name}`, built)).length] as const)
    const total = sizes.reduce((sum, [, size]) => sum + size, 0)
    expect(total).toBeGreaterThan(100_000)
    expect(total).toBeLessThan(1_000_000)
    const page = readFileSync(new URL('index.html', built), 'utf8')
    const first = sizes.filter(([name]) => page.includes(name.replace(/\.br$/, '')))
    expect(first.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(100_000)
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

  it('writes no markup from text, runs no text, and keeps things in one place', () => {
    for (const name of readdirSync(sources).filter((file) => /\.tsx?$/.test(file))) {
      const text = readFileSync(new URL(name, sources), 'utf8')
      expect(text, name).not.toMatch(/inner-?html|outerhtml|insertadjacent|document\.write|srcdoc/i)
      expect(text, name).not.toMatch(/\beval\(|new Function|setTimeout\(\s*['"`]/)
      expect(text, name).not.toMatch(/document\.cookie/)
      if (name !== 'session.ts') expect(text, name).not.toMatch(/localStorage|sessionStorage/)
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
      writes: true,
    })
    expect(facts.files[0]).toMatchObject({ id: '437030092800001', filename: 'output_aigc.mp4' })
  })

  it('says what a call costs and that a token is needed, and nothing of the account', async () => {
    const { send } = await startApp({
      PRICE_PER_CALL_USD: '0.0025',
      PRICES: '{"MiniMax-Hailuo-2.3":{"768P":{"6":0.225}},"speech-9":50}',
      ACCESS_TOKENS: TOKENS.join(),
      INTROSPECTION: 'off',
      WRITES: 'off',
    })
    const text = await (await send('/playground.json')).text()
    expect(JSON.parse(text)).toEqual({
      upstream: 'cometapi',
      pricePerCallUsd: 0.0025,
      taskPricesUsd: expect.objectContaining({
        ...{ 'minimax-hailuo-2.3 768P 6': 0.225, 'minimax-hailuo-2.3 768P 10': 0.56 },
        ...{ 'speech-2.6-hd': 100, 'speech-9': 50 },
      }),
      needsToken: true,
      introspection: false,
      writes: false,
      files: [],
    })
    expect(text).not.toContain(KEY)
  })
})
