// Uploads as the documentation shows them: from Node, and from a page in a real browser.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { upload } from './clients/upload.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { startUploads } from './helpers/upload.js'

const open = shareBrowser()
const PAGE = readFileSync(new URL('clients/upload-page.js', import.meta.url), 'utf8').replace('export ', '')

it('from Node: a file on disk, with its length, and the code of a failure', async () => {
  const app = await startUploads({ ACCESS_TOKENS: 'token-SENTINEL-old' })
  const folder = mkdtempSync(join(tmpdir(), 'upload-client-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'Lied 歌.wav')
  writeFileSync(path, Buffer.alloc(300_000, 'la'))
  const file = await upload(app.origin, path, 'voice_clone', 'token-SENTINEL-old')
  expect(app.sandbox.held.at(-1)).toMatchObject({ id: file.id, bytes: 300_000, filename: 'Lied 歌.wav' })
  const wrong = upload(app.origin, path, 't2a_async_input', 'token-SENTINEL-old')
  await expect(wrong).rejects.toThrow('UNSUPPORTED_FILE_FORMAT')
})

it.skipIf(missing)(
  `from a page of another origin, with progress${missing}`,
  { timeout: 180_000 },
  async () => {
    const pages = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>'))
    await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void pages.close())
    const site = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
    const app = await startUploads({ CORS_ORIGINS: site })
    const { data } = await app.query(
      'mutation { createUpload(input: { purpose: RETRIEVAL, filename: "a.txt", bytes: 300000 }) { ... on UploadTicket { url } } }',
    )
    const { page } = await open(site)
    const run = (bytes: number) =>
      page.evaluate(`${PAGE}; (async () => {
      const parts = []
      const file = new File(['a'.repeat(${bytes})], 'whatever')
      const end = await upload(${JSON.stringify(data.createUpload.url)}, file, (part) => parts.push(part)).catch(String)
      return { end, last: parts.at(-1) }
    })()`)
    expect(await run(5)).toMatchObject({ end: 'Error: BAD_REQUEST' })
    expect(await run(300_000)).toMatchObject({ end: { filename: 'a.txt', bytes: 300_000 }, last: 1 })
    expect(await run(300_000)).toMatchObject({ end: 'Error: FORBIDDEN' })
  },
)
