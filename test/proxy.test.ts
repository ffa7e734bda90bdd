// The way through a proxy: when one is used, what it gets to see, and what its failures look like.
import { describe, expect, it } from 'vitest'
import { chooseProxy, createProxyConnector, createProxyFetch } from '../src/wire/proxy.js'
import { createWire, type WireOptions } from '../src/wire/wire.js'
import { KEY, startApp } from './helpers/app.js'
import { closedUrl, createCertificate, hasOpenssl, VIDEO } from './helpers/faults.js'
import { createKey, sign, startIssuer } from './helpers/issuer.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { LISTENING, run } from './helpers/process.js'
import { startTunnelProxy } from './helpers/tunnel.js'

const proxies = { https: 'http://secure:1', http: 'http://plain:2' }

describe('which proxy', () => {
  it('goes by the scheme of what is asked', () => {
    expect(chooseProxy(new URL('https://a.example'), { ...proxies, except: [] })?.host).toBe('secure:1')
    expect(chooseProxy(new URL('http://a.example'), { ...proxies, except: [] })?.host).toBe('plain:2')
    expect(chooseProxy(new URL('https://a.example'), { http: 'http://plain:2', except: [] })).toBeUndefined()
    expect(chooseProxy(new URL('http://127.0.0.1:1'), { ...proxies, except: [] })?.host).toBe('plain:2')
  })

  it.each([
    ['*', 'https://a.example'],
    ['a.example', 'https://a.example'],
    ['A.Example', 'https://a.example'],
    ['.a.example', 'https://a.example'],
    ['*.a.example', 'https://b.a.example'],
    ['example', 'https://b.a.example'],
    ['a.example.', 'https://a.example'],
    ['a.example', 'https://a.example.'],
    ['a.example:443', 'https://a.example'],
    ['a.example:8443', 'https://a.example:8443'],
    ['a.example:80', 'http://a.example'],
    ['127.0.0.1', 'http://127.0.0.1:4100'],
    ['127.0.0.1:4100', 'http://127.0.0.1:4100'],
    ['10.0.0.0/8', 'http://10.200.3.4'],
    ['0.0.0.0/0', 'http://10.200.3.4'],
    ['::1', 'http://[::1]:4100'],
    ['[::1]', 'http://[::1]:4100'],
    ['[::1]:4100', 'http://[::1]:4100'],
    ['fd00::/8', 'http://[fd12::1]'],
  ])('is none for NO_PROXY=%s on the way to %s', (entry, url) => {
    expect(chooseProxy(new URL(url), { ...proxies, except: ['b.example', entry] })).toBeUndefined()
  })

  it.each([
    ['a.example', 'https://aa.example'],
    ['a.example', 'https://a.example.com'],
    ['a.example:8443', 'https://a.example'],
    ['127.0.0.1', 'http://127.0.0.11'],
    ['0.0.1', 'http://127.0.0.1'],
    ['10.0.0.0/8', 'http://11.0.0.1'],
    ['10.0.0.0/33', 'http://10.0.0.1'],
    ['10.0.0.0/x', 'http://10.0.0.1'],
    ['::/0', 'http://10.0.0.1'],
    ['10.0.0.0/8', 'https://a.example'],
    ['::1', 'http://[::2]'],
    ['.', 'https://a.example'],
    ['', 'https://a.example'],
    ['[', 'https://a.example'],
  ])('stays in spite of NO_PROXY=%s on the way to %s', (entry, url) => {
    expect(chooseProxy(new URL(url), { ...proxies, except: [entry] })).toBeDefined()
  })
})

/** One request, with what came of it and whether it was sent. */
async function ask(url: URL, proxyUrl: string, options: Partial<WireOptions> = {}, tls = {}) {
  const connect = createProxyConnector(new URL(proxyUrl), tls)
  const headers = { authorization: KEY }
  const wire = createWire(url, { attemptTimeoutMs: 5000, connect, headers, ...options })
  let sent = 0
  const call = {
    deadlineMs: Number.POSITIVE_INFINITY,
    stop: undefined,
    onTurn() {},
    onSent: () => void sent++,
  }
  try {
    for (let i = 0; i < 2; i++) await wire.get('/a', call)
    return { sent }
  } catch (error) {
    return { error, sent }
  } finally {
    await wire.close()
  }
}

describe('through a proxy', () => {
  it('an http upstream is asked in a tunnel, which is kept for the next request', async () => {
    const { url, requests } = await startPeer((socket) => socket.write(toAnswer('{}')))
    const proxy = await startTunnelProxy()
    expect(await ask(url, proxy.url)).toEqual({ sent: 2 })
    expect(proxy.targets()).toEqual([url.host])
    expect(requests.map(({ head }) => head.split('\r\n')[0])).toEqual(['GET /a HTTP/1.1', 'GET /a HTTP/1.1'])
    expect(JSON.stringify(proxy.tunnels)).not.toContain(KEY)
  })

  it.skipIf(!hasOpenssl)('an https upstream has its certificate checked as ever', async () => {
    const { key, cert } = createCertificate()
    const { url, requests } = await startPeer((socket) => socket.write(toAnswer('{}')), { key, cert })
    const proxy = await startTunnelProxy()
    expect(await ask(url, proxy.url, {}, { ca: cert })).toEqual({ sent: 2 })
    expect(proxy.targets()).toEqual([url.host])
    expect(requests).toHaveLength(2)
    expect(await ask(url, proxy.url)).toMatchObject({ error: { failure: 'tls' }, sent: 0 })
    expect(requests).toHaveLength(2)
  })

  it('user and password are given as they were meant before they were encoded', async () => {
    const { url } = await startPeer((socket) => socket.write(toAnswer('{}')))
    const proxy = await startTunnelProxy()
    await ask(url, proxy.url.replace('//', '//us%40er:p%3Ass@'))
    await ask(url, proxy.url.replace('//', '//token@'))
    await ask(url, proxy.url)
    const given = proxy.tunnels.map(({ headers }) => headers['proxy-authorization']?.replace('Basic ', ''))
    expect(given.map((each) => each && Buffer.from(each, 'base64').toString())).toEqual([
      'us@er:p:ss',
      'token:',
      undefined,
    ])
  })

  it('a refusal by the proxy is a connection that was not made, with a code for the log', async () => {
    const { url, connections } = await startPeer((socket) => socket.write(toAnswer('{}')))
    for (const status of [403, 407, 502]) {
      const proxy = await startTunnelProxy(status)
      const outcome = await ask(url, proxy.url)
      expect(outcome).toMatchObject({ error: { failure: 'connect', sent: false }, sent: 0 })
      expect(outcome.error).toMatchObject({ cause: { code: `PROXY_STATUS_${status}` } })
    }
    expect(connections).toBe(0)
  })

  it('a proxy that is not there is a connection that was not made', async () => {
    const { url } = await startPeer(() => {})
    expect(await ask(url, await closedUrl())).toMatchObject({ error: { failure: 'connect' }, sent: 0 })
  })

  it('a proxy that does not answer is given up in time', async () => {
    const { url } = await startPeer(() => {})
    const proxy = await startTunnelProxy(0)
    const outcome = await ask(url, proxy.url, { connectTimeoutMs: 200 })
    expect(outcome).toMatchObject({ error: { failure: 'timeout', sent: false }, sent: 0 })
    expect(proxy.targets()).toEqual([url.host])
  })

  it('an upstream by its IPv6 address is named in brackets', async () => {
    const proxy = await startTunnelProxy(403)
    await ask(new URL('http://[::1]:9'), proxy.url)
    expect(proxy.targets()[0]).toBe('[::1]:9')
  })

  it('fetch goes as well', async () => {
    const { url } = await startPeer((socket) => socket.write(toAnswer('{"a":1}')))
    const proxy = await startTunnelProxy()
    const proxied = createProxyFetch(new URL(proxy.url))
    const headers = new Headers({ accept: 'application/json' })
    const signal = AbortSignal.timeout(10_000)
    const response = await proxied(`${url.origin}/keys`, { headers, signal, redirect: 'error' })
    expect([response.status, await response.json()]).toEqual([200, { a: 1 }])
    expect(proxy.targets()).toEqual([url.host])
  })
})

describe('the server', () => {
  it('asks upstream and issuer through HTTP_PROXY, but not what NO_PROXY names', async () => {
    const key = await createKey('one')
    const issuer = await startIssuer(key)
    const { JWT_JWKS_URL = '' } = issuer.env as Record<string, string>
    const proxy = await startTunnelProxy()
    const init = { headers: { authorization: `Bearer ${await sign(key)}` } }
    const app = await startApp({ ...issuer.env, HTTP_PROXY: proxy.url })
    const { data } = await app.query(`{ file(id: "${VIDEO}") { id } }`, {}, init)
    expect(data.file.id).toBe(VIDEO)
    expect(proxy.targets().sort()).toEqual([new URL(JWT_JWKS_URL).host, new URL(app.sandbox.url).host].sort())

    proxy.tunnels.length = 0
    const direct = await startApp({ ...issuer.env, http_proxy: proxy.url, NO_PROXY: '127.0.0.1' })
    const answer = await direct.query(`{ file(id: "${VIDEO}") { id } }`, {}, init)
    expect(answer.data.file.id).toBe(VIDEO)
    expect(proxy.targets()).toEqual([])
  })

  it('asks its own sandbox without', async () => {
    const proxy = await startTunnelProxy()
    const env = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }
    const { query } = await startApp({ ...env, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url })
    expect((await query(`{ file(id: "${VIDEO}") { id } }`)).data.file.id).toBe(VIDEO)
    expect(proxy.targets()).toEqual([])
  })

  it.skipIf(!hasOpenssl)('says at its start which proxy it goes through, without its password', async () => {
    const { key, cert, path } = createCertificate()
    const upstream = await startPeer((socket) => socket.write(toAnswer(ANSWER)), { key, cert })
    const proxy = await startTunnelProxy()
    const { waitFor, output } = run({
      PORT: '0',
      COMETAPI_KEY: KEY,
      UPSTREAM_URL: upstream.url.origin,
      https_proxy: proxy.url.replace('//', '//user:hunter2@'),
      NODE_EXTRA_CA_CERTS: path,
    })
    const [, url = ''] = await waitFor(LISTENING)
    await waitFor(/ through the proxy http:\/\/127\.0\.0\.1:\d+; each call costs/)
    const body = JSON.stringify({ query: `{ file(id: "${VIDEO}") { filename } }` })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body })
    expect(await answer.json()).toMatchObject({ data: { file: { filename: 'a.mp4' } } })
    expect(proxy.targets()).toEqual([upstream.url.host])
    expect(output()).not.toContain('hunter2')
  })
})

const ANSWER = `{"file":{"file_id":${VIDEO},"bytes":1,"created_at":1700000000,"filename":"a.mp4","purpose":"video_generation","download_url":""},"base_resp":{"status_code":0,"status_msg":"success"}}`
