// The id of a request, which its answer, its errors and its log line share.
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A client's own id is kept if it is short and cannot break a log line. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** Creates unique ids: a random prefix per process, then a counter. */
export function createIds(): (headers: IncomingHttpHeaders) => string {
  const beginning = randomBytes(12).toString('base64url')
  let count = 0
  return ({ 'x-request-id': id }) =>
    typeof id === 'string' && REQUEST_ID.test(id) ? id : `${beginning}-${(++count).toString(36)}`
}
