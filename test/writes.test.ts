// Who may write, and what is said of each change.
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config/config.js'
import { startApp } from './helpers/app.js'
import { createKey, sign, startIssuer } from './helpers/issuer.js'

const VOICE = '437774745600005'
const DELETE = `mutation { deleteFile(id: "${VOICE}") { __typename ... on DeletedFile { id } ... on FileError { code retryable } } }`
const WRITER = 'token-SENTINEL-writer'
const READER = 'token-SENTINEL-reader'
const GUARDED = { ACCESS_TOKENS: WRITER, READ_TOKENS: READER, WRITES: 'on' }

const bearer = (token: string, more: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${token}`, ...more },
})
const forbidden = { __typename: 'FileError', code: 'FORBIDDEN', retryable: false }
const deleted = { __typename: 'DeletedFile', id: VOICE }

/** What a deletion ends in, and how many were sent. */
async function remove(app: Awaited<ReturnType<typeof startApp>>, init: RequestInit = {}) {
  const { data } = await app.query(DELETE, undefined, init)
  return [data.deleteFile, app.sandbox.totals.calls.delete]
}

describe('to write is refused without a call', () => {
  it.each<[string, Record<string, string>, RequestInit]>([
    ['the bearer of a read token', GUARDED, bearer(READER)],
    [
      'the bearer of a read token from a router',
      GUARDED,
      bearer('other', { 'router-authorization': READER }),
    ],
    ['everybody where only read tokens are', { READ_TOKENS: READER, WRITES: 'on' }, bearer(READER)],
    ['everybody where writing is off', { ...GUARDED, WRITES: 'off' }, bearer(WRITER)],
    ['everybody on a public address, unless that is said', { HOST: '0.0.0.0', ACCESS: 'open' }, {}],
    [
      'a token on a public address, unless that is said',
      { HOST: '0.0.0.0', ACCESS_TOKENS: WRITER },
      bearer(WRITER),
    ],
  ])('to %s', async (_, env, init) => {
    const app = await startApp(env)
    expect(await remove(app, init)).toEqual([forbidden, 0])
    // What is wrong beside that is not told.
    const { data } = await app.query(
      'mutation { deleteFile(id: "x") { ... on FileError { code } } }',
      undefined,
      init,
    )
    expect(data.deleteFile.code).toBe('FORBIDDEN')
    expect(app.logs.join()).not.toContain('a change upstream')
  })

  it.each<[string, Record<string, unknown>]>([
    ['no scope', {}],
    ['another scope', { scope: 'files:read files:writer' }],
    ['a scope that is no text', { scope: 7, scp: null, permissions: { 'files:write': true } }],
  ])('to a JWT with %s', async (_, claims) => {
    const key = await createKey('k1')
    const app = await startApp({ ...(await startIssuer(key)).env, WRITES: 'on' })
    expect(await remove(app, bearer(await sign(key, claims)))).toEqual([forbidden, 0])
  })
})

describe('to write is allowed', () => {
  it.each<[string, Record<string, string>, RequestInit]>([
    ['the bearer of an access token', GUARDED, bearer(WRITER)],
    ['one of two tokens', GUARDED, bearer(READER, { 'router-authorization': WRITER })],
    ['the other of two tokens', GUARDED, bearer(WRITER, { 'router-authorization': READER })],
    ['everybody on loopback', {}, {}],
    [
      'whoever has a token on a public address, once that is said',
      { ...GUARDED, HOST: '0.0.0.0' },
      bearer(WRITER),
    ],
  ])('to %s', async (_, env, init) => {
    expect(await remove(await startApp(env), init)).toEqual([deleted, 1])
  })

  it.each<[string, Record<string, unknown>, string?]>([
    ['a scope of words', { scope: 'openid files:write' }],
    ['a list as scp', { scp: ['files:write'] }],
    ['words as scp', { scp: 'a files:write' }],
    ['permissions', { permissions: ['files:write'] }],
    ['the scope that is set', { scope: 'admin' }, 'admin'],
  ])('to a JWT with %s', async (_, claims, scope) => {
    const key = await createKey('k1')
    const env = { ...(await startIssuer(key)).env, ...(scope !== undefined && { JWT_WRITE_SCOPE: scope }) }
    expect(await remove(await startApp(env), bearer(await sign(key, claims)))).toEqual([deleted, 1])
  })

  it('to a JWT beside a read token', async () => {
    const key = await createKey('k1')
    const app = await startApp({ ...(await startIssuer(key)).env, READ_TOKENS: READER })
    const jwt = await sign(key, { scope: 'files:write' })
    expect(await remove(app, bearer(jwt, { 'router-authorization': READER }))).toEqual([deleted, 1])
  })
})

describe('the bearer of a read token', () => {
  it('may read, and is let in though the issuer of JWTs is down', async () => {
    const { query } = await startApp({
      ...GUARDED,
      JWT_JWKS_URL: 'http://127.0.0.1:9/',
      JWT_ISSUER: 'i',
      JWT_AUDIENCE: 'a',
    })
    const { data } = await query(`{ file(id: "${VOICE}") { id } }`, undefined, bearer(READER))
    expect(data.file.id).toBe(VOICE)
    const beside = bearer('some.other.token', { 'router-authorization': READER })
    expect((await query(`{ __typename }`, undefined, beside)).status).toBe(200)
  })
})

it('a mutation by GET is refused, and nothing is deleted', async () => {
  const { send, sandbox } = await startApp()
  const response = await send(`/graphql?query=${encodeURIComponent(DELETE)}`, {
    headers: { 'apollo-require-preflight': '1' },
  })
  expect(response.status).toBe(405)
  expect(sandbox.requests).toEqual([])
})

it('each change leaves one line with what, id, bytes, price and who; none with a token', async () => {
  const key = await createKey('k1')
  const app = await startApp({ ...GUARDED, ...(await startIssuer(key)).env })
  const lines = () =>
    app.logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a change upstream')
  await app.query(`{ file(id: "${VOICE}") { bytes } }`, undefined, bearer(WRITER))
  await app.query(DELETE, undefined, bearer(WRITER, { 'x-request-id': 'r-1' }))
  expect(lines()).toEqual([
    expect.objectContaining({
      level: 'info',
      what: 'delete',
      id: VOICE,
      bytes: expect.any(Number),
      usd: 0.004,
      code: 'OK',
      caller: expect.stringMatching(/^[0-9a-f]{12}$/),
      requestId: 'r-1',
    }),
  ])
  const jwt = await sign(key, { sub: 'user-7', scope: 'files:write' })
  await app.query('mutation { deleteFile(id: "1002") { __typename } }', undefined, bearer(jwt))
  expect(lines()[1]).toMatchObject({
    caller: 'user-7',
    code: 'UPSTREAM_RATE_LIMITED',
    id: '1002',
    bytes: null,
    usd: 0.004,
  })
})

describe('the configuration', () => {
  const faultsOf = (env: Record<string, string>) => {
    try {
      readConfig(env)
      return []
    } catch (error) {
      return error instanceof ConfigError ? error.faults : [error]
    }
  }

  it('lets write on loopback and on the sandbox, or where that is said', () => {
    const open = { HOST: '0.0.0.0', ACCESS: 'open' }
    expect(readConfig({ COMETAPI_KEY: 'k' }).writes).toBe(true)
    expect(readConfig({ ...open, UPSTREAM: 'sandbox' }).writes).toBe(true)
    expect(readConfig({ ...open, COMETAPI_KEY: 'k' }).writes).toBe(false)
    expect(readConfig({ ...open, COMETAPI_KEY: 'k', WRITES: 'on' }).writes).toBe(true)
    expect(readConfig({ WRITES: 'off' }).writes).toBe(false)
  })

  it('is guarded by read tokens alone', () => {
    const { access } = readConfig({ HOST: '0.0.0.0', COMETAPI_KEY: 'k', READ_TOKENS: 'a,b' })
    expect([access?.tokens.length, access?.readTokens.length]).toEqual([0, 2])
  })

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a token in both lists',
      { ACCESS_TOKENS: 'sk-a,sk-b', READ_TOKENS: 'sk-b' },
      /^READ_TOKENS and ACCESS_TOKENS contain the same token/,
    ],
    [
      'read tokens beside open doors',
      { READ_TOKENS: 'sk-a', ACCESS: 'open' },
      /^ACCESS is open, but READ_TOKENS is also set/,
    ],
    ['no read token', { READ_TOKENS: '' }, /^READ_TOKENS is empty/],
    ['a scope with a blank', { JWT_WRITE_SCOPE: 'a b' }, /^JWT_WRITE_SCOPE is "a b"/],
    ['writes in other words', { WRITES: 'yes' }, /^WRITES is "yes", but takes on or off\.$/],
  ])('refuses %s', (_, env, fault) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(fault)])
    expect(faultsOf(env).join()).not.toContain('sk-')
  })
})
