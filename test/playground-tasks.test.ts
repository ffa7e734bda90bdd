// The playground's tabs of tasks: a video and a speech are made, followed by a subscription, and played. How a stream ends
// otherwise is shown by a fake.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { startApp } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { RUN, see } from './helpers/playground.js'
import { startPrefixProxy } from './helpers/prefix.js'

const open = shareBrowser()
const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }

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
  it('is made, followed by a subscription, and plays in the end', async () => {
    const { origin } = await startApp({ ...SANDBOX, TASK_POLL_SECONDS: '1' })
    const make = async (kind: string, media: string) => {
      const { page, faults } = await open(origin)
      await page.click(`.tabs >> text=Make a ${kind}`)
      await page.click(RUN)
      await see(page, '.strip', 'preparing')
      await page.click('text=Follow it')
      await see(page, '.work', 'subscription FollowThe')
      await see(page, '.status', 'event')
      await see(page, '.strip', 'succeeded')
      await see(page, RUN, 'Run')
      await expect
        .poll(() => page.evaluate(`document.querySelector('.strip ${media}')?.duration > 1`))
        .toBe(true)
      expect(faults).toEqual([])
    }
    // At the same time, since the sandbox takes its time for each.
    await Promise.all([make('video', 'video'), make('speech', 'audio[src$="?member=audio"]')])
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
