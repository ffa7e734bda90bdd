// Whether a request's body can be read as it comes.
import type { IncomingHttpHeaders } from 'node:http'

/** Longer than any that is meant. A library further up takes a time that grows with the square of its blanks. */
const MAX_TYPE_LENGTH = 256

/** UTF-8, and what is part of it. */
const CHARSETS: ReadonlySet<string> = new Set(['', 'utf-8', 'utf8', 'us-ascii'])

/** What clients say of a body that is coded in no way. */
const NO_CODINGS: ReadonlySet<string> = new Set([
  '',
  'identity',
  'none',
  'utf-8',
  'utf8',
  'binary',
  '7bit',
  '8bit',
])

/** In UTF-8 and not compressed: a hundred bytes may unpack to a gigabyte, and other charsets hide what is said. */
export function isPlain(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': type = '', 'content-encoding': codings = '' } = headers
  if (type === 'application/json' && codings === '') return true
  if (type.length > MAX_TYPE_LENGTH) return false
  const [, charset = ''] = /;\s*charset\s*=\s*["']?([^\s;"']*)/i.exec(type) ?? []
  return (
    CHARSETS.has(charset.toLowerCase()) &&
    codings.split(',').every((each) => NO_CODINGS.has(each.trim().toLowerCase()))
  )
}
