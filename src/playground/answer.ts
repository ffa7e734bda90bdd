// An answer as the page shows it: its text, and its status, time and size.

export type ShownAnswer = {
  /** Indented if it is JSON. */
  readonly text: string
  /** The parsed body; `undefined` if it is not JSON. */
  readonly body: unknown
  /** The HTTP status; 0 if there was no response. */
  readonly status: number
  readonly ms: number
  /** The size of the body, before any compression. */
  readonly bytes: number
  /** For a stream: the number of events so far. */
  readonly events?: number
}

export function toAnswer({ text, status, ms }: Pick<ShownAnswer, 'text' | 'status' | 'ms'>): ShownAnswer {
  const bytes = new TextEncoder().encode(text).length
  try {
    const body: unknown = JSON.parse(text)
    return { text: JSON.stringify(body, null, 2), body, status, ms, bytes }
  } catch {
    const told = `HTTP ${status}, and its body is not JSON.\n\n${text.slice(0, 2000)}`
    return { text: told, body: undefined, status, ms, bytes }
  }
}

/** Takes the place of an answer if the operation could not be sent, or was not answered. */
export function toFault(message: string): ShownAnswer {
  return { text: message, body: undefined, status: 0, ms: 0, bytes: 0 }
}

const UNITS = ['bytes', 'KB', 'MB', 'GB']

export function toSizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const value = bytes / 1000 ** step
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[step]}`
}

export function toTimeText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

export type Piece = { readonly text: string; readonly look: string }

const TOKENS = /("(?:[^"\\]|\\.)*")(?=(\s*:)?)|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/** Longer texts are not coloured, since browsers are slow with a hundred thousand elements. */
const MAX_COLOURED = 200_000

/** Cuts JSON into pieces of one colour each. `look` is the class name that the editors' highlighter uses. */
export function toPieces(json: string): Piece[] {
  if (json.length > MAX_COLOURED) return [{ text: json, look: '' }]
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: all, 1: string, 2: colon, index } of json.matchAll(TOKENS)) {
    if (index > end) pieces.push({ text: json.slice(end, index), look: '' })
    const scalar = /^[tfn]/.test(all) ? 'tok-bool' : 'tok-number'
    const look = string === undefined ? scalar : colon === undefined ? 'tok-string' : 'tok-propertyName'
    pieces.push({ text: all, look })
    end = index + all.length
  }
  pieces.push({ text: json.slice(end), look: '' })
  return pieces
}
