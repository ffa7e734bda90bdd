// Who may ask: tokens, JWTs, and what a stranger gets.
import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK } from 'jose'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createAccess } from '../src/http/access.js'
import { startApp, TOKENS } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { AUDIENCE, createKey, ISSUER, type SigningKey, sign, startIssuer } from './helpers/issuer.js'
import { ask, converse } from './helpers/sandbox-peer.js'

const QUERY = `{ file(id: "${VIDEO}") { id } }`
const GUARDED = { ACCESS_TOKENS: TOKENS.join(',') }
const [OLD, NEW] = TOKENS

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('access tokens', () => {
  it.each<[string, Record<string, string>]>([
    ['the one', { authorization: `Bearer ${OLD}` }],
    ['the other', { authorization: `Bearer ${NEW}` }],
    ['a scheme in lower case', { authorization: `bearer ${NEW}` }],
    ['several blanks', { authorization: `BEARER \t  ${NEW}  ` }],
    ['a router’s in several blanks', { 'router-authorization': ` bearer   ${NEW} ` }],
    ['a router’s', { 'router-authorization': `Bearer ${OLD}` }],
    ['a router’s without Bearer', { 'router-authorization': NEW }],
    ['a router’s beside a stranger’s', { 'router-authorization': NEW, authorization: 'Bearer somebody' }],
  ])('let in %s, and go no further than this server', async (_, headers) => {
    const { query, sandbox } = await startApp(GUARDED)
    const { status, data } = await query(QUERY, undefined, { headers })
    expect([status, data]).toEqual([200, { file: { id: VIDEO } }])
    const [sent] = sandbox.requests
    expect(sent?.headers).not.toHaveProperty('router-authorization')
    expect(JSON.stringify(sent?.headers)).not.toContain('token-')
  })

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['an empty one', { authorization: '' }],
    ['a token alone', { authorization: OLD }],
    ['Basic', { authorization: `Basic ${OLD}` }],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['half a token', { authorization: `Bearer ${OLD.slice(0, -1)}` }],
    ['a longer token', { authorization: `Bearer ${OLD}x` }],
    ['a token in upper case', { authorization: `Bearer ${OLD.toUpperCase()}` }],
    ['both tokens in one', { authorization: `Bearer ${OLD},${NEW}` }],
    ['a wrong router’s', { 'router-authorization': 'wrong' }],
    ['an unsigned JWT', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
  ])('keep out %s with 401, and nothing is looked up', async (_, headers) => {
    const { query, sandbox, logs } = await startApp(GUARDED)
    const answer = await query(QUERY, undefined, { headers })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.data).toBeUndefined()
    expect(answer.errors).toEqual([
      {
        message: expect.stringContaining('access token'),
        extensions: {
          code: 'UNAUTHENTICATED',
          retryable: false,
          requestId: answer.headers.get('x-request-id'),
        },
      },
    ])
    expect(answer.extensions.cost).toMatchObject({ calls: 0, usd: 0 })
    expect(sandbox.requests).toEqual([])
    expect(logs.join()).toContain('401')
  })

  it('are told apart each time, however often and in however many spellings they came before', async () => {
    const access = await createAccess(
      { tokens: TOKENS.map((token) => ({ reveal: () => token })), readTokens: [] },
      {} as never,
    )
    for (let i = 0; i < 2; i++) {
      for (let blanks = 1; blanks < 200; blanks++) {
        const [good, bad] = [OLD, `${OLD}x`].map((token) => `Bearer${' '.repeat(blanks)}${token}`)
        expect(access.authenticate({ authorization: good })).toMatchObject({ mayWrite: true })
        expect(access.authenticate({ authorization: bad })).toBe('refused')
      }
      expect(access.authenticate({ 'router-authorization': OLD })).toMatchObject({ mayWrite: true })
      expect(access.authenticate({ authorization: OLD })).toBe('refused') // which is how only routers may say it
      expect(
        access.authenticate({ authorization: 'Bearer wrong', 'router-authorization': NEW }),
      ).toMatchObject({ mayWrite: true })
      expect(access.authenticate({})).toBe('refused')
    }
  })

  it('guard everything that does not say it is public', async () => {
    const { send, query, sandbox } = await startApp(GUARDED)
    for (const text of ['{ _service { sdl } }', '{ _entities(representations: []) { __typename } }']) {
      expect((await query(text)).status, text).toBe(401)
    }
    const get = { headers: { 'apollo-require-preflight': '1' } }
    const paths = ['/graphql?query={__typename}', '/metrics', '/nowhere', '/graphql/', '//graphql']
    for (const path of paths) expect((await send(path, get)).status, path).toBe(401)
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
      expect((await send('/graphql', { method })).status, method).toBe(401)
    }
    for (const path of ['/livez', '/readyz']) expect((await send(path)).status, path).toBe(200)
    expect(sandbox.requests).toEqual([])
  })

  it('are asked for before a large body is read', async () => {
    const { origin } = await startApp(GUARDED)
    const head =
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n'
    const { text, end } = await converse({ url: origin }, '', { send: `${head}{"query":` })
    expect(text).toMatch(/^HTTP\/1\.1 401 .*\r\nconnection: close\r\n/s)
    expect(end).toBe('closed')
  })
})

describe('a JWT', () => {
  it.each(['ES256', 'RS256', 'PS512', 'EdDSA'])('that the issuer signed with %s lets in', async (alg) => {
    const key = await createKey('k1', alg)
    const issuer = await startIssuer(key)
    const { query } = await startApp(issuer.env)
    const first = await query(QUERY, undefined, bearer(await sign(key)))
    const router = { headers: { 'router-authorization': await sign(key, { aud: ['other', AUDIENCE] }) } }
    const second = await query(QUERY, undefined, router)
    expect([first.status, second.status, issuer.asked]).toEqual([200, 200, 1])
  })

  it('works beside tokens, and either does', async () => {
    const key = await createKey('k1')
    const { env } = await startIssuer(key)
    const { query } = await startApp({ ...env, ...GUARDED })
    for (const token of [await sign(key), OLD, NEW]) {
      expect((await query(QUERY, undefined, bearer(token))).status).toBe(200)
    }
    expect((await query(QUERY, undefined, bearer('wrong'))).status).toBe(401)
  })

  const [rsaKey, otherRsaKey] = [createKey('k1', 'RS256'), createKey('k1', 'RS256')]
  const nowSeconds = () => Date.now() / 1000
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = () => ({ iss: ISSUER, aud: AUDIENCE, exp: Math.floor(nowSeconds()) + 300 })

  it.each<[string, (key: SigningKey) => Promise<string>]>([
    ['another issuer', (key) => sign(key, { iss: 'https://issuer.example.evil' })],
    ['another audience', (key) => sign(key, { aud: 'other' })],
    ['a time that is over', (key) => sign(key, { exp: nowSeconds() - 60 })],
    ['no end', (key) => sign(key, { exp: null })],
    ['an unknown key id', (key) => sign({ ...key, kid: 'k2' })],
    ['a signature by another key', async () => sign(await otherRsaKey)],
    ['no signature', async () => `${b64({ alg: 'none', kid: 'k1' })}.${b64(claims())}.`],
    [
      'the public key as a shared secret',
      async ({ jwk }) => {
        const pem = await exportSPKI((await importJWK(jwk, 'RS256')) as SigningKey['privateKey'])
        const signed = `${b64({ alg: 'HS256', kid: 'k1' })}.${b64(claims())}`
        return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`
      },
    ],
    [
      'claims that were changed',
      async (key) => {
        const [head, , signature] = (await sign(key, { aud: 'other' })).split('.')
        return `${head}.${b64(claims())}.${signature}`
      },
    ],
    ['three words of rubbish', async () => 'a.b.c'],
  ])('with %s keeps out, with 401', async (_, forge) => {
    const key = await rsaKey
    const { env } = await startIssuer(key)
    const { query, sandbox, logs } = await startApp(env)
    expect((await query(QUERY, undefined, bearer(await sign(key)))).status).toBe(200)
    const { status, errors } = await query(QUERY, undefined, bearer(await forge(key)))
    expect([status, errors?.[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(sandbox.calls).toBe(1)
    const reasons = logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a JWT was refused')
    expect(reasons).toMatchObject([{ reason: expect.stringMatching(/^ERR_J[A-Z_]+$/) }])
  })

  /** `jose` reads the wall clock; only that one is moved. */
  function passSeconds(seconds: number) {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })
    onTestFinished(() => {
      vi.useRealTimers()
    })
  }

  it('of a new key is let in without a restart, and the old key’s no longer once it is withdrawn', async () => {
    const [older, newer] = await Promise.all([createKey('k1'), createKey('k2')])
    const issuer = await startIssuer(older)
    const { query } = await startApp(issuer.env)
    const ask = async (key: typeof older) => (await query(QUERY, undefined, bearer(await sign(key)))).status
    expect(await ask(older)).toBe(200)
    issuer.publish(older, newer)
    passSeconds(31)
    expect([await ask(newer), await ask(older)]).toEqual([200, 200])
    issuer.publish(newer)
    passSeconds(601)
    expect([await ask(older), await ask(newer)]).toEqual([401, 200])
    expect(issuer.asked).toBeLessThanOrEqual(4)
  })

  it('with a made-up key id makes the issuer be asked no more than once in half a minute', async () => {
    const key = await createKey('k1')
    const issuer = await startIssuer(key)
    const { query } = await startApp(issuer.env)
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, i) => sign({ ...key, kid: `made-up-${i}` })),
    )
    for (const token of tokens) expect((await query(QUERY, undefined, bearer(token))).status).toBe(401)
    expect((await query(QUERY, undefined, bearer(await sign(key)))).status).toBe(200)
    expect(issuer.asked).toBe(1)
    passSeconds(31)
    await Promise.all(tokens.map((token) => query(QUERY, undefined, bearer(token))))
    expect(issuer.asked).toBe(2)
  })

  it.each<[string, { status: number; body: string }]>([
    ['fails', { status: 500, body: '' }],
    ['answers with something else', { status: 200, body: '<html>' }],
    ['answers with keys that are none', { status: 200, body: '{"keys":[1]}' }],
    ['answers with too much', { status: 200, body: `{"keys":[],"more":"${'x'.repeat(300_000)}"}` }],
    ['redirects', { status: 302, body: '' }],
  ])(
    'is neither right nor wrong while the issuer %s: 503, and the issuer is left alone',
    async (_, answer) => {
      const key = await createKey('k1')
      const issuer = await startIssuer()
      issuer.answer = answer
      const { query, sandbox, logs } = await startApp({ ...issuer.env, ...GUARDED })
      for (let i = 0; i < 20; i++) {
        const { status, headers, errors } = await query(QUERY, undefined, bearer(await sign(key)))
        expect([status, headers.get('retry-after')]).toEqual([503, '1'])
        expect(errors?.[0].extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true })
      }
      expect((await query(QUERY, undefined, bearer(OLD))).status).toBe(200)
      expect((await query(QUERY, undefined, bearer('wrong'))).status).toBe(401)
      expect([issuer.asked, sandbox.calls]).toEqual([1, 1])
      expect(logs.filter((line) => line.includes('JWT_JWKS_URL'))).toHaveLength(1)
    },
  )

  it('is checked with keys that come behind a byte order mark, whatever their type', async () => {
    const key = await createKey('k1')
    const issuer = await startIssuer(key)
    issuer.answer.body = `\uFEFF${issuer.answer.body}`
    const { query } = await startApp(issuer.env)
    expect((await query(QUERY, undefined, bearer(await sign(key)))).status).toBe(200)
  })

  it.each([301, 302, 303, 307, 308])(
    'is not checked with keys that the issuer’s URL points to with a %d',
    async (status) => {
      const key = await createKey('k1')
      const elsewhere = await startIssuer(key)
      const issuer = await startIssuer()
      issuer.answer = { status, body: '', location: elsewhere.env.JWT_JWKS_URL }
      const { query } = await startApp(issuer.env)
      expect((await query(QUERY, undefined, bearer(await sign(key)))).status).toBe(503)
      expect([issuer.asked, elsewhere.asked]).toEqual([1, 0])
    },
  )

  it('is checked with the last good keys while the issuer is down', async () => {
    const key = await createKey('k1')
    const issuer = await startIssuer(key)
    const { query } = await startApp(issuer.env)
    expect((await query(QUERY, undefined, bearer(await sign(key)))).status).toBe(200)
    issuer.answer = { status: 503, body: '' }
    passSeconds(601)
    expect((await query(QUERY, undefined, bearer(await sign(key)))).status).toBe(200)
    expect(issuer.asked).toBe(2)
  })
})

describe('an open server on loopback', () => {
  const search = '?query={__typename}'
  const askAs = async (origin: string, host: string, path = `/graphql${search}`) =>
    (await ask(`${origin}${path}`, { headers: { host, 'apollo-require-preflight': '1' } })).status

  const own = ['127.0.0.1', 'localhost:4000', 'LOCALHOST.', '[::1]:4000', '192.168.1.2', 'files', 'files:80']
  const reserved = ['app.localhost:4000', 'host.docker.internal:4000', 'files.test']

  it.each([...own, ...reserved])('answers to the name %s', async (host) => {
    const { origin } = await startApp()
    expect(await askAs(origin, host)).toBe(200)
  })

  it.each(['evil.example', 'evil.example:4000', 'localhost.evil.example', '127.0.0.1.evil.example', '1.2.3'])(
    'does not answer to %s, which a web page may have given it',
    async (host) => {
      const { origin, sandbox } = await startApp()
      for (const path of [`/graphql${search}`, '/', '/playground.json', '/metrics'])
        expect(await askAs(origin, host, path), path).toBe(421)
      expect(sandbox.requests).toEqual([])
    },
  )

  it('tells whoever runs it how to let others in: by tokens, or everyone', async () => {
    const { origin } = await startApp()
    const { bytes } = await ask(`${origin}/readyz`, { headers: { host: 'files.example' } })
    const [{ message }] = JSON.parse(bytes.toString()).errors
    expect(message).toMatch(/ Set ACCESS_TOKENS or the JWT variables, or ACCESS=open to allow everyone\.$/)
  })

  it.each<[string, Record<string, string>]>([
    ['says that anybody may ask', { ACCESS: 'open' }],
    ['asks for a token', GUARDED],
  ])('answers to any name where it %s', async (_, env) => {
    const { origin } = await startApp(env)
    const headers = { host: 'files.example', authorization: `Bearer ${OLD}`, 'apollo-require-preflight': '1' }
    expect((await ask(`${origin}/graphql${search}`, { headers })).status).toBe(200)
  })
})

describe('pages of other origins', () => {
  const APP = 'https://app.example'
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

  it('[125] may read nothing unless they are named', async () => {
    const { send, query } = await startApp()
    for (const headers of [
      (await send('/graphql', preflight(APP))).headers,
      (await query(QUERY, undefined, { headers: { origin: APP } })).headers,
    ]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })

  it('[125] may read where they are named exactly, refusals too, and their preflight needs no token', async () => {
    const { send, query } = await startApp({ ...GUARDED, CORS_ORIGINS: `${APP},http://localhost:3000` })
    const asked = await send('/graphql', preflight(APP))
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(APP)
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization,content-type')
    for (const authorization of [`Bearer ${OLD}`, 'Bearer wrong']) {
      const { headers } = await query(QUERY, undefined, { headers: { origin: APP, authorization } })
      expect(headers.get('access-control-allow-origin')).toBe(APP)
      expect(headers.get('access-control-expose-headers')).toContain('x-request-id')
      expect(headers.get('vary')).toMatch(/origin/i)
      expect(headers.has('access-control-allow-credentials')).toBe(false)
    }
    const others = ['https://app.example.evil', 'https://evil.app.example', 'http://app.example', 'null', '*']
    for (const origin of [...others, `${APP}:8443`, 'http://localhost:3001']) {
      const { headers } = await send('/graphql', preflight(origin))
      expect(headers.get('access-control-allow-origin'), origin).toBeNull()
    }
  })

  it('[125] may all read where everybody is allowed, without credentials', async () => {
    const { send } = await startApp({ CORS_ORIGINS: '*' })
    const { headers } = await send('/graphql', preflight(APP))
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.has('access-control-allow-credentials')).toBe(false)
  })

  it.each<[string, RequestInit, number]>([
    ['a form', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    [
      'a form with files',
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      415,
    ],
    ['plain text', { method: 'POST', headers: { 'content-type': 'text/plain' } }, 415],
    [
      'plain text that says JSON',
      { method: 'POST', headers: { 'content-type': 'text/plain; application/json' } },
      415,
    ],
    ['no type', { method: 'POST', headers: {} }, 415],
    ['a link', { method: 'GET' }, 400],
    ['a GET as a form', { method: 'GET', headers: { 'content-type': 'text/plain' } }, 400],
    ['a GET of an odd type', { method: 'GET', headers: { 'content-type': 'message/example' } }, 415],
    ['a GET of no type at all', { method: 'GET', headers: { 'content-type': '/' } }, 415],
  ])(
    '[124] cannot make a browser send an operation unasked: %s',
    async (_, { method = 'GET', headers = {} }, status) => {
      const { send, sandbox } = await startApp()
      for (const query of [QUERY, `mutation { deleteFile(id: "${VIDEO}") { __typename } }`]) {
        const search = method === 'GET' ? `?query=${encodeURIComponent(query)}` : ''
        const body = method === 'POST' ? new Blob([JSON.stringify({ query })]) : null
        const response = await send(`/graphql${search}`, { method, headers, body })
        expect(response.status).toBe(status)
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
      }
      expect(sandbox.requests).toEqual([])
    },
  )

  it.each<[string, RequestInit, number]>([
    ['an image', { headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['a head', { method: 'HEAD', headers: { 'sec-fetch-site': 'cross-site' } }, 403],
    ['a script', { headers: { origin: APP } }, 403],
    ['a form', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 405],
    [
      'a form with files',
      { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      405,
    ],
    ['plain text', { method: 'POST', headers: { 'content-type': 'text/plain' } }, 405],
  ])('[124] cannot make a browser download unasked: %s', async (_, init, status) => {
    const { send, sandbox } = await startApp()
    const response = await send(`/files/${VIDEO}/content`, init)
    expect(response.status).toBe(status)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(sandbox.requests).toEqual([])
  })
})

it('says on every answer that it is neither a page nor a script', async () => {
  const { send, query } = await startApp(GUARDED)
  for (const { headers } of [
    await send('/livez'),
    await query(QUERY),
    await query(QUERY, undefined, bearer(OLD)),
  ]) {
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.has('x-powered-by')).toBe(false)
  }
})
