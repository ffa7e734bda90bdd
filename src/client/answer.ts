// Reads one HTTP answer of the upstream: the result, or the failure and how many retries it is worth.
import { FileError, type FileErrorCode, type FileErrorUpstream } from '../errors.js'
import { parseExactJson } from '../wire/json.js'
import { parseRetryAfter } from '../wire/retry.js'
import type { WireResponse } from '../wire/wire.js'
import { toEnvelopeCode, toMeaning, toStatusCode } from './codes.js'
import { type DecodeOptions, isBlank, isRecord, type Notice, parseNumber } from './decode.js'
import type { Failure } from './failure.js'

export type Reading<T> = { readonly value: T } | { readonly failure: Failure }

/** Decodes a successful answer; `undefined` if it is unusable. */
type Choose<T> = (answer: Answer) => T | undefined

/** The same for one with a non-zero `base_resp`, which may be a part of what was asked for; `undefined` if it is not. */
type ChooseRefused<T> = (answer: Answer, error: FileError) => T | undefined

type Answer = Readonly<Record<string, unknown>>

type AnswerOptions = DecodeOptions & {
  /** Not every upstream has the operation: what shows that its path leads nowhere is told as that. */
  readonly mayLack?: boolean
}

/** MiniMax's window for requests per minute is about a minute (seen on the wire). */
const RATE_LIMIT_SECONDS = 60
/** Quotas last hours or a day, from a start that we do not know: look again in an hour (assumed). */
const QUOTA_SECONDS = 3600
/** No code is near it, nor what GraphQL can show as an integer. */
const MAX_CODE = 1e9
/** How much of a message is read, from its end. Real ones have about a hundred characters. */
const MAX_TEXT_LENGTH = 1000
/** Statuses that mean that nothing was served, so nothing was billed. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 500, 502, 503, 504])

/**
 * What decides, in this order: a non-zero `base_resp`, the code of a CometAPI envelope, the HTTP status. Only
 * then is the rest looked at: a failed answer may carry a file of zeros. `body` is the answer's, as `parseBody` gives it.
 */
export function readAnswer<T>(
  body: unknown,
  response: WireResponse,
  options: AnswerOptions,
  choose: Choose<T>,
  chooseRefused?: ChooseRefused<T>,
): Reading<T> {
  const answer = isRecord(body) ? unwrap(body) : undefined
  const base = isRecord(answer?.base_resp) ? answer.base_resp : undefined
  const statusCode = base === undefined ? 0 : parseStatusCode(base.status_code)
  if (statusCode !== undefined && statusCode !== 0) {
    const failure = toBaseFailure(statusCode, readText(base?.status_msg), response, options)
    const part = answer && chooseRefused?.(answer, failure.error)
    return part === undefined ? { failure } : { value: part }
  }
  const envelope = isRecord(body) ? body.error : undefined
  if (isRecord(envelope) && saysSomething(envelope))
    return { failure: toEnvelopeFailure(envelope, response, options) }
  const code = isLacking(response, options) ? 'UPSTREAM_UNSUPPORTED' : toStatusCode(response.status)
  if (code !== undefined) return { failure: toAnswerFailure(code, response, options) }
  if (body === undefined)
    return { failure: { ...toAnswerFailure('UPSTREAM_BAD_RESPONSE', response, options), retries: 1 } }
  noteContentType(response, options.notice)
  const value = statusCode === 0 && answer ? choose(answer) : undefined
  return value === undefined
    ? { failure: toAnswerFailure('UPSTREAM_BAD_RESPONSE', response, options) }
    : { value }
}

/** Gateways answer with HTML, a redirect or a 404 if they do not offer an operation. */
function isLacking({ status, body }: WireResponse, { mayLack = false }: AnswerOptions): boolean {
  if (!mayLack) return false
  return status === 404 || (status >= 300 && status < 400) || (status < 300 && /^\s*</.test(body))
}

/** Whether a JSON body is a failure, and not a file of the user's that is JSON: only a failure has a non-zero `base_resp`. */
export function isFailureBody(text: string): boolean {
  const body = parseBody(text)
  const base = isRecord(body) ? body.base_resp : undefined
  const statusCode = isRecord(base) ? parseStatusCode(base.status_code) : 0
  return statusCode !== undefined && statusCode !== 0
}

/** `undefined` if the body is not JSON: HTML, cut off, or empty. */
export function parseBody(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return undefined
  }
}

/** Some gateways put the whole answer into `data`. */
function unwrap(body: Answer): Answer {
  const isWhole = body.base_resp !== undefined || body.file !== undefined || body.files !== undefined
  return !isWhole && isRecord(body.data) ? body.data : body
}

/** An integer in any spelling (gateways send `"0"` and `0.0`); 0 if absent; `undefined` for anything else. */
function parseStatusCode(value: unknown): number | undefined {
  if (isBlank(value)) return 0
  const code = parseNumber(value)
  return Number.isInteger(code) && Math.abs(code ?? 0) < MAX_CODE ? code : undefined
}

/** One gateway sends an empty error beside every success. */
function saysSomething({ message, code, type }: Readonly<Record<string, unknown>>): boolean {
  return !(isBlank(message) && isBlank(code) && isBlank(type))
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value.slice(-MAX_TEXT_LENGTH) : ''
}

function toBaseFailure(
  statusCode: number,
  text: string,
  response: WireResponse,
  options: AnswerOptions,
): Failure {
  const meaning = toMeaning(statusCode, text)
  const upstream = { statusCode, statusMessage: meaning?.message ?? null, traceId: toTraceId(response, text) }
  const failure = toAnswerFailure(meaning?.code ?? 'UPSTREAM_ERROR', response, options, upstream)
  // It arrived, so it may have been billed: worth one more at the most. What 1002 limits needs a minute.
  return { ...failure, retries: meaning?.transient ? 1 : 0, isRefusal: true }
}

function toEnvelopeFailure(
  envelope: Readonly<Record<string, unknown>>,
  response: WireResponse,
  options: AnswerOptions,
): Failure {
  const text = readText(envelope.message)
  const code = readText(envelope.code)
  // Gateways of this family pass MiniMax's own code on as the envelope's (seen in new-api's source).
  const statusCode = parseStatusCode(envelope.code) ?? 0
  if (statusCode !== 0 && toMeaning(statusCode, text) !== undefined) {
    return toBaseFailure(statusCode, text, response, options)
  }
  const told = toEnvelopeCode(code, response.status)
  const known = told ?? toStatusCode(response.status) ?? 'UPSTREAM_ERROR'
  const isUnsupported = isLacking(response, options)
  const failure = toAnswerFailure(isUnsupported ? 'UPSTREAM_UNSUPPORTED' : known, response, options, {
    traceId: toTraceId(response, text),
  })
  return told === undefined ? failure : { ...failure, isRefusal: true }
}

function toAnswerFailure(
  code: FileErrorCode,
  response: WireResponse,
  { nowMs }: AnswerOptions,
  known: Partial<FileErrorUpstream> = {},
): Failure {
  const hintSeconds = parseRetryAfter(response.header('retry-after'), nowMs())
  const traceId = toTraceId(response)
  const upstream = { httpStatus: response.status, statusCode: null, statusMessage: null, traceId, ...known }
  const retryAfterSeconds = toRetryAfterSeconds(code, hintSeconds)
  const error = new FileError(code, { retryAfterSeconds, upstream })
  const throttled = response.status === 429
  const transient = error.retryable && TRANSIENT_STATUSES.has(response.status)
  return {
    error,
    kind: throttled ? 'throttled' : 'other',
    isRefusal: code === 'UPSTREAM_UNSUPPORTED' || (response.status >= 400 && response.status < 500),
    retries: throttled ? 1 : transient ? 2 : 0,
    waitMs: hintSeconds === undefined ? undefined : hintSeconds * 1000,
  }
}

function toRetryAfterSeconds(code: FileErrorCode, hintSeconds: number | undefined): number | null {
  switch (code) {
    case 'UPSTREAM_RATE_LIMITED':
      return Math.max(1, hintSeconds ?? RATE_LIMIT_SECONDS)
    case 'UPSTREAM_QUOTA_EXCEEDED':
      return Math.max(1, hintSeconds ?? QUOTA_SECONDS)
    case 'UPSTREAM_UNAVAILABLE':
      return hintSeconds ?? null
    default:
      return null
  }
}

/**
 * The id to quote to support, only in the forms that the upstreams use, so that no other text of theirs gets
 * through: MiniMax's 32 hexadecimal digits, CometAPI's 23 digits and 8 letters or digits inside the message.
 */
function toTraceId(response: WireResponse, text = ''): string | null {
  const header = [response.header('trace-id'), response.header('minimax-request-id')].find((id) =>
    /^[0-9a-f]{32}$/i.test(id ?? ''),
  )
  return header ?? /\(request id: (\d{23}[A-Za-z0-9]{8})\)/.exec(text)?.[1] ?? null
}

/** Proxies mislabel JSON. It is accepted, and noted in the log. */
function noteContentType(response: WireResponse, notice: Notice): void {
  const type = response.header('content-type')
  if (type === 'application/json' || type === 'application/json; charset=utf-8') return
  if (!/^application\/([a-z.-]+\+)?json\b/i.test(type ?? '')) notice('answer is not labelled as JSON', {})
}
