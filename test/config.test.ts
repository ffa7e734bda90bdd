import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigError, type Environment, readConfig, toLines } from '../src/config/config.js'
import { Secret } from '../src/config/secret.js'
import { variables } from '../src/config/settings.js'

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
    const jwt = { jwksUrl: new URL(JWT.JWT_JWKS_URL), issuer: JWT.JWT_ISSUER, audience: 'files' }
    expect(readConfig({ ...env, ...JWT }).access).toEqual({ tokens: [], jwt })
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

  it('takes an empty variable as unset', () => {
    expect(readConfig({ PORT: '', UPSTREAM: '', LOG_LEVEL: '' }).port).toBe(4000)
  })

  it.each<[string, Environment, RegExp]>([
    ['an empty key', { COMETAPI_KEY: '' }, /^COMETAPI_KEY is empty, but takes /],
    [
      'a key with a line break',
      { COMETAPI_KEY: 'sk-a\nb' },
      /^COMETAPI_KEY is not usable \(its value is not shown\)/,
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
      /^REDIS_URL is not usable \(its value is not shown\), but takes a redis or/,
    ],
    [
      'a Redis with its password amiss',
      { REDIS_URL: 'rediss://hunter2:redis:6379' },
      /^REDIS_URL is not usable/,
    ],
    ['a Redis by HTTP', { REDIS_URL: 'http://redis' }, /^REDIS_URL/],
    ['a Redis with a query', { REDIS_URL: 'redis://a?db=1' }, /^REDIS_URL/],
    ['a Redis without a name', { REDIS_URL: 'redis://' }, /^REDIS_URL/],
    ['a database in words', { REDIS_URL: 'redis://a/files' }, /^REDIS_URL/],
    ['a password that is cut off', { REDIS_URL: 'redis://:sk-a%@b' }, /^REDIS_URL is not usable/],
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
    ['a URL with a query', { COMETAPI_KEY: 'k', UPSTREAM_URL: 'http://a/?b' }, /^UPSTREAM_URL is not usable/],
    [
      'a URL with a password',
      { COMETAPI_KEY: 'k', UPSTREAM_URL: 'http://u:hunter2@a' },
      /^UPSTREAM_URL is not usable/,
    ],
    [
      'a URL without a key',
      { UPSTREAM_URL: 'http://127.0.0.1:1' },
      /^UPSTREAM_URL is set, but the sandbox has none/,
    ],
    [
      'an upstream without its key',
      { UPSTREAM: 'minimax', COMETAPI_KEY: 'k' },
      /^MINIMAX_API_KEY is not set/,
    ],
    [
      'made-up files in production',
      { NODE_ENV: 'production' },
      /^UPSTREAM is not set, nor a key: with NODE_ENV=production/,
    ],
    [
      'made-up files in public',
      { HOST: '0.0.0.0', ACCESS: 'open' },
      /^UPSTREAM is not set, nor a key: with HOST=0\.0\.0\.0/,
    ],
    [
      'a public address',
      { HOST: '0.0.0.0', COMETAPI_KEY: 'k' },
      /^HOST is 0\.0\.0\.0, where anybody may ask: set ACCESS_TOKENS or the JWT variables, or say ACCESS=open/,
    ],
    ['an empty token', { ACCESS_TOKENS: 'sk-a,,sk-b' }, /^ACCESS_TOKENS is not usable/],
    ['no token', { ACCESS_TOKENS: '' }, /^ACCESS_TOKENS is empty, but takes /],
    ['a token with a blank', { ACCESS_TOKENS: 'sk-a b' }, /^ACCESS_TOKENS is not usable/],
    [
      'open doors beside tokens',
      { ACCESS: 'open', ACCESS_TOKENS: 'sk-a' },
      /^ACCESS is open, but ACCESS_TOKENS is set as well: unset one of them\.$/,
    ],
    [
      'open doors beside JWTs',
      { ACCESS: 'open', ...JWT },
      /^ACCESS is open, but JWT_JWKS_URL is set as well/,
    ],
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
    [
      'keys behind a password',
      { ...JWT, JWT_JWKS_URL: 'https://u:hunter2@a' },
      /^JWT_JWKS_URL is not usable/,
    ],
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
    expect(toLines(readConfig({ ACCESS_TOKENS: 'sk-a,sk-b' }))).toContain(
      'ACCESS_TOKENS=[redacted],[redacted]',
    )
    const lines = toLines(readConfig(env))
    expect(lines).toContain('UPSTREAM_URL=https://api.minimaxi.com/prefix')
    expect(lines).toContain('MINIMAX_API_KEY=[redacted]')
    expect(lines).toContain('PRICE_PER_CALL_USD=0.000007')
    expect(lines.join()).not.toContain('very-secret')
    const jwks = { ...JWT, JWT_JWKS_URL: 'https://issuer.example/keys?key=very-secret' }
    expect(toLines(readConfig(jwks))).toContain('JWT_JWKS_URL=https://issuer.example/keys?[redacted]')
    const redis = { REDIS_URL: 'rediss://user:very-secret@redis.example:6380/1' }
    expect(toLines(readConfig(redis))).toContain('REDIS_URL=rediss://[redacted]@redis.example:6380/1')
  })

  it('has a line for every variable, in one configuration or another', () => {
    const guarded = { ...JWT, ACCESS_TOKENS: 'a', CORS_ORIGINS: '*' }
    const common = { REDIS_URL: 'redis://a', SPEND_LIMIT_USD_PER_DAY: '1' }
    const configs = [{}, { COMETAPI_KEY: 'k' }, env, guarded, common].flatMap((each) =>
      toLines(readConfig(each)),
    )
    const names = new Set(configs.map((line) => line.slice(0, line.indexOf('='))))
    expect(names).toEqual(new Set(Object.keys(variables)))
  })

  it('gives lines that mean the same when they are read again', () => {
    const guarded = { ...JWT, ACCESS_TOKENS: 'a,b', CORS_ORIGINS: 'https://a.example,http://b.example' }
    const common = { REDIS_URL: 'redis://user:p%40ss@[::1]:1/2', SPEND_LIMIT_USD_PER_DAY: '0.02' }
    for (const each of [{ ...env, MINIMAX_API_KEY: 'k' }, guarded, common]) {
      const config = readConfig(each)
      const again = Object.fromEntries(toLines(config).map((line) => line.split(/=(.*)/s).slice(0, 2)))
      expect(toLines(readConfig(again))).toEqual(toLines(config))
    }
  })
})
