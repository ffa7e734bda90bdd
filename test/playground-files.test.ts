// The playground's panel of files: upload, list, delete. Uploads go to a fake of the route, which shows when bytes come.
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startApp } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { read, see } from './helpers/playground.js'
import { startPrefixProxy } from './helpers/prefix.js'

const open = shareBrowser()
const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }
const BYTES = 24_000_000

/** Drops a file of so many bytes on the page. */
async function drop(page: Page, name: string, bytes: number): Promise<void> {
  const dataTransfer = await page.evaluateHandle(`(() => {
    const held = new DataTransfer()
    held.items.add(new File([new Uint8Array(${bytes})], ${JSON.stringify(name)}))
    return held
  })()`)
  await page.dispatchEvent('body', 'drop', { dataTransfer })
}

describe.skipIf(missing)(`the files of the playground${missing}`, { timeout: 180_000 }, () => {
  it('are uploaded by drop, with progress, for what their ending says', async () => {
    const { origin } = await startApp(SANDBOX)
    const uploads: [path: string, IncomingMessage, ServerResponse][] = []
    const { url } = await startPrefixProxy(origin, '/p', (path, incoming, outgoing) => {
      if (incoming.method !== 'PUT') return false
      uploads.push([path, incoming, outgoing])
      return true
    })
    const { page, faults } = await open(url)
    await see(page, '.rows', 'first_frame.png')
    await drop(page, 'a b&c.mp4', BYTES)
    await see(page, '.uploads', 'of 24 MB')
    await expect.poll(() => uploads.length).toBe(1)
    const [path, incoming, outgoing] = uploads[0] ?? []
    expect(path).toBe('/files?purpose=video_understanding&filename=a+b%26c.mp4')
    expect(incoming?.headers['content-length']).toBe(String(BYTES))
    let received = 0
    incoming?.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    if (incoming) await once(incoming, 'end')
    expect(received).toBe(BYTES)
    await see(page, '.uploads', 'Waiting for the answer')
    outgoing?.writeHead(201, { 'content-type': 'application/json' })
    outgoing?.end('{"file":{"id":"437030092800001"}}')
    await page.click('text=Uploaded: show it')
    await see(page, '.result .scrollable', '"filename": "output_aigc.mp4"')

    await drop(page, 'notes', 5)
    await see(page, '.uploads', 'The extension does not tell the purpose')
    await page.selectOption('.purpose select', 'retrieval')
    await drop(page, 'notes', 5)
    await expect.poll(() => uploads.length).toBe(2)
    expect(uploads[1]?.[0]).toBe('/files?purpose=retrieval&filename=notes')
    uploads[1]?.[2].writeHead(413, { 'content-type': 'application/json' })
    uploads[1]?.[2].end(
      '{"errors":[{"message":"The file is too large.","extensions":{"code":"FILE_TOO_LARGE"}}]}',
    )
    await see(page, '.uploads', 'The file is too large.')

    await drop(page, 'stopped', BYTES)
    await page.click('.uploads button:text-is("Stop")')
    await see(page, '.uploads', 'The upload was stopped.')
    expect(faults.filter((fault) => !fault.includes('413'))).toEqual([])
  })

  it('are listed by purpose, and deleted after a question', async () => {
    const { origin } = await startApp(SANDBOX)
    const { page, faults } = await open(origin)
    await see(page, '.files', '17 files')
    await page.selectOption('[aria-label="Purpose of the files listed"]', 'VOICE_CLONE')
    await see(page, '.files', '1 file.')
    expect(await read(page, '.rows')).toContain('voice.wav')
    await page.click('[aria-label="Delete voice.wav"]')
    await see(page, '.question', 'Delete voice.wav for good?')
    await page.click('text=Keep')
    expect(await page.locator('.question').count()).toBe(0)
    await page.click('[aria-label="Delete voice.wav"]')
    await page.click('.question >> text="Delete"')
    await see(page, '.message', 'voice.wav is deleted.')
    await see(page, '.files', 'No files')
    expect(faults).toEqual([])
  })

  it('are asked for by nothing but a press where that costs something', async () => {
    const { origin, sandbox } = await startApp()
    const { page, faults, sent } = await open(origin)
    await see(page, '.files', 'A listing costs $0.004.')
    await see(page, '.upload', 'Each upload costs $0.004.')
    expect(sandbox.requests).toHaveLength(0)
    await page.click('text="List"')
    await see(page, '.rows', 'first_frame.png')
    expect(sandbox.requests).toHaveLength(1)
    await page.click('.rows >> text=first_frame.png')
    await see(page, '.work', 'query OneFile')
    await page.click('.tabs >> text=Newest files')
    await page.click('button.run')
    await see(page, '.strip', 'Show it')
    expect(await page.locator('.strip :is(img, video, audio)').count()).toBe(0)
    expect(sent.filter((name) => name === 'OneFile')).toEqual([])
    expect(sandbox.requests).toHaveLength(1)
    await page.click('.card:has-text("first_frame.png") >> text=Show it')
    await expect
      .poll(() => page.evaluate('document.querySelector(".strip img")?.naturalWidth > 0'))
      .toBe(true)
    expect(faults).toEqual([])
  })
})
