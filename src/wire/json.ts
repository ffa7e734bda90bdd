// JSON without rounding: a 64-bit id that became a double would be another file's id.

// At most 15 digits: every such integer is a double.
const plainInteger = /^-?\d{1,15}$/

// The grammar's number (RFC 8259, 6).
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

// Sticky, hence tried at one place only; a run of one class of characters never backtracks.
const numberRun = /[-+.\deE]+/y
const nextIsColon = /[ \t\n\r]*:/y

const isNumberStart = (code: number) => code === 0x2d || (code >= 0x30 && code <= 0x39)

/** The index after the string that opens at `start`, or the end of the text if it never closes. */
function findStringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
  return text.length
}

function matchEnd(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : undefined
}

/**
 * Only what is a number by the grammar is quoted, and not before a colon: a string is allowed wherever a
 * number is, except that it may also be a key. So a text is valid after quoting only if it was before.
 */
function needsQuotes(text: string, start: number, end: number): boolean {
  const token = text.slice(start, end)
  return !plainInteger.test(token) && number.test(token) && matchEnd(nextIsColon, text, end) === undefined
}

/** One pass over whole tokens, so that digits within strings, and parts of numbers, are never touched. */
function quoteNumbers(text: string): string {
  const pieces: string[] = []
  let copied = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = findStringEnd(text, at)
    else if (!isNumberStart(code)) at++
    else {
      const end = matchEnd(numberRun, text, at) ?? at + 1
      if (needsQuotes(text, at, end)) {
        pieces.push(text.slice(copied, at), '"', text.slice(at, end), '"')
        copied = end
      }
      at = end
    }
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(copied)
}

/**
 * As `JSON.parse`, except that every number other than an integer of at most 15 digits comes as a string of
 * its exact source text: `9007199254740993` as "9007199254740993", `1e3` as "1e3". It throws a `SyntaxError`
 * and nothing else, in fixed words: the engine's own message would quote the text.
 */
export function parseExactJson(text: string): unknown {
  const quoted = quoteNumbers(text)
  try {
    return JSON.parse(quoted)
  } catch {
    throw new SyntaxError('The text is not JSON.')
  }
}
