// JSON without rounding: a 64-bit id that is rounded to a double is the id of another file.

// The grammar's number (RFC 8259, 6).
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

const integer = /^-?\d+$/

/** Every integer of up to so many characters, sign included, is exact as a double. */
const SHORT = 15

// Limits on what takes far longer to parse than other text of the same length. A client's body has no room for more, and no
// honest answer contains more.
const MAX_QUOTED = 2 ** 15
const MAX_DEPTH = 2 ** 17

const BYTE_ORDER_MARK = 0xfeff
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isNumberStart = (code: number) => code === 0x2d || isDigit(code)
const isOpening = (code: number) => code === 0x5b || code === 0x7b
const isClosing = (code: number) => code === 0x5d || code === 0x7d

/** `+`, `-`, `.`, `e`, `E` or a digit. */
function isNumberPart(code: number): boolean {
  return isDigit(code) || code === 0x2d || code === 0x2e || code === 0x2b || code === 0x65 || code === 0x45
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** The index after the string that opens at `start`, or the end of the text if it never closes. */
export function findStringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
  return text.length
}

function findNumberEnd(text: string, start: number): number {
  let at = start + 1
  while (isNumberPart(text.charCodeAt(at))) at++
  return at
}

/** Whether the string that ends here is a key. */
function isBeforeColon(text: string, end: number): boolean {
  let at = end
  while (isSpace(text.charCodeAt(at))) at++
  return text.charCodeAt(at) === COLON
}

/** Whether a double would be a different number, or would lose a spelling that matters. */
function isInexact(token: string, isExact: boolean): boolean {
  return integer.test(token) ? !Number.isSafeInteger(Number(token)) : isExact
}

/**
 * Only what is a number by the grammar is quoted, and not before a colon: a string is allowed wherever a
 * number is, except that it may also be a key. So a text is valid after quoting only if it was before.
 */
function needsQuotes(text: string, start: number, end: number, isExact: boolean): boolean {
  const token = text.slice(start, end)
  return number.test(token) && isInexact(token, isExact) && !isBeforeColon(text, end)
}

/** One pass over whole tokens, so that digits within strings, and parts of numbers, are never touched. */
function quoteNumbers(text: string, exactUnder: string | undefined): string {
  let quoted = ''
  let copied = 0
  let count = 0
  let depth = 0
  let isExact = exactUnder === undefined
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    let end = at + 1
    if (code === QUOTE) {
      end = findStringEnd(text, at)
      if (exactUnder !== undefined && depth === 1 && isBeforeColon(text, end))
        isExact = isNamed(exactUnder, text.slice(at + 1, end - 1))
    } else if (isNumberStart(code)) {
      end = findNumberEnd(text, at)
      const isPlain = end - at <= SHORT && isPlainInteger(text, at, end)
      if (!isPlain && needsQuotes(text, at, end, isExact)) {
        if (++count > MAX_QUOTED) throw new SyntaxError()
        quoted += `${text.slice(copied, at)}"${text.slice(at, end)}"`
        copied = end
      }
    } else if (isOpening(code)) {
      if (++depth > MAX_DEPTH) throw new SyntaxError()
    } else if (isClosing(code)) depth--
    at = end
  }
  return quoted + text.slice(copied)
}

/** Fast path for the usual number, without a substring. */
function isPlainInteger(text: string, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false
  return true
}

/** A key with escapes may be any key. */
function isNamed(name: string, key: string): boolean {
  return key === name || key.includes('\\')
}

/**
 * As `JSON.parse`, but what may be an id stays as it was written. An integer beyond 2^53 comes as a string of its
 * digits, wherever it stands. So does any number with a fraction or an exponent, which no id has: `1e3` as "1e3"
 * and not as 1000. With `exactUnder` that holds only for what stands under this member of the outermost object; the
 * rest may hold no ids, and `1.0` is 1 there.
 *
 * A byte order mark before the text is left out. Nesting deeper than 131072, and more than 32768 numbers to keep as
 * they were written, are refused. It throws a `SyntaxError` and nothing else, in fixed words: the
 * engine's own message would quote the text.
 */
export function parseExactJson(text: string, exactUnder?: string): unknown {
  const json = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text
  try {
    return JSON.parse(quoteNumbers(json, exactUnder))
  } catch {
    throw new SyntaxError('The text is not JSON.')
  }
}
