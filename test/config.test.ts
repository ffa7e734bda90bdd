import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError, type Environment, readConfig, readSettings } from '../src/config/config.js'
import { Secret } from '../src/config/secret.js'
import { entries, settings } from '../src/config/settings.js'
import { toLines } from '../src/config/usage.js'

function readFaults(env: Environment): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

const JWT = {
  JWT_JWKS_URL: 'https://issuer.example/jwks.json?v=1',
  JWT_ISSUER: 'https://issuer.example',
  JWT_AUDIENCE: 'files',
}

describe('readConfig', () => {
  it('serves the sandbox on loopback where nothing is set', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      upstream: { kind: 'sandbox' },
      upstreamTimeoutMs: 10_000,
      priceMicroUsd: 4000,
      maxLookups: 100,
      introspection: true,
      logLevel: 'info',
    })
  })

  it('takes the upstream from the key', () => {
    const comet = readConfig({ COMETAPI_KEY: 'k' })
    expect(comet).toMatchObject({
      upstream: { kind: 'cometapi', model: 'minimax-files-retrieve' },
      priceMicroUsd: 4000,
    })
    expect(comet.upstream.kind !== 'sandbox' && comet.upstream.baseUrl.href).toBe('https://api.cometapi.com/')
    const minimax = readConfig({ MINIMAX_API_KEY: 'k', MINIMAX_GROUP_ID: '1912345678901234567' })
    expect(minimax).toMatchObject({
      upstream: { kind: 'minimax', groupId: '1912345678901234567' },
      priceMicroUsd: 5000,
    })
    expect(minimax.upstream.kind !== 'sandbox' && minimax.upstream.baseUrl.href).toBe(
      'https://api.minimax.io/',
    )
  })

  it('lets UPSTREAM choose between two keys', () => {
    const keys = { COMETAPI_KEY: 'k', MINIMAX_API_KEY: 'm' }
    expect(readFaults(keys)).toEqual([expect.stringMatching(/^UPSTREAM is not set/)])
    expect(readConfig({ ...keys, UPSTREAM: 'minimax' }).upstream.kind).toBe('minimax')
    expect(readConfig({ ...keys, UPSTREAM: 'sandbox' }).upstream.kind).toBe('sandbox')
  })

  it('counts money in whole micro-dollars', () => {
    expect(readConfig({ PRICE_PER_CALL_USD: '0.004001' }).priceMicroUsd).toBe(4001)
    expect(readConfig({ PRICE_PER_CALL_USD: '1' }).priceMicroUsd).toBe(1_000_000)
    expect(readConfig({ PRICE_PER_CALL_USD: '0.3' }).priceMicroUsd).toBe(300_000)
  })

  it('hides its schema in production unless told otherwise', () => {
    const production = { NODE_ENV: 'production', UPSTREAM: 'sandbox' }
    expect(readConfig(production).introspection).toBe(false)
    expect(readConfig({ ...production, INTROSPECTION: 'on' }).introspection).toBe(true)
    expect(readConfig({ INTROSPECTION: 'off' }).introspection).toBe(false)
  })

  it('is open on loopback, or where that is said', () => {
    expect(readConfig({}).access).toBeUndefined()
    const open = readConfig({ HOST: '0.0.0.0', COMETAPI_KEY: 'k', ACCESS: 'open' })
    expect([open.open, open.access]).toEqual([true, undefined])
  })

  it('lets in several tokens, or JWTs, or both, on a public address', () => {
    const env = { HOST: '0.0.0.0', COMETAPI_KEY: 'k' }
    const { access } = readConfig({ ...env, ACCESS_TOKENS: 'one, two' })
    expect(access?.tokens.map((token) => token.reveal())).toEqual(['one', 'two'])
    expect(access?.jwt).toBeUndefined()
    const names = { issuer: JWT.JWT_ISSUER, audience: 'files', writeScope: 'files:write' }
    const jwt = { jwksUrl: new URL(JWT.JWT_JWKS_URL), ...names }
    expect(readConfig({ ...env, ...JWT }).access).toEqual({ tokens: [], readTokens: [], jwt })
    expect(readConfig({ ...env, ...JWT, ACCESS_TOKENS: 'one' }).access).toMatchObject({ tokens: [{}], jwt })
  })

  it('takes keys over http from loopback only', () => {
    const env = { ...JWT, JWT_JWKS_URL: 'http://[::1]:9/jwks' }
    expect(readConfig(env).access?.jwt?.jwksUrl.href).toBe(env.JWT_JWKS_URL)
  })

  it('takes origins as browsers send them', () => {
    expect(readConfig({}).corsOrigins).toEqual([])
    const origins = [
      'https://a.example',
      'http://localhost:3000',
      'http://[::1]:8080',
      'capacitor://localhost',
    ]
    expect(readConfig({ CORS_ORIGINS: origins.join(', ') }).corsOrigins).toEqual(origins)
    expect(readConfig({ CORS_ORIGINS: '*' }).corsOrigins).toEqual(['*'])
  })

  it('takes proxies as other programs do: in lower case too, which takes precedence, and without a scheme', () => {
    const env = {
      HTTPS_PROXY: 'http://upper:1',
      https_proxy: 'lower:2',
      HTTP_PROXY: 'https://u:p%40@a',
      http_proxy: '',
    }
    const { proxies } = readConfig({ ...env, NO_PROXY: 'a.example, .b.example 10.0.0.0/8,' })
    expect([proxies.https?.reveal(), proxies.http?.reveal()]).toEqual(['http://lower:2', 'https://u:p%40@a'])
    expect(proxies.except).toEqual(['a.example', '.b.example', '10.0.0.0/8'])
    expect(readConfig({}).proxies).toEqual({ https: undefined, http: undefined, except: [] })
  })

  it('takes an empty variable as unset', () => {
    expect(readConfig({ PORT: '', UPSTREAM: '', LOG_LEVEL: '' }).port).toBe(4000)
  })

  it.each<[string, Environment, RegExp]>([
    ['an empty key', { COMETAPI_KEY: '' }, /^COMETAPI_KEY is empty, but takes /],
    [
      'a key with a line break',
      { COMETAPI_KEY: 'sk-a\nb' },
      /^COMETAPI_KEY is invalid \(its value is not shown\)/,
    ],
    ['a port that is none', { PORT: 'abc' }, /^PORT is "abc", but takes an integer from 0 to 65535\.$/],
    ['a port that is too large', { PORT: '65536' }, /^PORT is "65536"/],
    ['a host with a blank', { HOST: 'a b' }, /^HOST is "a b"/],
    ['a time that is too short', { UPSTREAM_TIMEOUT_MS: '0' }, /^UPSTREAM_TIMEOUT_MS is "0"/],
    ['a price in words', { PRICE_PER_CALL_USD: '$0.004' }, /^PRICE_PER_CALL_USD is "\$0\.004"/],
    ['a price with too many places', { PRICE_PER_CALL_USD: '0.0000001' }, /^PRICE_PER_CALL_USD/],
    [
      'a limit in words',
      { SPEND_LIMIT_USD_PER_DAY: '-1' },
      /^SPEND_LIMIT_USD_PER_DAY is "-1", but takes US dol/,
    ],
    [
      'a Redis by name alone',
      { REDIS_URL: 'redis:6379' },
      /^REDIS_URL is invalid \(its value is not shown\), but takes a redis or/,
    ],
    [
      'a Redis with its password amiss',
      { REDIS_URL: 'rediss://hunter2:redis:6379' },
      /^REDIS_URL is invalid/,
    ],
    ['a Redis by HTTP', { REDIS_URL: 'http://redis' }, /^REDIS_URL/],
    ['a Redis with a query', { REDIS_URL: 'redis://a?db=1' }, /^REDIS_URL/],
    ['a Redis without a name', { REDIS_URL: 'redis://' }, /^REDIS_URL/],
    ['a database in words', { REDIS_URL: 'redis://a/files' }, /^REDIS_URL/],
    ['a password that is cut off', { REDIS_URL: 'redis://:sk-a%@b' }, /^REDIS_URL is invalid/],
    [
      'an unknown upstream',
      { UPSTREAM: 'openai' },
      /^UPSTREAM is "openai", but takes cometapi, minimax or sandbox\.$/,
    ],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud"/],
    ['an unknown access', { ACCESS: 'closed' }, /^ACCESS is "closed", but takes open\.$/],
    [
      'a URL with blanks',
      { COMETAPI_KEY: 'k', UPSTREAM_URL: 'http://a b' },
      /^UPSTREAM_URL is "http:\/\/a b"/,
    ],
    ['a URL with a query', { COMETAPI_KEY: 'k', UPSTREAM_URL: 'http://a/?b' }, /^UPSTREAM_URL is invalid/],
    [
      'a URL with a password',
      { COMETAPI_KEY: 'k', UPSTREAM_URL: 'http://u:hunter2@a' },
      /^UPSTREAM_URL is invalid/,
    ],
    ['a URL without a key', { UPSTREAM_URL: 'http://127.0.0.1:1' }, /^UPSTREAM_URL is set, but no key is/],
    [
      'an upstream without its key',
      { UPSTREAM: 'minimax', COMETAPI_KEY: 'k' },
      /^MINIMAX_API_KEY is not set/,
    ],
    [
      'made-up files in production',
      { NODE_ENV: 'production' },
      /^Neither UPSTREAM nor a key is set: with NODE_ENV=production/,
    ],
    [
      'made-up files in public',
      { HOST: '0.0.0.0', ACCESS: 'open' },
      /^Neither UPSTREAM nor a key is set: with HOST=0\.0\.0\.0/,
    ],
    [
      'a public address',
      { HOST: '0.0.0.0', COMETAPI_KEY: 'k' },
      /^HOST is 0\.0\.0\.0, which is not loopback, and no access is configured: set ACCESS_TOKENS or the JWT variables, or ACCESS=open/,
    ],
    [
      'a connection that is never kept',
      { KEEP_ALIVE_SECONDS: '0' },
      /^KEEP_ALIVE_SECONDS is "0", but takes an int/,
    ],
    [
      'a lead in words',
      { DRAIN_LEAD_SECONDS: '5s' },
      /^DRAIN_LEAD_SECONDS is "5s", but takes an integer from 0/,
    ],
    [
      'a proxy of another kind',
      { HTTPS_PROXY: 'socks5://hunter2@a:1' },
      /^HTTPS_PROXY is invalid \(its value is not shown\), but takes an http or https URL/,
    ],
    ['a proxy with a path', { http_proxy: 'http://a/b' }, /^http_proxy is invalid/],
    ['a proxy with half a password', { https_proxy: 'http://a:hunter2%@b' }, /^https_proxy is invalid/],
    ['an empty token', { ACCESS_TOKENS: 'sk-a,,sk-b' }, /^ACCESS_TOKENS is invalid/],
    ['no token', { ACCESS_TOKENS: '' }, /^ACCESS_TOKENS is empty, but takes /],
    ['a token with a blank', { ACCESS_TOKENS: 'sk-a b' }, /^ACCESS_TOKENS is invalid/],
    [
      'open doors beside tokens',
      { ACCESS: 'open', ACCESS_TOKENS: 'sk-a' },
      /^ACCESS is open, but ACCESS_TOKENS is also set: unset one of them\.$/,
    ],
    ['open doors beside JWTs', { ACCESS: 'open', ...JWT }, /^ACCESS is open, but JWT_JWKS_URL is also set/],
    [
      'JWTs for anybody',
      { ...JWT, JWT_AUDIENCE: '' },
      /^JWT_AUDIENCE is not set, but JWT_JWKS_URL and JWT_ISSUER need it/,
    ],
    [
      'JWTs by anybody',
      { ...JWT, JWT_ISSUER: '' },
      /^JWT_ISSUER is not set, but JWT_JWKS_URL and JWT_AUDIENCE need it/,
    ],
    ['JWTs without keys', { ...JWT, JWT_JWKS_URL: '' }, /^JWT_JWKS_URL is not set, but/],
    [
      'keys that anybody may change',
      { ...JWT, JWT_JWKS_URL: 'http://a.example/k' },
      /^JWT_JWKS_URL is "http:/,
    ],
    ['keys behind a password', { ...JWT, JWT_JWKS_URL: 'https://u:hunter2@a' }, /^JWT_JWKS_URL is invalid/],
    ['an origin with a path', { CORS_ORIGINS: 'https://a.example/' }, /^CORS_ORIGINS is "https/],
    ['an origin with its default port', { CORS_ORIGINS: 'https://a.example:443' }, /^CORS_ORIGINS is "https/],
    ['an origin without a scheme', { CORS_ORIGINS: 'a.example' }, /^CORS_ORIGINS is "a/],
    ['the origin null', { CORS_ORIGINS: 'https://a.example,null' }, /^CORS_ORIGINS is "https/],
  ])('refuses %s, and says why in one line', (_, env, line) => {
    const faults = readFaults(env)
    expect(faults).toEqual([expect.stringMatching(line)])
    expect(faults.join()).not.toMatch(/\n|hunter2|sk-a/)
  })

  it('names every fault at once', () => {
    expect(readFaults({ PORT: 'x', HOST: '?', LOG_LEVEL: 'y', COMETAPI_KEY: '' })).toHaveLength(4)
  })

  it('shows no key to JSON, to a template or to an inspector', () => {
    const config = readConfig({ COMETAPI_KEY: 'sk-very-secret' })
    expect(
      `${JSON.stringify(config)} ${inspect(config, { depth: 9 })} ${new Secret('sk-very-secret')}`,
    ).not.toContain('very-secret')
  })
})

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (content: string) => {
    const path = join(folder, 'secret')
    writeFileSync(path, content)
    return path
  }

  it('is what it would be in the variable, the newline at its end cut off', () => {
    const { upstream } = readConfig({ COMETAPI_KEY_FILE: write('sk-a\n') })
    expect(upstream.kind === 'cometapi' && upstream.key.reveal()).toBe('sk-a')
    const { access } = readConfig({ ACCESS_TOKENS_FILE: write('one, two\r\n') })
    expect(access?.tokens.map((token) => token.reveal())).toEqual(['one', 'two'])
  })

  it('can be given for every setting that may hold one', () => {
    const texts: Readonly<Record<string, string>> = {
      REDIS_URL: 'redis://a',
      HTTPS_PROXY: 'a',
      HTTP_PROXY: 'a',
      TICKET_SECRET: '0123456789abcdef',
    }
    for (const [name, { secret }] of entries) {
      if (secret === undefined) continue
      const env = { [`${name}_FILE`]: write(texts[name] ?? 'k') }
      expect(toLines(readSettings(env)).join('\n')).toContain(`\n${name}=`)
    }
  })

  it('is not asked for where its variable is empty', () => {
    expect(readConfig({ COMETAPI_KEY: 'k', COMETAPI_KEY_FILE: '' }).upstream.kind).toBe('cometapi')
    expect(readConfig({ COMETAPI_KEY: '', COMETAPI_KEY_FILE: write('k') }).upstream.kind).toBe('cometapi')
    expect(readConfig({ REDIS_URL_FILE: '' }).redisUrl).toBeUndefined()
  })

  it.each<[string, (path: string) => Environment, string, RegExp]>([
    [
      'given twice',
      (path) => ({ COMETAPI_KEY: 'sk-a', COMETAPI_KEY_FILE: path }),
      'sk-a',
      /^COMETAPI_KEY and COMETAPI_KEY_FILE are both set: unset one of them\.$/,
    ],
    [
      'given twice, once in lower case',
      (path) => ({ https_proxy: 'a', HTTPS_PROXY_FILE: path }),
      'a',
      /^https_proxy and HTTPS_PROXY_FILE are both set/,
    ],
    [
      'not there',
      (path) => ({ MINIMAX_API_KEY_FILE: `${path}-not` }),
      '',
      /^MINIMAX_API_KEY_FILE is "\/.*-not", which cannot be read: no such file\.$/,
    ],
    [
      'a folder',
      () => ({ COMETAPI_KEY_FILE: folder }),
      '',
      /^COMETAPI_KEY_FILE is "\/.*", which cannot be read: it is a directory\.$/,
    ],
    [
      'empty',
      (path) => ({ ACCESS_TOKENS_FILE: path }),
      '\n',
      /^ACCESS_TOKENS_FILE is "\/.*", which is empty\.$/,
    ],
    [
      'too large',
      (path) => ({ REDIS_URL_FILE: path }),
      'sk-a'.repeat(20_000),
      /^REDIS_URL_FILE is "\/.*", which is larger than 64 KiB\.$/,
    ],
    [
      'without an end',
      () => ({ REDIS_URL_FILE: '/dev/zero' }),
      '',
      /^REDIS_URL_FILE is "\/dev\/zero", which is larger than 64 KiB\.$/,
    ],
    [
      'of two lines',
      (path) => ({ COMETAPI_KEY_FILE: path }),
      'sk-a\nsk-b\n',
      /^COMETAPI_KEY_FILE is "\/.*", whose content is invalid \(it is not shown\), but takes printable ASCII/,
    ],
    [
      'nowhere',
      () => ({ COMETAPI_KEY_FILE: '' }),
      '',
      /^COMETAPI_KEY_FILE is empty, but takes the path of a file\.$/,
    ],
    [
      'the variable itself',
      () => ({ COMETAPI_KEY_FILE: 'sk-a' }),
      '',
      /^COMETAPI_KEY_FILE names a file, which cannot be read: no such file\.$/,
    ],
  ])('that is %s is one fault, which does not show it', (_, toEnv, content, line) => {
    const faults = readFaults(toEnv(write(content)))
    expect(faults).toEqual([expect.stringMatching(line)])
    expect(faults.join()).not.toMatch(/\n|sk-/)
  })
})

describe('toLines', () => {
  const env = {
    HOST: '0.0.0.0',
    ACCESS: 'open',
    UPSTREAM: 'minimax',
    UPSTREAM_URL: 'https://api.minimaxi.com/prefix',
    MINIMAX_API_KEY: 'sk-very-secret',
    MINIMAX_GROUP_ID: '1912345678901234567',
    PRICE_PER_CALL_USD: '0.000007',
  }

  it('shows what is in force, secrets masked', () => {
    expect(toLines(readSettings({ ACCESS_TOKENS: 'sk-a,sk-b' }))).toContain(
      'ACCESS_TOKENS=[redacted],[redacted]',
    )
    const lines = toLines(readSettings(env))
    expect(lines).toContain('UPSTREAM_URL=https://api.minimaxi.com/prefix')
    expect(lines).toContain('MINIMAX_API_KEY=[redacted]')
    expect(lines).toContain('PRICE_PER_CALL_USD=0.000007')
    expect(lines.join()).not.toContain('very-secret')
    const jwks = { ...JWT, JWT_JWKS_URL: 'https://issuer.example/keys?key=very-secret' }
    expect(toLines(readSettings(jwks))).toContain('JWT_JWKS_URL=https://issuer.example/keys?[redacted]')
    const proxies = { HTTPS_PROXY: 'http://user:very-secret@proxy.example:3128', http_proxy: 'proxy.example' }
    expect(toLines(readSettings(proxies))).toEqual(
      expect.arrayContaining([
        'HTTPS_PROXY=http://[redacted]@proxy.example:3128',
        'HTTP_PROXY=http://proxy.example',
      ]),
    )
    const PRICES = '{"MiniMax-Hailuo-2.3":{"768P":{"6":0.000007,"10":3}},"speech-2.8-hd":100}'
    expect(toLines(readSettings({ PRICES }))).toContain(`PRICES=${PRICES}`)
    const redis = { REDIS_URL: 'rediss://user:very-secret@redis.example:6380/1' }
    expect(toLines(readSettings(redis))).toContain('REDIS_URL=rediss://[redacted]@redis.example:6380/1')
  })

  it('has a line for every variable, in one configuration or another', () => {
    const guarded = { ...JWT, ACCESS_TOKENS: 'a', READ_TOKENS: 'b', CORS_ORIGINS: '*' }
    const common = { REDIS_URL: 'redis://a', SPEND_LIMIT_USD_PER_DAY: '1', PRICES: '{}' }
    const proxies = { HTTPS_PROXY: 'http://a', HTTP_PROXY: 'http://b', NO_PROXY: '*' }
    const tickets = { PUBLIC_URL: 'https://a.example/b', TICKET_SECRET: '0123456789abcdef' }
    const configs = [{}, { COMETAPI_KEY: 'k' }, env, guarded, common, proxies, tickets].flatMap((each) =>
      toLines(readSettings(each)),
    )
    const names = new Set(configs.map((line) => line.slice(0, line.indexOf('='))))
    expect(names).toEqual(new Set(Object.keys(settings)))
  })

  it('gives lines that mean the same when they are read again', () => {
    const guarded = { ...JWT, ACCESS_TOKENS: 'a,b', CORS_ORIGINS: 'https://a.example,http://b.example' }
    const common = { REDIS_URL: 'redis://user:p%40ss@[::1]:1/2', SPEND_LIMIT_USD_PER_DAY: '0.02' }
    const proxies = { https_proxy: 'a:1', HTTP_PROXY: 'https://u:p@b', no_proxy: 'localhost, .a.example' }
    const rest = { KEEP_ALIVE_SECONDS: '620', DRAIN_LEAD_SECONDS: '0' }
    for (const each of [{ ...env, MINIMAX_API_KEY: 'k' }, guarded, common, proxies, rest]) {
      const inForce = readSettings(each)
      const again = Object.fromEntries(toLines(inForce).map((line) => line.split(/=(.*)/s).slice(0, 2)))
      expect(toLines(readSettings(again))).toEqual(toLines(inForce))
    }
  })
})
