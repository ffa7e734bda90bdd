// The download of one file by the rules of HTTP (RFC 9110): whole or one range, if the conditions are met.

import type { IncomingHttpHeaders } from 'node:http'
import type { Reply } from '../answer.js'
import type { Body } from '../body.js'

type Range = { readonly start: number; readonly end: number }

/** Both ends included. A header that is not a single range of bytes is ignored, as RFC 9110 requires. */
function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last))
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  return start > end ? 'unsatisfiable' : { start, end }
}

type Validators = { readonly etag: string; readonly modified: string }

function matches(header: string, etag: string): boolean {
  return header.split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')))
}

/** Whether the file is newer than the time in the header; undefined if the header has none. */
function isNewer(modified: string, header: string | undefined): boolean | undefined {
  const time = Date.parse(header ?? '')
  return Number.isNaN(time) ? undefined : Date.parse(modified) > time
}

/** In the order of RFC 9110, section 13.2.2: a time only counts if no tag is given. */
function findUnmet(headers: IncomingHttpHeaders, { etag, modified }: Validators): 304 | 412 | undefined {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers
  if (match === undefined ? isNewer(modified, headers['if-unmodified-since']) : !matches(match, etag))
    return 412
  if (noneMatch !== undefined) return matches(noneMatch, etag) ? 304 : undefined
  return isNewer(modified, headers['if-modified-since']) === false ? 304 : undefined
}

/** Whether `If-Range` allows a range of this version of the file. */
function isMeant(header: unknown, { etag, modified }: Validators): boolean {
  return header === undefined || header === etag || header === modified
}

type Download = {
  readonly body: Body
  readonly headers: Readonly<Record<string, string>>
  readonly modifiedAtMs: number
}

/** The whole file under 200, whatever was asked for. */
export function toWhole({ body, headers }: Pick<Download, 'body' | 'headers'>): Reply {
  return { status: 200, headers, body: body.part(0, body.size) }
}

/** The file, the range of it, or the status that the request's headers lead to. */
export function toDownload({ body, headers, modifiedAtMs }: Download, asked: IncomingHttpHeaders): Reply {
  const { etag, size } = body
  const modified = new Date(modifiedAtMs).toUTCString()
  const all = { ...headers, 'accept-ranges': 'bytes', etag, 'last-modified': modified }
  const unmet = findUnmet(asked, { etag, modified })
  if (unmet) return { status: unmet, headers: { etag, 'last-modified': modified }, body: '' }
  const range = isMeant(asked['if-range'], { etag, modified }) ? parseRange(asked.range, size) : undefined
  if (range === undefined) return toWhole({ body, headers: all })
  if (range === 'unsatisfiable') {
    return { status: 416, headers: { ...all, 'content-range': `bytes */${size}` }, body: '' }
  }
  const { start, end } = range
  return {
    status: 206,
    headers: { ...all, 'content-range': `bytes ${start}-${end}/${size}` },
    body: body.part(start, end + 1),
  }
}
