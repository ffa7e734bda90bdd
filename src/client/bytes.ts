// Answers that are a file's content: which statuses and headers may be passed on.
import type { Bytes } from '../bytes.js'
import { FileError, type FileErrorCode } from '../errors.js'
import type { TransferResponse } from '../wire/transfers.js'
import { WireError } from '../wire/wire.js'
import { toTransportFailure } from './failure.js'

/** The only headers that are passed on: no cookies, no redirects, no policies of other servers. */
const PASSED_HEADERS = [
  'content-length',
  'content-range',
  'content-encoding',
  'accept-ranges',
  'etag',
  'last-modified',
]
const STATUSES: readonly number[] = [200, 206, 304, 412, 416] satisfies Bytes['status'][]

/** The answer as content; `undefined` if it is an error, or not what was asked for. */
export function toBytes(
  { status, header, body }: TransferResponse,
  asked: Readonly<Record<string, string>>,
  note: (error: FileError) => void,
): Bytes | undefined {
  if (!STATUSES.includes(status)) return undefined
  if (status === 206 && (asked.range === undefined || header('content-range') === undefined)) return undefined
  if (status > 206) body.destroy()
  const named = PASSED_HEADERS.map((name): [string, string] => [name, header(name) ?? ''])
  const headers = Object.fromEntries(named.filter(([, value]) => /^[\x20-\x7e]{1,1024}$/.test(value)))
  const fail = (error: unknown): never => {
    throw toFileError(error, note)
  }
  return {
    status: status as Bytes['status'],
    headers,
    body,
    peek: (bytes) => body.peek(bytes).then(({ head }) => head, fail),
  }
}

/** What a broken exchange means, which is noted. */
export function toFileError(cause: unknown, note: (error: FileError) => void): unknown {
  if (!(cause instanceof WireError)) return cause
  const { error } = toTransportFailure(cause)
  note(error)
  return error
}

/** The failure that an answer means of which only the status is known. */
export function toUpstreamError(code: FileErrorCode, httpStatus: number): FileError {
  const upstream = { httpStatus, statusCode: null, statusMessage: null, traceId: null }
  return new FileError(code, { upstream })
}
