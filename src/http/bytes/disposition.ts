// The name under which a file is saved: whatever the upstream calls it, it leaves the folder that it is saved in alone.
import createDisposition from 'content-disposition'
import { toBareName } from '../../filename.js'

/** What file systems take. */
const MAX_NAME_BYTES = 150

/** By RFC 6266 and 8187: the name in its own script, and one in ASCII for those who know no better. */
export function toDisposition(filename: string | null, id: string, isInline: boolean): string {
  const name = cleanName(filename ?? '') || id
  const fallback = name.replace(/[^\x20-\x7e]|["%\\]/gu, '_')
  return createDisposition(name, { type: isInline ? 'inline' : 'attachment', fallback })
}

/** A bare name without dots at its start, and none that Windows keeps. */
function cleanName(filename: string): string {
  const name = toBareName(filename)
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '')
  const isKept = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name)
  return shorten(isKept ? `_${name}` : name)
}

/** Keeps the ending. */
function shorten(name: string): string {
  const ending = /\.\w{1,10}$/.exec(name)?.[0] ?? ''
  const letters = [...name.slice(0, name.length - ending.length)]
  let bytes = Buffer.byteLength(name)
  while (bytes > MAX_NAME_BYTES) bytes -= Buffer.byteLength(letters.pop() ?? '')
  return letters.join('') + ending
}
