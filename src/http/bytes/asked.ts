// What a client asks of the bytes: a range, conditions, one member of an archive.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { BytesCall } from '../../bytes.js'
import { FileError } from '../../errors.js'
import type { FileId } from '../../file.js'
import { isMember, type Member } from './member.js'

/** One range, of numbers that fit. Several would make an answer of many parts; what is none is ignored, as HTTP asks. */
const RANGE = /^bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})$/
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'] as const

export type Asked = Pick<BytesCall, 'headers' | 'isHead'> & { readonly member: Member | undefined }

/** Nothing else of the client goes on. Throws a `FileError` for a member that nobody knows. */
export function readAsked({ method, headers, query }: FastifyRequest, id: FileId): Asked {
  const { member } = query as { readonly member?: unknown }
  if (member === undefined) return { headers: toHeaders(headers), isHead: method === 'HEAD', member }
  if (!isMember(member)) throw new FileError('INVALID_INPUT', { rule: 'MEMBER' })
  // The bytes are needed to see which members there are, also for a head.
  return { headers: toHeadersOfMember(headers, id, member), isHead: false, member }
}

function toHeaders(headers: IncomingHttpHeaders): Asked['headers'] {
  const { range = '', 'if-range': ifRange } = headers
  const asked = CONDITIONS.map((name): [string, string] => [name, headers[name] ?? ''])
  if (RANGE.test(range))
    asked.push(['range', range], ['if-range', typeof ifRange === 'string' ? ifRange : ''])
  return Object.fromEntries(asked.filter(([, value]) => value !== ''))
}

/** A member is given whole. Who names its tag has it already: the upstream, which knows no members, is told that of the file. */
function toHeadersOfMember(
  { 'if-none-match': tags }: IncomingHttpHeaders,
  id: FileId,
  member: Member,
): Asked['headers'] {
  return tags?.includes(toMemberTag(id, member)) ? { 'if-none-match': `"${id}"` } : {}
}

/** A file never changes, and neither do its members. */
export function toMemberTag(id: FileId, member: Member): string {
  return `"${id}.${member}"`
}
