// The id of a request: what its answer, its errors and its log line have in common, to be quoted by whoever asks for help.
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A client's own id is kept if it can neither break a log line nor fill it. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** Makes ids that no other process makes, before or after: it has a random beginning, and then counts. */
export function createIds(): (headers: IncomingHttpHeaders) => string {
  const beginning = randomBytes(12).toString('base64url')
  let count = 0
  return ({ 'x-request-id': id }) =>
    typeof id === 'string' && REQUEST_ID.test(id) ? id : `${beginning}-${(++count).toString(36)}`
}
