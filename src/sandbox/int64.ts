// File ids and task ids are int64, too large for a double. Here they are canonical decimal texts.

/** The canonical decimal form of an int64; undefined for anything else. */
export function parseInt64(text: string): string | undefined {
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value.toString() : undefined
}

const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const MARK = '\u0000int64'

/** Parses JSON; integers of 16 digits and more become bigints. Throws what `JSON.parse` throws. */
export function parseJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text)
  JSON.parse(text) // throws for invalid JSON, which the edit below could otherwise make valid
  const marked = text.replace(TOKENS, (token) =>
    /^-?\d{16,}$/.test(token) ? JSON.stringify({ [MARK]: token }) : token,
  )
  return JSON.parse(marked, (_, value) => {
    const digits = typeof value === 'object' && value !== null ? value[MARK] : undefined
    return typeof digits === 'string' ? BigInt(digits) : value
  })
}

/** The id of a parsed JSON number; undefined for anything else, also for a text of digits. */
export function toInt64(value: unknown): string | undefined {
  if (typeof value === 'bigint') return parseInt64(value.toString())
  return Number.isSafeInteger(value) ? String(value) : undefined
}
