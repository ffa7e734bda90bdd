// Whether a request's body can be read as it comes.
import type { IncomingHttpHeaders } from 'node:http'

/** Longer than any real one. The library that parses it takes time that grows with the square of its spaces. */
const MAX_TYPE_LENGTH = 256

/** Names of UTF-8, and of ASCII, which is a part of it. */
const CHARSETS: ReadonlySet<string> = new Set(['', 'utf-8', 'utf8', 'us-ascii'])

/** What clients send as Content-Encoding where there is none. */
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

/** In UTF-8 and not compressed: a hundred bytes may unpack to a gigabyte, and the body is read as UTF-8 whatever it is. */
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
