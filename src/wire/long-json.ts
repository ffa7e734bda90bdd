// Parses JSON with a long list in parts, so that other requests are served in between.
import { setImmediate as turn } from 'node:timers/promises'
import { findStringEnd, parseExactJson } from './json.js'

/** Parsing so much text takes a few milliseconds. */
const PART_LENGTH = 2 ** 16
/** The answer itself, or the envelope of a gateway around it. */
const MAX_LIST_DEPTH = 2

const QUOTE = 0x22
const COMMA = 0x2c
const isOpening = (code: number) => code === 0x5b || code === 0x7b
const isClosing = (code: number) => code === 0x5d || code === 0x7d

/**
 * As `parseExactJson`, for an object that has a long list under `name`, itself or in one of its members. Each element is
 * given to `take`, in order, and the list comes back empty. The same `SyntaxError` is thrown for what is no JSON, when
 * elements may have been taken already.
 */
export async function parseLongJson(
  text: string,
  name: string,
  take: (element: unknown) => void,
): Promise<unknown> {
  const start = findList(text, name)
  if (start === undefined) return parseExactJson(text)
  let from = start
  let at = start
  let depth = 0
  for (; at < text.length && depth >= 0; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = findStringEnd(text, at)
    else {
      if (isOpening(code)) depth++
      else if (isClosing(code)) depth--
      at++
      if (code === COMMA && depth === 0 && at - from >= PART_LENGTH) {
        takeAll(text.slice(from, at - 1), take)
        from = at
        await turn()
      }
    }
  }
  const end = depth < 0 ? at - 1 : at
  // Nothing at all is an empty list, but not behind a comma.
  if (from > start || text.slice(from, end).trim() !== '') takeAll(text.slice(from, end), take)
  return parseExactJson(text.slice(0, start) + text.slice(end))
}

function takeAll(elements: string, take: (element: unknown) => void): void {
  const list = parseExactJson(`[${elements}]`)
  if (!Array.isArray(list) || list.length === 0) throw new SyntaxError('The text is not JSON.')
  for (const element of list as unknown[]) take(element)
}

/** The index after the bracket that opens the list. The key is expected near the start, before any other long part. */
function findList(text: string, name: string): number | undefined {
  const opening = new RegExp(`"${name}"\\s*:\\s*\\[`, 'y')
  let depth = 0
  for (let at = 0; at < text.length && at < PART_LENGTH; ) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      opening.lastIndex = at
      if (depth <= MAX_LIST_DEPTH && opening.test(text)) return opening.lastIndex
      at = findStringEnd(text, at)
    } else {
      if (isOpening(code)) depth++
      else if (isClosing(code)) depth--
      at++
    }
  }
  return undefined
}
