// Every way in which asking for files can fail: a closed set of codes, each with its fixed wording. Imports nothing.
// Upstream's own words never enter an error: they may hold keys, signed links or HTML.

/** What each code says to a client, and whether the same look-up may succeed when it is asked again. */
const codes = {
  INVALID_FILE_ID: {
    retryable: false,
    message: 'A file id is a positive decimal int64 without leading zeros.',
  },
  FILE_NOT_FOUND: { retryable: false, message: 'No such file in this account, or it is not ready yet.' },
  PURPOSE_MISMATCH: { retryable: false, message: 'The file is not of the purpose that was asked for.' },
  TOO_MANY_LOOKUPS: {
    retryable: false,
    message: 'The operation asks for more files than one operation may.',
  },
  SPEND_LIMIT_EXCEEDED: { retryable: true, message: "The day's budget for upstream calls is used up." },
  FORBIDDEN: { retryable: false, message: 'Whoever asks may not do this.' },
  INVALID_INPUT: { retryable: false, message: 'The input breaks a rule that its description states.' },
  FILE_TOO_LARGE: { retryable: false, message: 'The file is larger than may be uploaded for its purpose.' },
  UNSUPPORTED_FILE_FORMAT: {
    retryable: false,
    message: "The ending of the file's name is none that its purpose takes.",
  },
  DIGEST_MISMATCH: {
    retryable: false,
    message: 'The bytes are not those that were announced; nothing was kept.',
  },
  UPLOAD_OUTCOME_UNKNOWN: {
    retryable: false,
    message: 'The file was sent, but no answer tells whether it was kept: look before you send it again.',
  },
  UPSTREAM_INVALID_REQUEST: { retryable: false, message: 'The upstream refused the request as invalid.' },
  UPSTREAM_UNAUTHENTICATED: { retryable: false, message: "The upstream refused this server's API key." },
  UPSTREAM_FORBIDDEN: { retryable: false, message: "This server's account may not do this upstream." },
  UPSTREAM_INSUFFICIENT_BALANCE: {
    retryable: false,
    message: "This server's upstream account is out of funds.",
  },
  UPSTREAM_QUOTA_EXCEEDED: { retryable: true, message: "This server's upstream quota is used up for now." },
  UPSTREAM_RATE_LIMITED: { retryable: true, message: 'The upstream limits the rate of requests.' },
  UPSTREAM_CONTENT_REJECTED: { retryable: false, message: "The upstream's content check rejected the file." },
  UPSTREAM_TIMEOUT: { retryable: true, message: 'The upstream did not answer in time.' },
  UPSTREAM_UNAVAILABLE: { retryable: true, message: 'The upstream is not available.' },
  UPSTREAM_BAD_RESPONSE: { retryable: true, message: "The upstream's answer could not be understood." },
  UPSTREAM_UNSUPPORTED: { retryable: false, message: 'The upstream does not have this operation.' },
  UPSTREAM_ERROR: { retryable: false, message: 'The upstream reported an error.' },
  INTERNAL_SERVER_ERROR: { retryable: true, message: 'Something went wrong on our side.' },
} as const satisfies Record<string, { retryable: boolean; message: string }>

export type FileErrorCode = keyof typeof codes

export function isFileErrorCode(value: unknown): value is FileErrorCode {
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
  /** Seconds after which asking again makes sense. */
  readonly retryAfterSeconds?: number | null
  readonly upstream?: FileErrorUpstream | null
  readonly refused?: boolean
  readonly learnt?: boolean
  /** For our logs only; never shown to a client. */
  readonly cause?: unknown
}

/** The one error that asking for files ends in. `message` and `retryable` follow from the code. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: FileErrorCode
  readonly retryable: boolean
  readonly retryAfterSeconds: number | null
  readonly upstream: FileErrorUpstream | null
  /** A limit of ours said no, or a failure is remembered: the upstream was not asked. Never shown to a client. */
  readonly refused: boolean
  /** Another process asked, and told us. Never shown to a client. */
  readonly learnt: boolean

  constructor(
    code: FileErrorCode,
    { retryAfterSeconds = null, upstream = null, refused = false, learnt = false, cause }: Details = {},
  ) {
    super(codes[code].message, cause === undefined ? undefined : { cause })
    this.code = code
    this.retryable = codes[code].retryable
    this.retryAfterSeconds = retryAfterSeconds
    this.upstream = upstream
    this.refused = refused
    this.learnt = learnt
  }
}
