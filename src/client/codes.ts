// What the upstream's codes mean. Correct this table when MiniMax or CometAPI changes.
import type { FileErrorCode } from '../errors.js'

type Meaning = {
  readonly code: FileErrorCode
  /** Our wording for the client; the upstream's own text never leaves the client room. */
  readonly message: string
  /** Worth one more attempt at once: the upstream's guide says "retry later" and the fault is its own. */
  readonly transient?: true
}

/** `base_resp.status_code`, from MiniMax's error-code page, its file pages, and answers seen in the wild. */
const statusCodes: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [1000, { code: 'UPSTREAM_UNAVAILABLE', message: 'unknown error', transient: true }],
  [1001, { code: 'UPSTREAM_TIMEOUT', message: 'request timeout', transient: true }],
  [1002, { code: 'UPSTREAM_RATE_LIMITED', message: 'rate limit of requests' }],
  [1004, { code: 'UPSTREAM_UNAUTHENTICATED', message: 'not authorized' }],
  [1008, { code: 'UPSTREAM_INSUFFICIENT_BALANCE', message: 'insufficient balance' }],
  [1013, { code: 'UPSTREAM_UNAVAILABLE', message: 'internal service error', transient: true }],
  [1024, { code: 'UPSTREAM_UNAVAILABLE', message: 'internal error', transient: true }],
  [1026, { code: 'UPSTREAM_CONTENT_REJECTED', message: 'sensitive content in the input' }],
  [1027, { code: 'UPSTREAM_CONTENT_REJECTED', message: 'sensitive content in the output' }],
  [1028, { code: 'UPSTREAM_QUOTA_EXCEEDED', message: 'quota exhausted' }],
  [1030, { code: 'UPSTREAM_QUOTA_EXCEEDED', message: 'quota exhausted' }],
  [1033, { code: 'UPSTREAM_UNAVAILABLE', message: 'system error', transient: true }],
  [1039, { code: 'UPSTREAM_RATE_LIMITED', message: 'rate limit of tokens' }],
  [1041, { code: 'UPSTREAM_RATE_LIMITED', message: 'limit of connections' }],
  [1042, { code: 'UPSTREAM_ERROR', message: 'too many invisible characters' }],
  [1043, { code: 'UPSTREAM_ERROR', message: 'speech similarity check failed' }],
  [1044, { code: 'UPSTREAM_ERROR', message: 'clone prompt similarity check failed' }],
  [2013, { code: 'UPSTREAM_INVALID_REQUEST', message: 'invalid parameters' }],
  [2037, { code: 'UPSTREAM_ERROR', message: 'voice too short or too long' }],
  [2038, { code: 'UPSTREAM_ERROR', message: 'voice cloning needs verification' }],
  [2039, { code: 'UPSTREAM_ERROR', message: 'voice id exists already' }],
  [2042, { code: 'UPSTREAM_FORBIDDEN', message: 'no access to this voice' }],
  [2045, { code: 'UPSTREAM_RATE_LIMITED', message: 'traffic grows too fast' }],
  [2048, { code: 'UPSTREAM_ERROR', message: 'prompt audio too long' }],
  [2049, { code: 'UPSTREAM_UNAUTHENTICATED', message: 'invalid API key' }],
  [2056, { code: 'UPSTREAM_QUOTA_EXCEEDED', message: 'usage limit of the plan reached' }],
  [2061, { code: 'UPSTREAM_FORBIDDEN', message: 'not included in the plan' }],
  [20132, { code: 'UPSTREAM_INVALID_REQUEST', message: 'invalid samples or voice id' }],
])

const FILE_NOT_FOUND: Meaning = { code: 'FILE_NOT_FOUND', message: 'file not found' }
const WRONG_GROUP: Meaning = { code: 'UPSTREAM_FORBIDDEN', message: 'the key is not of the group' }

/** CometAPI adds its request id, in parentheses, behind the upstream's words. */
const REQUEST_ID = '(request id: '

/**
 * The meaning of a non-zero `status_code`, or `undefined` for one that is new to us. The text is read in two
 * places only, where MiniMax gives one code to different faults: 2013 for a missing file (seen on the wire:
 * `invalid params, file not found`) and 1004 for a foreign group (seen: `token not match group`).
 */
export function toMeaning(statusCode: number, text: string): Meaning | undefined {
  const words = withoutRequestId(text.trimEnd()).toLowerCase()
  if (statusCode === 2013 && words.endsWith('file not found')) return FILE_NOT_FOUND
  if (statusCode === 1004 && words.includes('token not match group')) return WRONG_GROUP
  return statusCodes.get(statusCode)
}

/** Plain searches, so that the time is linear in the length of the text. */
function withoutRequestId(text: string): string {
  const start = text.endsWith(')') ? text.lastIndexOf(REQUEST_ID) : -1
  const isLast = start >= 0 && text.indexOf(')', start) === text.length - 1
  return isLast ? text.slice(0, start).trimEnd() : text
}

/** The code of a CometAPI envelope, where it decides. Its quota codes come under HTTP 403. */
export function toEnvelopeCode(code: string, httpStatus: number): FileErrorCode | undefined {
  if (code === 'invalid_request') return 'UPSTREAM_INVALID_REQUEST'
  if (code === 'model_not_found') return 'UPSTREAM_UNAVAILABLE'
  if (httpStatus === 403 && code.includes('quota')) return 'UPSTREAM_INSUFFICIENT_BALANCE'
  return undefined
}

/** What an HTTP status alone means; `undefined` for success. 524 is Cloudflare's timeout. */
export function toStatusCode(httpStatus: number): FileErrorCode | undefined {
  if (httpStatus >= 200 && httpStatus < 300) return undefined
  if (httpStatus >= 300 && httpStatus < 400) return 'UPSTREAM_BAD_RESPONSE'
  switch (httpStatus) {
    case 400:
      return 'UPSTREAM_INVALID_REQUEST'
    case 401:
      return 'UPSTREAM_UNAUTHENTICATED'
    case 402:
      return 'UPSTREAM_INSUFFICIENT_BALANCE'
    case 403:
      return 'UPSTREAM_FORBIDDEN'
    case 408:
    case 504:
    case 524:
      return 'UPSTREAM_TIMEOUT'
    case 429:
      return 'UPSTREAM_RATE_LIMITED'
    default:
      return httpStatus >= 500 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_ERROR'
  }
}
