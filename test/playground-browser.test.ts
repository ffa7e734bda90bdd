// The playground in a real browser, on the built server. Whatever a visit does that no page of ours may do fails its
// test: a request to elsewhere, a violated policy, an error on the console.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { generatedVideo } from '../src/sandbox/seed.js'
import { startApp, TOKENS } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { type Run, start } from './helpers/process.js'

const RUN = '.graphiql-execute-button'
const QUERY = '.graphiql-query-editor .view-lines'
const VARIABLES = '.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines'
const RESPONSE = '.result-window .view-lines'
const BADGE = '.cost'

const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

/** What stands there, with the blanks of the editors, which are not breaking, as blanks. */
async function read(page: Page, place: string): Promise<string> {
  return ((await page.locator(place).textContent()) ?? '').replaceAll('\u00a0', ' ')
}

/** Waits until that text stands there. */
async function see(page: Page, place: string, text: string): Promise<void> {
  await expect.poll(() => read(page, place)).toContain(text)
}

const open = shareBrowser()

// A page is four megabytes of editor: on a busy machine it takes its time.
const limits = { timeout: 180_000 }

describe.skipIf(missing)(`the playground in a browser${missing}`, limits, () => {
  let server: Run
  let origin = ''
  beforeAll(async () => {
    server = start(undefined, { PORT: '0' })
    origin = String((await server.waitFor(/Explore +(http:\/\/[^/\s]+)/))[1])
  })
  afterAll(() => {
    server?.child.kill('SIGKILL')
  })

  it('runs its first tab, its failing tab, and what a shared link carries', async () => {
    const markup = encodeURIComponent(MARKUP)
    const { page, faults } = await open(`${origin}/?query=${markup}#${markup}`)
    await see(page, '.bar', 'This link carries no operation that could be read.')
    await see(page, QUERY, 'query OneFile')
    await see(page, '.bar', 'Made-up files, and nothing is paid')
    await page.click(RUN)
    await see(page, RESPONSE, '"filename": "output_aigc.mp4"')
    await see(page, BADGE, '1 paid call, $0.004 (simulated)')
    await page.click(RUN)
    await see(page, BADGE, 'free: reused')

    await page.click('text=FailingFile')
    await page.click(RUN)
    await see(page, RESPONSE, '"code": "UPSTREAM_RATE_LIMITED"')

    await page.click('[aria-label="Share by a link"]')
    await see(page, '.bar', 'It holds no headers.')
    const other = await open(page.url())
    await see(other.page, QUERY, 'query FailingFile')
    await see(other.page, VARIABLES, '"id": "1002"')
    expect(await read(other.page, RESPONSE)).toBe('')
    expect(other.sent).toEqual(['IntrospectionQuery'])
    await other.page.click(RUN)
    await see(other.page, RESPONSE, '"code": "UPSTREAM_RATE_LIMITED"')
    expect([...faults, ...other.faults]).toEqual([])
  })

  it('knows the schema: it documents it, offers fields to pick, and completes what is typed', async () => {
    const { page, faults } = await open(origin)
    await see(page, QUERY, 'query OneFile')
    await page.click('text=Entities')
    await page.click(RUN)
    await see(page, RESPONSE, '"_entities": [')
    await page.click('[aria-label="Show Documentation Explorer"]')
    await page.click('.graphiql-plugin a >> text="Query"')
    await see(page, '.graphiql-plugin', 'The file of this id.')
    expect(await page.locator('.squiggly-error, .squiggly-warning').count()).toBe(0)
    await page.click('text=OneFile')
    await page.click('[aria-label="Show GraphiQL Explorer"]')
    await page.click('.graphiql-explorer-root >> text=purposeName')
    await see(page, QUERY, 'purposeName')
    await page.click('[aria-label="Show Files of the sandbox"]')
    await page.click('.files >> text=9007199254740993')
    await page.click(RUN)
    await see(page, RESPONSE, '"filename": "beyond-2-53.txt"')
    await page.click(`${QUERY} >> text=filename`)
    await page.keyboard.press('End')
    await page.keyboard.type('\nback')
    await see(page, '.suggest-widget', 'backupDownloadUrl')
    expect(faults).toEqual([])
  })

  it('only shows a link that is markup', async () => {
    const query = `query A($x: ID = "</script>") { a } # ${MARKUP}`
    const { page, faults, sent } = await open(
      `${origin}/#${new URLSearchParams({ query, variables: MARKUP })}`,
    )
    await see(page, QUERY, MARKUP)
    await see(page, VARIABLES, MARKUP)
    expect(await page.locator('img, #root script, iframe').count()).toBe(0)
    expect(sent).toEqual(['IntrospectionQuery'])
    expect(faults).toEqual([])
  })
})

describe.skipIf(missing)(`the playground of other servers${missing}`, limits, () => {
  it('says what a file costs, waits for a token and an id, and shows names as text', async () => {
    const sandbox = await createSandbox({ files: [{ ...generatedVideo, filename: MARKUP }] })
    onTestFinished(() => sandbox.close())
    const server = await startApp({ UPSTREAM_URL: sandbox.url, ACCESS_TOKENS: TOKENS.join() })
    const { page, faults, sent } = await open(server.origin)
    await see(page, '.bar', 'Each new file costs $0.004')
    await see(page, VARIABLES, '"id": "your-file-id"')
    expect([...sent, ...faults]).toEqual([])

    await page.click(RUN)
    await see(page, RESPONSE, '"code": "UNAUTHENTICATED"')
    await see(page, '.bar', 'This server asks for an access token')
    await page.fill('input[name=token]', TOKENS[1])
    await page.click('text=Use it')
    await page.click(RUN)
    await see(page, RESPONSE, '"code": "INVALID_FILE_ID"')
    await see(page, BADGE, 'free: no call was made')
    expect(sandbox.calls).toBe(0)

    await page.click('[data-name="headers"]')
    await page.click(VARIABLES)
    await page.keyboard.type('{"x-typed": "typed-SENTINEL')
    await page.click('[data-name="variables"]')
    await page.click(VARIABLES)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type(`{"id": "${generatedVideo.id}`)
    const typed = page.waitForRequest((request) => request.headers()['x-typed'] === 'typed-SENTINEL')
    await page.click(RUN)
    await typed
    await see(page, RESPONSE, '<script>alert(2)</script>')
    await see(page, BADGE, '1 paid call, $0.004')
    expect(await page.locator('img').count()).toBe(0)

    // What is refused in the header editor is not the token of the form.
    await page.click('[data-name="headers"]')
    await page.click(VARIABLES)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('{"Authorization": "Bearer nope')
    await page.click(RUN)
    await see(page, RESPONSE, '"code": "UNAUTHENTICATED"')
    expect(await read(page, '.bar')).toContain('An access token is in use')
    await page.click(VARIABLES)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.press('Delete')

    // The editor has rounded it, so it would be another file's.
    await page.click('[data-name="variables"]')
    await page.click(VARIABLES)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type('{"id": 9007199254740993')
    await page.keyboard.press('Delete') // the quote that the editor has added
    await page.click(RUN)
    await see(page, RESPONSE, 'ids in quotes.')
    expect(sandbox.calls).toBe(1)

    await page.reload()
    await see(page, '.bar', 'An access token is in use')
    // Neither the token nor a header that was typed in, though the history has what was run with it.
    const kept = await page.evaluate('JSON.stringify(localStorage) + location')
    expect(kept).toMatch(new RegExp(`queries.*${generatedVideo.id}`))
    expect(kept).not.toContain('SENTINEL')
    expect(faults.filter((fault) => !fault.includes('401'))).toEqual([])

    // Whether the last that was typed is kept depends on how soon after it the page was left.
    await page.click(VARIABLES)
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.type(`{"id": "${generatedVideo.id}`)
    await server.app.stop(0)
    await page.click(RUN)
    await see(page, RESPONSE, 'can not be reached')
    expect(await read(page, RESPONSE)).not.toContain('stack')
  })

  it('works at 400 px, in the dark, and without the schema', async () => {
    const { origin } = await startApp({
      COMETAPI_KEY: undefined,
      UPSTREAM_URL: undefined,
      INTROSPECTION: 'off',
    })
    const viewport = { width: 400, height: 800 }
    const { page, faults, sent } = await open(origin, { colorScheme: 'dark', viewport })
    await see(page, '.bar', 'The schema can not be read here')
    await see(page, QUERY, 'query OneFile')
    await page.click(RUN)
    await see(page, RESPONSE, '"filename": "output_aigc.mp4"')
    expect(sent).toEqual(['OneFile'])
    for (const part of ['.bar', QUERY, VARIABLES, BADGE, RESPONSE, RUN]) {
      const { x = -1, width = 0 } = (await page.locator(part).boundingBox()) ?? {}
      expect(x, part).toBeGreaterThanOrEqual(0)
      expect(x, part).toBeLessThan(400)
      if (part === RESPONSE) expect(width).toBeGreaterThan(250)
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(33, 42, 59)')
    expect(faults).toEqual([])
  })
})
