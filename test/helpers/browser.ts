// A real browser. What a page may not do is collected while it is used: a request to elsewhere, a violated policy, an
// error of any kind.
import { existsSync } from 'node:fs'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

const executablePath = '/usr/bin/chromium'

/** Why there is no browser here; empty where there is one. */
export const missing = existsSync(executablePath) ? '' : ` (there is no ${executablePath} here)`

const args = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
]

export type Visit = {
  readonly page: Page
  /** What it did that no page of ours may do. */
  readonly faults: readonly string[]
  /** The names of the operations that it sent. */
  readonly sent: readonly string[]
}

/** One browser for the tests of a file. The function it returns opens a page that knows nothing of earlier ones. */
export function shareBrowser(): (
  url: string,
  options?: BrowserContextOptions,
  prepare?: (page: Page) => Promise<unknown>,
) => Promise<Visit> {
  let browser: Awaited<ReturnType<typeof chromium.launch>> | undefined
  beforeAll(async () => {
    if (!missing) browser = await chromium.launch({ executablePath, args })
  })
  afterAll(() => browser?.close())
  return async (url, options = {}, prepare) => {
    if (!browser) throw new Error(`No browser${missing}.`)
    const context = await browser.newContext(options)
    onTestFinished(() => context.close())
    const visit = { ...watch(context, new URL(url).origin), page: await context.newPage() }
    await visit.page.addInitScript(
      `addEventListener('securitypolicyviolation', (event) => console.error('policy', event.violatedDirective))`,
    )
    await prepare?.(visit.page)
    await visit.page.goto(url)
    return visit
  }
}

function watch(context: BrowserContext, origin: string): Pick<Visit, 'faults' | 'sent'> {
  const faults: string[] = []
  const sent: string[] = []
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) faults.push(`asked for ${url}`)
    if (request.method() === 'POST') sent.push(String(request.postDataJSON().operationName))
  })
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText
    // Aborted is what the page itself left.
    if (reason !== 'net::ERR_ABORTED') faults.push(`did not get ${request.url()}: ${reason}`)
  })
  context.on('response', (response) => {
    if (response.status() >= 400) faults.push(`got ${response.status()} for ${response.url()}`)
  })
  context.on('console', (message) => {
    if (message.type() === 'error') faults.push(`said ${message.text()}`)
  })
  context.on('weberror', (error) => faults.push(`threw ${error.error().message}`))
  context.on('dialog', (dialog) => {
    faults.push(`opened a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { faults, sent }
}
