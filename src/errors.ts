// Every way in which a request for files can fail: a closed set of codes, each with its fixed message. Part of the domain.
// Upstream text never enters an error: it may contain keys, signed links or HTML.
import { fail, orNull, toCount, toMembers, toText } from './narrow.js'
import { type Rule, rules } from './rules.js'

/** The message of each code, and whether the same request may succeed later. */
const codes = {
  INVALID_FILE_ID: {
    retryable: false,
    message: 'A file id must be a positive decimal 64-bit integer without leading zeros.',
  },
  FILE_NOT_FOUND: {
    retryable: false,
    message: 'The account has no such file, or the file is not ready yet.',
  },
  PURPOSE_MISMATCH: { retryable: false, message: 'The file has another purpose than the one asked for.' },
  TOO_MANY_LOOKUPS: {
    retryable: false,
    message: 'The operation asks for too many files and tasks.',
  },
  SPEND_LIMIT_EXCEEDED: { retryable: true, message: "The day's budget for upstream calls is used up." },
  FORBIDDEN: {
    retryable: false,
    message: 'You may not write: it needs a token that may, and a server with WRITES=on.',
  },
  INVALID_INPUT: { retryable: false, message: 'The input breaks a documented rule.' },
  INVALID_TASK_ID: {
    retryable: false,
    message: 'A task id must be a positive decimal 64-bit integer without leading zeros.',
  },
  TASK_NOT_FOUND: { retryable: false, message: 'The account has no such task.' },
  TASK_OUTCOME_UNKNOWN: {
    retryable: false,
    message:
      'The task may have been created and billed: no answer says so. Look at the account before you create it again.',
  },
  FILE_TOO_LARGE: { retryable: false, message: 'The file is larger than its purpose or this server allows.' },
  UNSUPPORTED_FILE_FORMAT: {
    retryable: false,
    message: 'The purpose does not accept files with this extension.',
  },
  DIGEST_MISMATCH: {
    retryable: false,
    message: 'The bytes received are not those that were announced; nothing was kept.',
  },
  UPLOAD_OUTCOME_UNKNOWN: {
    retryable: false,
    message:
      'The file was sent, but no answer tells whether it was kept: look for it before you send it again.',
  },
  UPSTREAM_INVALID_REQUEST: { retryable: false, message: 'The upstream refused the request as invalid.' },
  UPSTREAM_UNAUTHENTICATED: { retryable: false, message: "The upstream refused this server's API key." },
  UPSTREAM_FORBIDDEN: {
    retryable: false,
    message: "This server's upstream account is not allowed to do this.",
  },
  UPSTREAM_INSUFFICIENT_BALANCE: {
    retryable: false,
    message: "This server's upstream account is out of funds.",
  },
  UPSTREAM_QUOTA_EXCEEDED: {
    retryable: true,
    message: "A quota of this server's upstream account is used up.",
  },
  UPSTREAM_RATE_LIMITED: { retryable: true, message: 'The upstream limits the rate of requests.' },
  UPSTREAM_CONTENT_REJECTED: { retryable: false, message: "The upstream's content check rejected it." },
  UPSTREAM_TIMEOUT: { retryable: true, message: 'The upstream did not answer in time.' },
  UPSTREAM_UNAVAILABLE: { retryable: true, message: 'The upstream is not available.' },
  UPSTREAM_BAD_RESPONSE: { retryable: true, message: "The upstream's answer could not be understood." },
  UPSTREAM_UNSUPPORTED: { retryable: false, message: 'The upstream does not offer this operation.' },
  UPSTREAM_ERROR: { retryable: false, message: 'The upstream reported an error.' },
  INTERNAL_SERVER_ERROR: { retryable: true, message: 'Something went wrong on our side.' },
} as const satisfies Record<string, { retryable: boolean; message: string }>

export type FileErrorCode = keyof typeof codes

export const FILE_ERROR_CODES = Object.keys(codes) as readonly FileErrorCode[]

function isFileErrorCode(value: unknown): value is FileErrorCode {
  return typeof value === 'string' && Object.hasOwn(codes, value)
}

/** What the upstream said, reduced to what is safe to show: numbers, our own wording, a checked trace id. */
export type FileErrorUpstream = {
  readonly httpStatus: number | null
  /** `base_resp.status_code`. */
  readonly statusCode: number | null
  /** Our fixed wording for a known `statusCode`, never the upstream's text. */
  readonly statusMessage: string | null
  /** The id to quote to the upstream's support. */
  readonly traceId: string | null
}

type Details = {
  /** The rule that was broken. It gives the message. */
  readonly rule?: Rule
  /** Seconds to wait before a retry. */
  readonly retryAfterSeconds?: number | null
  readonly upstream?: FileErrorUpstream | null
  readonly refused?: boolean
  readonly learnt?: boolean
  /** For our logs only; never shown to a client. */
  readonly cause?: unknown
}

/**
 * The only error that a request for files rejects with. `retryable` follows from the code, and so does `message`, unless a
 * broken rule gives it.
 */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: FileErrorCode
  readonly retryable: boolean
  readonly retryAfterSeconds: number | null
  readonly upstream: FileErrorUpstream | null
  /** The upstream was not asked, because of a limit of ours or a remembered failure. Never shown to a client. */
  readonly refused: boolean
  /** Another process asked the upstream and told us the outcome. Never shown to a client. */
  readonly learnt: boolean

  constructor(
    code: FileErrorCode,
    { rule, retryAfterSeconds = null, upstream = null, refused = false, learnt = false, cause }: Details = {},
  ) {
    super(rule ? rules[rule] : codes[code].message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retryable = codes[code].retryable
    this.retryAfterSeconds = retryAfterSeconds
    this.upstream = upstream
    this.refused = refused
    this.learnt = learnt
  }
}

/** The code of a failure for logs. Whatever is not a `FileError` is a fault of ours. */
export function toCode(error: unknown): FileErrorCode {
  return error instanceof FileError ? error.code : 'INTERNAL_SERVER_ERROR'
}

/** A failure as it is written down for other processes: what its code does not say by itself. */
export function encodeFailure({ code, retryAfterSeconds, upstream }: FileError) {
  return { code, retryAfterSeconds, upstream }
}

/** The failure that another process wrote down. Throws for what is none. */
export function decodeFailure(value: unknown): FileError {
  const { code, retryAfterSeconds, upstream } = toMembers(value)
  if (!isFileErrorCode(code)) return fail()
  return new FileError(code, {
    retryAfterSeconds: orNull(retryAfterSeconds, toCount),
    upstream: orNull(upstream, toUpstream),
    learnt: true,
  })
}

function toUpstream(value: unknown): FileErrorUpstream {
  const { httpStatus, statusCode, statusMessage, traceId } = toMembers(value)
  if (statusCode !== null && !Number.isSafeInteger(statusCode)) return fail()
  return {
    httpStatus: orNull(httpStatus, toCount),
    statusCode: statusCode as number | null,
    statusMessage: orNull(statusMessage, toText),
    traceId: orNull(traceId, toText),
  }
}
