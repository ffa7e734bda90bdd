// File ids and task ids: int64, which a double does not hold. Here they are canonical decimal texts.

/** The canonical decimal form of an int64; undefined for anything else. */
export function parseInt64(text: string): string | undefined {
  if (!/^-?[0-9]{1,19}$/.test(text)) return undefined
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value ? value.toString() : undefined
}

const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const MARK = '\u0000int64'

/** JSON in which integers that a double may not hold become bigints. Throws what `JSON.parse` throws. */
export function parseJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text)
  JSON.parse(text) // what is no JSON must not become any by being edited
  const marked = text.replace(TOKENS, (token) =>
    /^-?\d{16,}$/.test(token) ? JSON.stringify({ [MARK]: token }) : token,
  )
  return JSON.parse(marked, (_, value) => {
    const digits = typeof value === 'object' && value !== null ? value[MARK] : undefined
    return typeof digits === 'string' ? BigInt(digits) : value
  })
}

/** The id that a JSON number stands for; undefined for anything else, a text of digits included. */
export function toInt64(value: unknown): string | undefined {
  if (typeof value === 'bigint') return parseInt64(value.toString())
  return Number.isSafeInteger(value) ? String(value) : undefined
}
