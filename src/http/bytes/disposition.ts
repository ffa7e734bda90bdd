// The name under which a browser saves a file. The upstream's name for it may hold a path, or what file systems refuse.
import createDisposition from 'content-disposition'
import { toBareName } from '../../filename.js'

/** Most file systems take 255; programs that save a file may add to its name. */
const MAX_NAME_BYTES = 150

/** By RFC 6266 and 8187: the name in its own script, and one in ASCII for clients that do not read that. */
export function toDisposition(filename: string | null, id: string, isInline: boolean): string {
  const name = cleanName(filename ?? '') || id
  const fallback = name.replace(/[^\x20-\x7e]|["%\\]/gu, '_')
  return createDisposition(name, { type: isInline ? 'inline' : 'attachment', fallback })
}

/** A name without folders, without dots at its start, and none that Windows reserves. */
function cleanName(filename: string): string {
  const name = toBareName(filename)
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  const isReserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name)
  return shorten(isReserved ? `_${name}` : name)
}

/** Cuts a name to `MAX_NAME_BYTES`, and keeps its ending. */
function shorten(name: string): string {
  const ending = /\.\w{1,10}$/.exec(name)?.[0] ?? ''
  const letters = [...name.slice(0, name.length - ending.length)]
  let bytes = Buffer.byteLength(name)
  while (bytes > MAX_NAME_BYTES) bytes -= Buffer.byteLength(letters.pop() ?? '')
  return letters.join('') + ending
}
