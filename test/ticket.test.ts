// Links to this server's own bytes: who may use one, for how long, and where it may be seen.
import { describe, expect, it } from 'vitest'
import { createContentTickets, createTickets } from '../src/http/bytes/ticket.js'
import { contents } from '../src/sandbox/content.js'
import { startApp, TOKENS } from './helpers/app.js'
import { eventually, VIDEO } from './helpers/faults.js'
import { createFakeClock, toId } from './helpers/source.js'

const SECRET = Buffer.from('a secret of this test')
const QUERY = `{ file(id: "${VIDEO}") { contentUrl } }`

type App = Awaited<ReturnType<typeof startApp>>

async function issue({ query }: Pick<App, 'query'>, init?: RequestInit): Promise<string> {
  const { data } = await query(QUERY, undefined, init)
  return data.file.contentUrl
}

describe('a ticket', () => {
  const clock = createFakeClock()
  const start = (secret: Uint8Array = SECRET) =>
    createContentTickets(createTickets(secret), { nowMs: clock.nowMs, lifeMs: 60_000 })

  it('is good until its end, for every process that has the secret', () => {
    const ticket = start().issue(toId(VIDEO))
    expect(start().read(ticket)).toBe(VIDEO)
    clock.pass(59_999)
    expect(start().read(ticket)).toBe(VIDEO)
    clock.pass(1)
    expect(start().read(ticket)).toBeUndefined()
  })

  it('is none under another secret, changed anywhere, or signed for another use', () => {
    const ticket = start().issue(toId(VIDEO))
    expect(start(Buffer.from('another')).read(ticket)).toBeUndefined()
    for (let at = 0; at < ticket.length; at++) {
      const changed = ticket.slice(0, at) + (ticket[at] === 'A' ? 'B' : 'A') + ticket.slice(at + 1)
      expect(start().read(changed), changed).toBeUndefined()
    }
    for (const text of [
      '',
      '.',
      ticket.split('.')[0] ?? '',
      `${ticket}A`,
      `${ticket}.`,
      ` ${ticket}`,
      'x'.repeat(250),
    ])
      expect(start().read(text), text).toBeUndefined()
    const foreign = createTickets(SECRET).sign('upload', `${VIDEO}.99999999999999`)
    expect(start().read(foreign)).toBeUndefined()
  })
})

describe('contentUrl', () => {
  it('asks nothing upstream until it is opened, and then needs no token', async () => {
    const app = await startApp({ ACCESS_TOKENS: TOKENS.join(), PUBLIC_URL: 'https://files.example/prefix/' })
    const url = await issue(app, { headers: { authorization: `Bearer ${TOKENS[0]}` } })
    expect(url).toMatch(/^https:\/\/files\.example\/prefix\/content\/[\w.-]+$/)
    expect(app.sandbox.requests).toHaveLength(1)
    const response = await fetch(`${app.origin}${new URL(url).pathname.slice('/prefix'.length)}`)
    expect(Buffer.from(await response.arrayBuffer()).equals(contents.mp4.bytes)).toBe(true)
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(response.headers.get('content-security-policy')).toMatch(/sandbox/)
    expect(app.sandbox.requests).toHaveLength(2)
  })

  it('is new in each answer to the same question, and each is good', async () => {
    const app = await startApp()
    for (const url of [await issue(app), await issue(app), await issue(app)])
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
  })

  it('leads to the server itself on loopback, wherever it listens', async () => {
    const app = await startApp()
    const url = await issue(app)
    expect(new URL(url).origin).toBe(app.origin)
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'video/mp4'])
    const part = await fetch(url, { headers: { range: 'bytes=0-9' } })
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 10])
  })

  it('is null where nobody said how clients reach the server', async () => {
    expect(await issue(await startApp({ HOST: '0.0.0.0', ACCESS: 'open' }).then(toLoopback))).toBeNull()
  })

  it.each(['x', 'a.b', 'x'.repeat(200)])('that is forged is refused without a call: %s', async (ticket) => {
    const { send, sandbox } = await startApp()
    const response = await send(`/content/${ticket}`)
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] }
    expect(response.status).toBe(403)
    expect(errors[0]?.message).toBe(
      'The ticket in this URL is not valid: it was used, has expired, or was altered.',
    )
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', retryable: false })
    expect(sandbox.requests).toEqual([])
  })

  it('of one process is good for others with the same key or TICKET_SECRET', async () => {
    const env = [{}, { COMETAPI_KEY: 'sk-SENTINEL-another' }, { TICKET_SECRET: 'a-secret-SENTINEL-of-16' }]
    const apps = await Promise.all([...env, ...env].map((each) => startApp(each)))
    const paths = await Promise.all(apps.slice(0, 3).map(async (app) => new URL(await issue(app)).pathname))
    const statuses = await Promise.all(
      apps
        .slice(3)
        .map(({ origin }) =>
          Promise.all(paths.map(async (path) => (await fetch(origin + path, { method: 'HEAD' })).status)),
        ),
    )
    expect(statuses).toEqual([
      [200, 403, 403],
      [403, 200, 403],
      [403, 403, 200],
    ])
  })

  it('stands in no log line', async () => {
    const app = await startApp()
    const { pathname } = new URL(await issue(app))
    await (await fetch(`${app.origin}${pathname}`)).arrayBuffer()
    await app.send(`${pathname}x`)
    await app.send(`${pathname}/x`)
    const isDone = (line: string) => line.includes('"route":"/content/:ticket"')
    await eventually(() => expect(app.logs.filter(isDone)).toHaveLength(2))
    for (const line of app.logs) expect(line).not.toContain(pathname.slice('/content/'.length))
  })

  it('lets nobody keep an answer for longer than half of its life', async () => {
    const { query } = await startApp({ TICKET_SECONDS: '100' })
    const { headers } = await query(QUERY)
    expect(headers.get('cache-control')).toMatch(/^private, max-age=(49|50)$/)
    const { headers: others } = await query(`{ file(id: "${VIDEO}") { filename } }`)
    expect(Number(/max-age=(\d+)/.exec(others.get('cache-control') ?? '')?.[1])).toBeGreaterThan(100)
    const { headers: listed } = await query('{ files { nodes { id contentUrl } } }')
    expect(listed.get('cache-control')).toBe('no-store')
  })
})

/** It listens everywhere, and is asked on loopback. */
function toLoopback(app: App): Pick<App, 'query'> {
  return app
}
