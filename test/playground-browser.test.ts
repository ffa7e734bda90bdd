// The playground in a real browser, on the built server. Whatever a visit does that no page of ours may do fails its
// test: a request to elsewhere, a violated policy, an error on the console.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { generatedVideo } from '../src/sandbox/seed.js'
import { startApp, TOKENS } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { RUN, read, see, type as typeInto } from './helpers/playground.js'
import { startPrefixProxy } from './helpers/prefix.js'
import { type Run, start } from './helpers/process.js'

const QUERY = '.work > .editor >> nth=0'
const VARIABLES = '.work > .editor >> nth=1'
const ANSWER = '.result .scrollable'
const STATUS = '.status'

const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

const open = shareBrowser()

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
    await see(page, '.bar', 'This link contains no operation that can be read.')
    await see(page, QUERY, 'query OneFile')
    await see(page, '.result', 'Press Run')
    await page.click(RUN)
    await see(page, ANSWER, '"filename": "output_aigc.mp4"')
    await see(page, STATUS, '1 call, $0.004 (simulated)')
    expect(await read(page, STATUS)).toMatch(/HTTP 200 *(\d+ ms|\d+\.\d s) *\d+ bytes/) // a busy machine takes seconds
    await page.click(RUN)
    await see(page, STATUS, 'free: reused')

    await page.click('text=Why it failed')
    await page.click(RUN)
    await see(page, ANSWER, '"code": "UPSTREAM_RATE_LIMITED"')

    await page.click('[aria-label="New tab"]')
    await page.click('.hint >> text=Why it failed')
    await see(page, VARIABLES, '"id": "1002"')
    await page.click('text=Share')
    await see(page, '.bar', 'It holds no headers.')
    const other = await open(page.url())
    await see(other.page, QUERY, 'query WhyItFailed')
    await see(other.page, VARIABLES, '"id": "1002"')
    await see(other.page, STATUS, 'No answer yet')
    await expect.poll(() => [...other.sent].sort()).toEqual(['IntrospectionQuery', 'ListFiles'])
    await other.page.click(RUN)
    await see(other.page, ANSWER, '"code": "UPSTREAM_RATE_LIMITED"')
    expect([...faults, ...other.faults]).toEqual([])
  })

  it('can be used before its editor has loaded, which takes over what was typed', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { page, faults } = await open(origin, {}, (fresh) =>
      fresh.route('**/codemirror-*.js', async (route) => {
        await held
        await route.continue()
      }),
    )
    await page.click(RUN)
    await see(page, ANSWER, '"filename": "output_aigc.mp4"')
    await page.fill('textarea >> nth=0', '{ fileResult(id: "503") { __typename } }')
    await page.keyboard.press('ControlOrMeta+Enter')
    await see(page, ANSWER, '"__typename": "FileError"')
    expect(await page.locator('.cm-content').count()).toBe(0)
    release()
    await see(page, `${QUERY} >> .cm-content`, '{ fileResult(id: "503")')
    await page.keyboard.type(`# ${'at the end '.repeat(20)}`)
    await see(page, `${QUERY} >> .cm-content`, `} }# ${'at the end '.repeat(20)}`)
    await page.click('text=Prettify')
    await see(page, `${QUERY} >> .cm-content`, '{  fileResult(id: "503") {')
    await page.click(`${QUERY} >> .cm-content`)
    await page.keyboard.press('ControlOrMeta+Z')
    await see(page, `${QUERY} >> .cm-content`, '{ fileResult(id: "503")')
    expect(faults).toEqual([])
  })

  it('shows each kind of file from its contentUrl, and counts down to the end of its link', async () => {
    const { page, faults } = await open(origin, {}, (fresh) => fresh.clock.install())
    await page.click('text=Newest files')
    await page.click(RUN)
    const isReady = (media: string, test: string) =>
      expect
        .poll(() => page.evaluate(`[...document.querySelectorAll('.strip ${media}')].some((m) => ${test})`))
        .toBe(true)
    await isReady('img', 'm.naturalWidth > 0')
    await isReady('video', 'm.readyState > 0 && m.videoWidth > 0')
    await isReady('audio', 'm.readyState > 0 && m.duration > 0')
    await isReady('audio[src$="member=audio"]', 'm.readyState > 0 && m.duration > 0')
    await see(page, '.strip .text >> nth=0', 'a')
    const download = page.waitForEvent('download')
    await page.click('.card:has-text("first_frame.png") >> text=Download')
    expect((await download).suggestedFilename()).toBe('first_frame.png')

    await page.click('.tabs >> text=Link expiry')
    await page.click(RUN)
    await see(page, '.strip', 'Link expires in 1')
    await page.clock.fastForward(21_000)
    await see(page, '.strip', 'The link has expired')
    expect(faults.filter((fault) => !fault.includes('ERR_ABORTED'))).toEqual([])
  })

  it('knows the schema: it documents it without federation, and completes and checks what is typed', async () => {
    const { page, faults } = await open(origin)
    await see(page, QUERY, 'query OneFile')
    await page.click('.panel >> text=Docs')
    const docs = page.locator('.docs')
    await docs.getByText('FileError', { exact: true }).waitFor()
    expect(await read(page, '.docs')).not.toMatch(/_Any|_Service|link__|_entities/)
    await page.fill('[aria-label="Search types and fields"]', '_')
    await see(page, '.docs', 'UPSTREAM_TIMEOUT')
    expect(await read(page, '.docs')).not.toMatch(/_Any|_Service|link__|_entities/)
    await page.fill('[aria-label="Search types and fields"]', 'Query')
    await page.click('.docs >> text="Query"')
    await see(page, '.docs', 'The file with this id.')
    expect(await read(page, '.docs')).not.toContain('_entities')
    await page.click('[aria-label="Open in a tab: fileResult"]')
    await see(page, QUERY, 'query FileResult($id: ID!)')
    await page.click('.tabs >> text=One file')
    await page.click(`${QUERY} >> text=filename`)
    await page.keyboard.press('End')
    await page.keyboard.type('\nback')
    await see(page, '.cm-tooltip-autocomplete', 'backupDownloadUrl')
    await page.locator('.cm-lintRange-error').first().waitFor()
    expect(faults).toEqual([])
  })

  it('copies the operation as curl, fetch and typed TypeScript', async () => {
    const { page, faults } = await open(origin, { permissions: ['clipboard-read', 'clipboard-write'] })
    await page.click('.panel >> text=Docs')
    await see(page, '.docs', 'FileConnection') // the schema is there
    for (const [form, text] of [
      ['curl', `curl '${origin}/graphql'`],
      ['fetch', `await fetch('${origin}/graphql'`],
      ['TypeScript', 'export type Data = { file: { id: string; filename: string | null;'],
    ] as const) {
      await page.click('text=Copy as')
      await page.click(`.menu >> text="${form}"`)
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toContain(text)
    }
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
    await expect.poll(() => [...sent].sort()).toEqual(['IntrospectionQuery', 'ListFiles'])
    expect(faults).toEqual([])
  })

  it('works behind a path prefix, and asks for nothing outside it', async () => {
    const { url, strays } = await startPrefixProxy(origin, '/api/files')
    const { page, faults } = await open(url)
    await see(page, '.rows', 'first_frame.png')
    await page.click('.rows >> text=first_frame.png')
    await see(page, ANSWER, '"filename": "first_frame.png"')
    await expect
      .poll(() => page.evaluate('document.querySelector(".strip img")?.naturalWidth > 0'))
      .toBe(true)
    await page.click('text=Share')
    expect(page.url().startsWith(`${url}#query=`)).toBe(true)
    await page.locator('.cm-content').first().waitFor()
    expect(strays).toEqual([])
    expect(faults).toEqual([])
  })

  it.each([400, 320])('cuts nothing off at %i px, and keeps Run in sight', async (width) => {
    const { page, faults } = await open(origin, { viewport: { width, height: 700 }, colorScheme: 'dark' })
    await see(page, '.rows', 'first_frame.png')
    await page.click(RUN)
    await see(page, ANSWER, '"filename": "output_aigc.mp4"')
    for (const place of ['.rows', '.bar', '.card']) {
      await page.locator(place).first().scrollIntoViewIfNeeded()
      const { y = -1, height = 0 } = (await page.locator(RUN).boundingBox()) ?? {}
      if (place !== '.bar') expect(y, place).toBeGreaterThanOrEqual(0)
      expect(y + height, place).toBeLessThanOrEqual(700)
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await page.evaluate(FIND_CUT_OFF)).toEqual([])
    expect(faults).toEqual([])
  })
})

/** What is wider than the page, or a control whose text does not fit it. */
const FIND_CUT_OFF = `[...document.querySelectorAll('button, select, a, p, summary')]
  .filter((each) => each.offsetWidth > 0 && !each.closest('.tabs, .name'))
  .filter((each) => each.getBoundingClientRect().right > innerWidth || each.scrollWidth > each.clientWidth + 1)
  .filter((each) => getComputedStyle(each).display !== 'inline' && !each.matches('.name, :has(.name)'))
  .map((each) => each.textContent)`

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
    await see(page, ANSWER, '"code": "UNAUTHENTICATED"')
    await see(page, STATUS, 'not asked')
    await see(page, '.bar', 'This server asks for an access token')
    await page.fill('input[name=token]', TOKENS[1])
    await page.click('text=Use it')
    await page.click(RUN)
    await see(page, ANSWER, '"code": "INVALID_FILE_ID"')
    await see(page, STATUS, 'free: no call was made')
    expect(sandbox.calls).toBe(0)

    await page.click('.work .parts >> text=Headers')
    await typeInto(page, VARIABLES, '{"x-typed": "typed-SENTINEL"}')
    await page.click('.work .parts >> text=Variables')
    await typeInto(page, VARIABLES, `{"id": "${generatedVideo.id}"}`)
    const typed = page.waitForRequest((request) => request.headers()['x-typed'] === 'typed-SENTINEL')
    await page.click(RUN)
    await typed
    await see(page, ANSWER, '<script>alert(2)</script>')
    await see(page, STATUS, '1 call, $0.004')
    expect(await page.locator('img').count()).toBe(0)

    // What is refused among the headers is not the token of the form.
    await page.click('.work .parts >> text=Headers')
    await typeInto(page, VARIABLES, '{"Authorization": "Bearer nope"}')
    await page.click(RUN)
    await see(page, ANSWER, '"code": "UNAUTHENTICATED"')
    expect(await read(page, '.bar')).toContain('An access token is in use')
    await typeInto(page, VARIABLES, '')

    // A number beyond 2^53 is asked for as it is.
    await page.click('.work .parts >> text=Variables')
    await typeInto(page, VARIABLES, '{"id": 9007199254740993}')
    const exact = page.waitForRequest((request) => request.postData()?.includes('9007199254740993') === true)
    await page.click(RUN)
    await exact
    await see(page, ANSWER, '"code": "FILE_NOT_FOUND"')

    await page.reload()
    await see(page, '.bar', 'An access token is in use')
    // Neither the token nor a header that was typed in.
    const kept = await page.evaluate('JSON.stringify(localStorage) + location')
    expect(kept).toContain('9007199254740993')
    expect(kept).not.toContain('SENTINEL')
    expect(faults.filter((fault) => !fault.includes('401'))).toEqual([])

    await server.app.stop(0)
    await page.click(RUN)
    await see(page, ANSWER, 'cannot be reached')
  })

  it('works without the schema, and without writes', async () => {
    const { origin } = await startApp({
      COMETAPI_KEY: undefined,
      UPSTREAM_URL: undefined,
      INTROSPECTION: 'off',
      WRITES: 'off',
    })
    const { page, faults, sent } = await open(origin)
    await see(page, '.bar', 'The schema cannot be read here')
    await see(page, '.rows', 'first_frame.png')
    expect(await page.locator('.upload, [title=Delete]').count()).toBe(0)
    await page.click(RUN)
    await see(page, ANSWER, '"filename": "output_aigc.mp4"')
    expect(sent).toEqual(['ListFiles', 'OneFile'])
    expect(faults).toEqual([])
  })
})
