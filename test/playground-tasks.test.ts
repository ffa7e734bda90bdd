// The playground's tabs of tasks: a film is made, followed by a subscription, and shown. Tasks are answered by a fake;
// the film itself by the server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { startApp } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { RUN, see } from './helpers/playground.js'
import { startPrefixProxy } from './helpers/prefix.js'

const open = shareBrowser()
const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }
const CREATED = {
  data: { createVideo: { __typename: 'VideoTask', id: '7', status: 'PREPARING', retryAfterSeconds: 1 } },
  extensions: { cost: { calls: 1, usd: 0.28, simulated: true } },
}

type Stream = { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse }

/** A server whose subscriptions are the test's own. */
async function startWithStreams() {
  const app = await startApp(SANDBOX)
  const streams: Stream[] = []
  const { url } = await startPrefixProxy(app.origin, '/p', (_path, incoming, outgoing) => {
    if (!incoming.headers.accept?.includes('text/event-stream')) return false
    streams.push({ incoming, outgoing })
    return true
  })
  const follow = async (at = 0) => {
    await expect.poll(() => streams.length).toBeGreaterThan(at)
    return streams[at] as Stream
  }
  return { ...app, url, streams, follow }
}

const say = ({ outgoing }: Stream, data: unknown) =>
  outgoing.write(`event: next\ndata: ${JSON.stringify({ data: { videoTask: data } })}\n\n`)

describe.skipIf(missing)(`a task in the playground${missing}`, { timeout: 180_000 }, () => {
  it('is followed event by event until its film is there, and plays', async () => {
    const { url, follow, query } = await startWithStreams()
    const { page, faults } = await open(url, {}, (fresh) =>
      fresh.route('**/graphql', (route) =>
        route.request().postData()?.includes('createVideo')
          ? route.fulfill({ json: CREATED })
          : route.fallback(),
      ),
    )
    await page.click('.tabs >> text=Make a film')
    await page.click(RUN)
    await see(page, '.strip', 'Film: preparing')
    await page.click('text=Follow it')
    const stream = await follow()
    expect(await json(stream.incoming)).toMatchObject({
      query: expect.stringContaining('subscription FollowTheFilm'),
      variables: { id: '7' },
    })
    expect(stream.incoming.headers['content-type']).toMatch(/^application\/json/)
    stream.outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    const task = { __typename: 'VideoTask', id: '7' }
    say(stream, { ...task, status: 'QUEUED' })
    await see(page, '.status', 'event 1')
    await see(page, '.strip', 'Film: queued')
    stream.outgoing.write(':\n\n')
    say(stream, { ...task, status: 'PROCESSING' })
    await see(page, '.strip', 'Film: processing')
    await see(page, '.status', 'Following')
    const { data } = await query('{ file(id: "437030092800001") { id filename purpose contentUrl } }')
    say(stream, { ...task, status: 'SUCCEEDED', file: data.file })
    stream.outgoing.end('event: complete\ndata:\n\n')
    await see(page, '.strip', 'Film: succeeded')
    await expect
      .poll(() => page.evaluate('document.querySelector(".strip video")?.videoWidth > 0'))
      .toBe(true)
    await see(page, RUN, 'Run')
    expect(faults).toEqual([])
  })

  it('is left when it is stopped, asked for again when the stream breaks, and not when it is refused', async () => {
    const { url, follow, streams } = await startWithStreams()
    const operation = new URLSearchParams({
      query: 'subscription S { videoTask(id: "9007199254740993") { id } }',
    })
    const { page, faults } = await open(`${url}#${operation}`)
    await see(page, '.work', 'subscription S')
    await page.click(RUN)
    const first = await follow()
    const left = new Promise((resolve) => first.outgoing.once('close', resolve))
    await page.click(RUN)
    await left

    await page.click(RUN)
    const second = await follow(1)
    second.outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    say(second, { id: 'before' })
    await see(page, '.result .scrollable', 'before')
    second.outgoing.destroy()
    const third = await follow(2)
    third.outgoing.writeHead(401, { 'content-type': 'application/json' })
    third.outgoing.end('{"errors":[{"message":"No."}],"extensions":{"cost":{"calls":0,"usd":0}}}')
    await see(page, '.result .scrollable', '"message": "No."')
    await see(page, '.status', 'not asked')
    expect(streams).toHaveLength(3)
    expect(faults.filter((fault) => !/401|INCOMPLETE|RESET|EMPTY/.test(fault))).toEqual([])
  })
})
