// Pages of other sites, and downloads from an open server: none of them can make it pay.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startApp, TOKENS } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { VIDEO } from './helpers/faults.js'

const PATH = `/files/${VIDEO}/content`
const APP = 'https://app.example'
const PUBLIC = 'https://files.example'

type Headers = Readonly<Record<string, string>>

/** The status of a download that is asked for so, and how much was sent upstream for it. */
async function ask(headers: Headers, env: Headers = {}, path = PATH): Promise<number[]> {
  const { origin, sandbox } = await startApp(env)
  const own = Object.entries(headers).map(([name, value]) => [name, value.replace('SELF', origin)])
  const response = await fetch(`${origin}${path}`, { headers: Object.fromEntries(own) })
  const body = await response.text()
  if (response.status === 403) expect(JSON.parse(body).errors[0].extensions.code).toBe('FORBIDDEN')
  return [response.status, sandbox.requests.length]
}

describe('a download from an open server', () => {
  it.each<[string, Headers]>([
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of another port or subdomain', { 'sec-fetch-site': 'same-site' }],
    ['such a page, by several words', { 'sec-fetch-site': 'none, cross-site' }],
    ['a page that scripts ask from', { 'sec-fetch-site': 'cross-site', origin: APP }],
    ['a page with a token of its own', { 'sec-fetch-site': 'cross-site', authorization: 'Bearer x' }],
    ['an older browser', { origin: APP }],
    ['a page without an origin', { origin: 'null' }],
    ['an origin that begins like ours', { origin: 'SELF.evil.example' }],
  ])('is refused without a call for %s', async (_, headers) => {
    expect(await ask(headers)).toEqual([403, 0])
    expect(await ask(headers, { CORS_ORIGINS: 'https://other.example' })).toEqual([403, 0])
  })

  it.each<[string, Headers, Headers?]>([
    ['whoever is no browser', {}],
    ['a page of ours', { 'sec-fetch-site': 'same-origin' }],
    ['somebody who typed the address', { 'sec-fetch-site': 'none' }],
    ['a page of ours in an older browser', { origin: 'SELF' }],
    ['a page of PUBLIC_URL', { origin: PUBLIC }, { PUBLIC_URL: `${PUBLIC}/prefix` }],
    ['a script of CORS_ORIGINS', { 'sec-fetch-site': 'cross-site', origin: APP }, { CORS_ORIGINS: APP }],
    ['a script, where all may ask', { 'sec-fetch-site': 'cross-site', origin: APP }, { CORS_ORIGINS: '*' }],
    [
      'a router that hands on what a browser said, with a token',
      { 'sec-fetch-site': 'cross-site', authorization: `Bearer ${TOKENS[0]}` },
      { ACCESS_TOKENS: TOKENS.join() },
    ],
  ])('is there for %s', async (_, headers, env) => {
    expect(await ask(headers, env)).toEqual([200, 2])
  })

  it('is there for every page by its ticket, which is the permission', async () => {
    const { query, sandbox } = await startApp()
    const { data } = await query(`{ file(id: "${VIDEO}") { contentUrl } }`)
    const response = await fetch(data.file.contentUrl, {
      headers: { 'sec-fetch-site': 'cross-site', origin: APP },
    })
    expect([response.status, (await response.blob()).size > 0, sandbox.calls]).toEqual([200, true, 1])
  })
})

/** A page of another origin. */
async function startPage(html: string, host: string): Promise<string> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://${host}:${(server.address() as AddressInfo).port}/`
}

const open = shareBrowser()

describe.skipIf(missing)(`in a browser${missing}`, { timeout: 120_000 }, () => {
  it.each(['localhost', '127.0.0.1'])('a page on %s pays nothing, whatever it tries', async (host) => {
    const { origin, sandbox, logs } = await startApp()
    const refused = () => logs.filter((line) => line.includes('"status":403')).length
    const url = (name: string) => `${origin}${PATH}?${name}`
    const { page } = await open(await startPage('<body></body>', host))
    await page.evaluate(
      `document.body.innerHTML = '${[
        `<img src="${url('img')}">`,
        `<video src="${url('video')}"></video>`,
        `<iframe src="${url('iframe')}"></iframe>`,
        `<link rel="stylesheet" href="${url('style')}">`,
      ].join('')}'`,
    )
    await page.evaluate(`fetch('${url('no-cors')}', { mode: 'no-cors' }).catch(() => {})`)
    await page.evaluate(`fetch('${url('cors')}').catch(() => {})`)
    await expect.poll(refused, { timeout: 60_000 }).toBeGreaterThanOrEqual(6)
    await page.evaluate(`location.assign('${url('navigation')}')`)
    await page.waitForURL(/navigation/)
    expect(await page.content()).toContain('FORBIDDEN')
    expect(sandbox.requests).toEqual([])
  })

  it.each([
    ['video', VIDEO, ''],
    ['audio', '437398732800002', '?member=audio'],
  ])('a page of elsewhere plays the %s that it has a ticket for', async (element, id, member) => {
    const { query } = await startApp()
    const { data } = await query(`{ file(id: "${id}") { contentUrl } }`)
    const { page } = await open(await startPage('<body></body>', 'localhost'))
    const seconds = await page.evaluate(`new Promise((resolve, reject) => {
      const player = document.createElement('${element}')
      player.onloadedmetadata = () => resolve(player.duration)
      player.onerror = () => reject(new Error(player.error.message))
      player.src = '${data.file.contentUrl}${member}'
      document.body.append(player)
    })`)
    expect(seconds).toBeGreaterThan(0)
  })
})
