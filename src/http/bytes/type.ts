// What a file is, by what it begins with. Neither the upstream's word for it nor the file's name is believed.

export type MediaType = {
  readonly name: string
  /** A browser may show or play it. Nothing that could run is of such a type. */
  readonly isInline: boolean
}

/** Enough to tell each type. */
export const START_BYTES = 512

const inline = (name: string): MediaType => ({ name, isInline: true })
const attachment = (name: string): MediaType => ({ name, isInline: false })

export const UNKNOWN = attachment('application/octet-stream')

const matches = (start: Buffer, at: number, text: string) =>
  start.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'))

const types: readonly (readonly [type: MediaType, isIt: (start: Buffer) => boolean])[] = [
  [inline('image/png'), (start) => matches(start, 0, '\x89PNG\r\n\x1a\n')],
  [inline('image/jpeg'), (start) => matches(start, 0, '\xff\xd8\xff')],
  [inline('image/gif'), (start) => matches(start, 0, 'GIF87a') || matches(start, 0, 'GIF89a')],
  [inline('image/webp'), (start) => matches(start, 0, 'RIFF') && matches(start, 8, 'WEBP')],
  [inline('audio/wav'), (start) => matches(start, 0, 'RIFF') && matches(start, 8, 'WAVE')],
  [inline('video/mp4'), (start) => matches(start, 4, 'ftyp')],
  [inline('video/webm'), (start) => matches(start, 0, '\x1a\x45\xdf\xa3') && start.includes('webm')],
  [inline('audio/mpeg'), (start) => matches(start, 0, 'ID3') || isMp3Frame(start)],
  [attachment('text/plain; charset=utf-8'), isText],
]

export function toMediaType(start: Buffer): MediaType {
  return types.find(([, isIt]) => isIt(start))?.[0] ?? UNKNOWN
}

/** The head of a frame of MPEG audio, layer 3: its bits for synchronisation, and no value that is not allowed. */
function isMp3Frame([first = 0, second = 0, third = 0]: Buffer): boolean {
  const isLayer3 = first === 0xff && (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08
  return isLayer3 && (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c
}

/** UTF-8 without controls other than those of lines. The last character may be cut off. */
function isText(start: Buffer): boolean {
  if (start.length === 0 || start.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d].includes(byte)))
    return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true })
    return true
  } catch {
    return false
  }
}

export type KnownTypes = {
  get(key: string): MediaType | undefined
  set(key: string, type: MediaType): void
}

/** The types of the last files: a part of one that is not its beginning does not show it. */
export function createKnownTypes(max = 1000): KnownTypes {
  const known = new Map<string, MediaType>()
  return {
    get: (key) => known.get(key),
    set: (key, type) => {
      known.delete(key)
      known.set(key, type)
      const [oldest] = known.keys()
      if (known.size > max && oldest !== undefined) known.delete(oldest)
    },
  }
}
