// Every way in which a request can end without an answer, and how undici's and Node's errors map to it.
// Each mapping was seen with undici 7.30 on Node 20 unless it says otherwise.

import { errors } from 'undici'

/** The message of each failure. They are fixed: no message contains a URL or upstream text. */
const messages = {
  aborted: 'The caller no longer waits for the answer.',
  timeout: 'No connection, or no complete answer, in time.',
  expired: 'Its time was up before a connection was free for it.',
  dns: 'The host name does not exist.',
  connect: 'No connection could be made.',
  tls: 'No trusted TLS connection could be made.',
  reset: 'The connection broke before the answer was complete.',
  'too-large': 'The answer is larger than allowed.',
  encoded: 'The answer is compressed several times over.',
  malformed: 'The answer is not valid HTTP.',
  overloaded: 'Too many requests wait already.',
  barred: 'The address is none that a link may lead to.',
} as const

export type WireFailure = keyof typeof messages

type Details = {
  readonly sent?: boolean
  readonly answered?: boolean
  readonly idleClose?: boolean
  readonly cause?: unknown
}

/**
 * The one error the wire rejects with. Of `cause` only the code may be logged: its words may hold host names and
 * received bytes.
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly failure: WireFailure
  /** The request was written to a socket, so the upstream may have processed and billed it. */
  readonly sent: boolean
  /** At least one byte of the answer came. */
  readonly answered: boolean
  /**
   * A connection that had served before broke before any byte of this answer: most likely the upstream
   * closed it for idleness as we wrote, and the request itself is not at fault.
   */
  readonly idleClose: boolean

  constructor(
    failure: WireFailure,
    { sent = false, answered = false, idleClose = false, cause }: Details = {},
  ) {
    super(messages[failure], cause === undefined ? undefined : { cause })
    this.failure = failure
    this.sent = sent
    this.answered = answered
    this.idleClose = idleClose
  }
}

/** How far a request had come when it failed. */
export type Progress = {
  sent: boolean
  /** The socket had served an earlier request. */
  reused: boolean
  /** At least one byte of the answer came. */
  answered: boolean
  /** The head of the answer was complete and well-formed. */
  headed: boolean
}

const failures: Readonly<Record<string, WireFailure>> = {
  UND_ERR_ABORTED: 'aborted',
  UND_ERR_DESTROYED: 'aborted',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'connect',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  EHOSTDOWN: 'connect',
  ENETUNREACH: 'connect',
  ENETDOWN: 'connect',
  EADDRNOTAVAIL: 'connect',
  EMFILE: 'connect',
  ENFILE: 'connect',
  EPROTO: 'tls',
  UND_ERR_SOCKET: 'reset',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
}

/** Node's names for a certificate that OpenSSL's verification refused, and for a failed handshake. */
const tlsCode =
  /^ERR_(TLS|SSL)_|CERT|^(UNABLE_TO_|CRL_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/

/** The peer said that it would close, and did so in the middle of the body; undici calls this a parser error. */
function isCutShort(error: unknown, { headed }: Progress): boolean {
  // A length mismatch before the end of the head means several lengths, or a length beside chunked encoding.
  if (error instanceof errors.ResponseContentLengthMismatchError) return headed
  // The parser's error has no `code`, but carries the bytes that it failed at: none at the end of the stream.
  return error instanceof errors.HTTPParserError && 'data' in error && error.data === ''
}

function toWireFailure(error: unknown, progress: Progress): WireFailure {
  if (isCutShort(error, progress)) return 'reset'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // Anything unknown counts as malformed, which is not retried.
  return failures[code] ?? (tlsCode.test(code) ? 'tls' : 'malformed')
}

/** Translates whatever undici reports; a `WireError`, thrown by our own handler, passes through. */
export function toWireError(error: unknown, progress: Progress): WireError {
  if (error instanceof WireError) return error
  const failure = toWireFailure(error, progress)
  const { sent, reused, answered } = progress
  return new WireError(failure, {
    sent,
    answered,
    idleClose: failure === 'reset' && sent && reused && !answered,
    cause: error,
  })
}
