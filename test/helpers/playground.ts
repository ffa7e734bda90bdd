// What the tests of the playground do with a page.
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

export const RUN = 'button.run'

/** What stands there, with blanks that do not break as blanks. */
export async function read(page: Page, place: string): Promise<string> {
  return ((await page.locator(place).first().textContent()) ?? '').replaceAll('\u00a0', ' ')
}

/** Waits until that text stands there. */
export async function see(page: Page, place: string, text: string): Promise<void> {
  await page.locator(place).first().waitFor()
  await expect.poll(() => read(page, place)).toContain(text)
}

/** Puts a text in the place of what is in an editor, and waits until it has taken it. */
export async function type(page: Page, place: string, text: string): Promise<void> {
  const content = page.locator(place).locator('.cm-content')
  await content.fill(text)
  await expect.poll(() => content.textContent()).toContain(text)
}
