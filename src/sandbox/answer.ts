// The type of an answer, and one function for each kind of answer. Which one to send is decided elsewhere.

import { STATUS_CODES } from 'node:http'
import type { DiskPart } from './body.js'
import { findBaseFailure, findStatusFailure } from './codes.js'

/** Each field of `file` as raw JSON text, in order: ids stay exact, and a fault can replace any of them. */
export type FileFields = Readonly<Record<string, string>>

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Only if the answer contains a file. */
  readonly fields?: FileFields
}

/** An answer whose body may be on disk. */
export type Reply = Omit<Answer, 'body'> & { readonly body: string | Buffer | DiskPart }

/** When a request arrived, and its number since the start. The ids in its answer are made from both. */
export type Stamp = { readonly timeMs: number; readonly count: number }

/** 32 hex digits that begin with the time, like the upstream's trace ids. */
function toTraceId({ timeMs, count }: Stamp): string {
  const seconds = Math.floor(timeMs / 1_000)
  return seconds.toString(16).padStart(8, '0').slice(-8) + count.toString(16).padStart(24, '0')
}

/** YYYYMMDDhhmmss, nine digits, eight letters or digits: the form of CometAPI's ids. */
function toRequestId({ timeMs, count }: Stamp): string {
  const time = new Date(timeMs).toISOString().replace(/[^0-9]/g, '')
  const fraction = time.slice(14) + String(count % 1e6).padStart(6, '0')
  return time.slice(0, 14) + fraction + count.toString(36).padStart(8, '0')
}

/** The `base_resp` of a success. */
export const SUCCESS = '{"status_code":0,"status_msg":"success"}'

const ZERO_FILE =
  '{"file_id":0,"bytes":0,"created_at":0,"filename":"","purpose":"","download_url":"","backup_download_url":""}'

export function renderFields(fields: FileFields): string {
  const members: string[] = []
  for (const name in fields) members.push(`${JSON.stringify(name)}:${fields[name]}`)
  return `{${members.join(',')}}`
}

/** The whole JSON body, made of raw JSON texts. Without `file` the field is left out. */
export function renderBody(file: string | undefined, baseResp = SUCCESS): string {
  return file === undefined ? `{"base_resp":${baseResp}}` : `{"file":${file},"base_resp":${baseResp}}`
}

/** `body` is raw JSON text, so that ids of any size stay exact. */
export function createJsonAnswer(stamp: Stamp, body: string, status = 200): Answer {
  const traceId = toTraceId(stamp)
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'Trace-Id': traceId,
      'minimax-request-id': traceId,
    },
    body,
  }
}

export function createFileAnswer(stamp: Stamp, fields: FileFields): Answer {
  return { ...createJsonAnswer(stamp, renderBody(renderFields(fields))), fields }
}

/** The `base_resp` of a failure. */
export function renderFailure(
  code: number,
  message = findBaseFailure(code)?.message ?? 'unknown error',
): string {
  return `{"status_code":${code},"status_msg":${JSON.stringify(message)}}`
}

/** A failure of MiniMax: HTTP 200, with the failure in `base_resp`. */
export function createBaseAnswer(
  stamp: Stamp,
  code: number,
  message?: string,
  file: 'null' | 'zeros' | undefined = undefined,
): Answer {
  return createJsonAnswer(
    stamp,
    renderBody(file === 'zeros' ? ZERO_FILE : file, renderFailure(code, message)),
  )
}

/** A failure of CometAPI. Message and code default to those that are usual for the status. */
export function createEnvelopeAnswer(
  stamp: Stamp,
  status: number,
  failure: { readonly message?: string; readonly code?: string } = {},
): Answer {
  const usual = findStatusFailure(status)
  const { message = usual.message, code = usual.code } = failure
  const error = { message: `${message} (request id: ${toRequestId(stamp)})`, type: 'comet_api_error', code }
  // An error of the gateway itself has no trace id: the request never reached MiniMax.
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error }),
  }
}

/** The answer to a parameter that breaks a rule. */
export function createInvalidAnswer(stamp: Stamp, problem: string): Answer {
  return createBaseAnswer(stamp, 2013, `invalid params, ${problem}`)
}

/** How the upstream's router answers an unknown path or method (seen on the wire). */
export const unknownPath: Answer = {
  status: 404,
  headers: { 'content-type': 'text/plain' },
  body: '404 page not found',
}

/** An error page like that of a proxy. */
export function createHtmlAnswer(status: number): Answer {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  }
}

/** How Alibaba OSS refuses a download (documented by Alibaba). */
export function createXmlAnswer(status: number, code: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>${code}</Code>\n  <Message>${message}</Message>\n</Error>\n`,
  }
}
