// The playground for those who use it by keyboard or hear it: axe finds nothing, in each state that a visit comes to.
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startApp, TOKENS } from './helpers/app.js'
import { missing, shareBrowser } from './helpers/browser.js'
import { read, see } from './helpers/playground.js'

const open = shareBrowser()
const SANDBOX = { COMETAPI_KEY: undefined, UPSTREAM_URL: undefined }

/** What axe has against the page as it stands, in one line each. */
async function findViolations(page: Page): Promise<unknown> {
  await page.evaluate(axe.source)
  return page.evaluate(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => [id, html, any[0]?.message].join(' '))))`)
}

describe.skipIf(missing)(`the playground without a mouse${missing}`, { timeout: 180_000 }, () => {
  it.each([
    ['light', 1280],
    ['dark', 400],
  ] as const)('has nothing that axe finds, %s at %i px', async (colorScheme, width) => {
    const { origin } = await startApp(SANDBOX)
    const { page } = await open(origin, { colorScheme, viewport: { width, height: 800 } })
    await see(page, '.rows', 'first_frame.png')
    await page.locator('.cm-content').first().waitFor()
    expect(await findViolations(page), 'at first').toEqual([])
    await page.click('.tabs >> text=Newest files')
    await page.click('button.run')
    await see(page, '.strip', 'first_frame.png')
    await page.click('[aria-label="Delete first_frame.png"]')
    await page.click('text=Copy as')
    expect(await findViolations(page), 'with files').toEqual([])
    await page.click('.panel >> text=Docs')
    await page.click('.docs >> text="Query"')
    expect(await findViolations(page), 'with docs').toEqual([])
    await page.click('[aria-label="New tab"]')
    await page.click('.panel >> text=Files')
    await page.click('text=Ids that fail on request')
    expect(await findViolations(page), 'with nothing asked').toEqual([])
  })

  it('has nothing that axe finds where a token is refused', async () => {
    const { origin } = await startApp({ ACCESS_TOKENS: TOKENS.join() })
    const { page } = await open(origin)
    await page.fill('input[name=token]', 'nope')
    await page.keyboard.press('Enter')
    await page.click('button.run')
    await see(page, '.bar', 'refused this access token')
    expect(await findViolations(page)).toEqual([])
  })

  it('can be used from the first key on', async () => {
    const { origin } = await startApp(SANDBOX)
    const { page } = await open(origin)
    const editor = page.getByRole('textbox', { name: 'Operation, in GraphQL' })
    await page.locator('.cm-content').first().waitFor()
    await editor.focus()
    await page.keyboard.press('ControlOrMeta+Enter')
    await see(page, '.result .scrollable', 'output_aigc.mp4')
    // Neither the editor nor anything after it keeps the focus.
    const names: string[] = []
    for (let presses = 0; presses < 60 && !names.includes('BODY'); presses++) {
      await page.keyboard.press('Tab')
      names.push(
        await page.evaluate('(document.activeElement.ariaLabel ?? "") + document.activeElement.tagName'),
      )
    }
    expect(names).toEqual(
      expect.arrayContaining(['Text of the answerSECTION', 'Variables, in JSONDIV', 'A', 'BODY']),
    )
    await page.getByRole('button', { name: 'Run' }).press('Enter')
    await expect.poll(() => read(page, '.status')).toContain('free: reused')
  })
})
