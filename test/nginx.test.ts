// nginx itself, with the configuration that is shipped, in front of the server and of an upstream that streams.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startApp, TOKENS } from './helpers/app.js'
import { VIDEO } from './helpers/faults.js'
import { findPort } from './helpers/port.js'
import { lacks } from './helpers/program.js'
import { ask, converse } from './helpers/sandbox-peer.js'

/**
 * In front of what listens on this port; gives the address that clients use, and reads its logs. Packages of nginx bring a
 * default site, which answers to every name that no other site has.
 */
async function startNginx(upstreamPort: number | string, { hasDefaultSite = false } = {}) {
  const folder = mkdtempSync(`${tmpdir()}/nginx-`)
  const port = await findPort()
  const shipped = readFileSync('deploy/nginx.conf', 'utf8')
    .replace('files:4000', `127.0.0.1:${upstreamPort}`)
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('/var/log/nginx/access.log', `${folder}/access.log`)
  const site = hasDefaultSite ? `server { listen 127.0.0.1:${port} default_server; return 404; }` : ''
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    `${folder}/nginx.conf`,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; events {} http { ${paths.join(' ')} ${site} ${shipped} }`,
  )
  const child = spawn('nginx', ['-c', `${folder}/nginx.conf`, '-p', folder, '-e', 'stderr'], {
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true })
  })
  const url = `http://127.0.0.1:${port}/minimax`
  await expect
    .poll(
      () =>
        fetch(url, { redirect: 'manual' }).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 20_000 },
    )
    .toBe(hasDefaultSite ? 404 : 308)
  const read = (name: string) => readFileSync(`${folder}/${name}.log`, 'utf8')
  return { url, readLog: () => read('access'), readErrors: () => read('error') }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe.skipIf(lacks('nginx', '-v'))('behind nginx, the server', () => {
  it('serves everything under a prefix, keeps tickets out of its log, and metrics to the inside', async () => {
    const port = String(await findPort())
    const base = { PORT: port, PUBLIC_URL: 'https://example.com/minimax', ACCESS_TOKENS: TOKENS.join(',') }
    const { app } = await startApp(base)
    const { url, readLog } = await startNginx(new URL(app.url).port)
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${TOKENS[0]}`,
          ...init.headers,
        },
      })
    const body = JSON.stringify({ query: `{ file(id: "${VIDEO}") { filename contentUrl } }` })
    const answer = await ask('/graphql', {
      method: 'POST',
      body,
      headers: { 'x-request-id': 'from-the-client' },
    })
    expect(answer.headers.get('x-request-id')).toBe('from-the-client')
    const { data } = (await answer.json()) as { data: { file: { filename: string; contentUrl: string } } }
    expect(data.file.filename).toBe('output_aigc.mp4')
    const path = data.file.contentUrl.replace('https://example.com/minimax', '')
    expect(path).toMatch(/^\/content\//)
    const content = await fetch(`${url}${path}`)
    expect([content.status, content.headers.get('content-type')]).toEqual([200, 'video/mp4'])
    await content.arrayBuffer()
    expect((await ask('/readyz')).status).toBe(200)
    expect((await ask('/')).headers.get('content-type')).toMatch(/^text\/html/)
    expect((await ask('/metrics')).status).toBe(404)
    expect(readLog()).toContain('/minimax/graphql')
    expect(readLog()).not.toContain('/content/')
  })

  it('is found by its name beside the default site that packages of nginx bring', async () => {
    const { app } = await startApp({ ACCESS_TOKENS: TOKENS.join(',') })
    const { url } = await startNginx(new URL(app.url).port, { hasDefaultSite: true })
    expect((await ask(`${url}/readyz`, { headers: { host: 'example.com' } })).status).toBe(200)
  })

  it('keeps tickets out of what it says of errors, which it says of everything else', async () => {
    const { url, readErrors } = await startNginx(await findPort()) // where nobody listens
    const large = { method: 'PUT', headers: { 'content-length': String(2 ** 30) } }
    for (const path of ['/content/TICKET', '/uploads/TICKET', '/%75ploads/TICKET', '/graphql'])
      expect((await fetch(`${url}${path}`)).status).toBe(502)
    const upload = request(`${url}/uploads/TICKET`, large)
    upload.on('error', () => {})
    upload.flushHeaders()
    const [{ statusCode }] = await once(upload, 'response')
    upload.destroy()
    expect(statusCode).toBe(413)
    await expect.poll(readErrors).toContain('/minimax/graphql')
    expect(readErrors()).not.toContain('TICKET')
  })

  it('keeps tickets out of its log where it cannot read the request, and redirects by the path alone', async () => {
    const { url, readLog } = await startNginx(await findPort())
    const { origin } = new URL(url)
    await converse({ url: origin }, '', { send: 'GET /minimax/content/TICKET HTTP/9.9\r\nhost: a\r\n\r\n' })
    await converse({ url: origin }, '', {
      send: 'GET /minimax/content/TICKET\u0000 HTTP/1.1\r\nhost: a\r\n\r\n',
    })
    const { headers } = await fetch(url, { redirect: 'manual' })
    expect(headers.get('location')).toBe('/minimax/')
    await expect.poll(readLog).toContain('GET /minimax HTTP')
    expect(readLog()).not.toContain('TICKET')
  })

  it('passes an upload on while it arrives, and events while they are written', async () => {
    const seen: string[] = []
    const port = await listen(
      createServer((incoming, response) => {
        seen.push(`${incoming.method} ${incoming.url}`)
        incoming.once('data', (chunk) => {
          seen.push(String(chunk))
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write('event: next\n\n')
        })
        incoming.resume().on('end', () => response.end('event: complete\n\n'))
      }),
    )
    const { url } = await startNginx(port)
    const upload = request(`${url}/uploads/ticket`, { method: 'PUT', headers: { 'content-length': 2 ** 29 } })
    upload.on('error', () => {})
    upload.write('first bytes')
    const [response] = await once(upload, 'response')
    const [event] = await once(response, 'data')
    expect([...seen, String(event)]).toEqual(['PUT /uploads/ticket', 'first bytes', 'event: next\n\n'])
    response.on('error', () => {})
    upload.destroy()
  })

  it('refuses what is larger than the largest file that the server takes', async () => {
    const { url } = await startNginx(await listen(createServer((_, response) => response.end())))
    const upload = request(`${url}/files`, { method: 'POST', headers: { 'content-length': 2 ** 30 } })
    upload.on('error', () => {})
    upload.flushHeaders()
    const [{ statusCode }] = await once(upload, 'response')
    expect(statusCode).toBe(413)
    upload.destroy()
  })
})
