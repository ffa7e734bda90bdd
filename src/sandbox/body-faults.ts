// Faults of content: answers that arrive whole, but with the wrong content. Faults that edit a file leave an answer without
// a file unchanged.

import {
  createBaseAnswer,
  createEnvelopeAnswer,
  createHtmlAnswer,
  createXmlAnswer,
  type FileFields,
  renderBody,
  renderFields,
} from './answer.js'
import { findBaseFailure, htmlStatuses } from './codes.js'
import type { Exchange } from './exchange.js'
import { sendAnswer } from './send.js'

/** The same answer with another body. */
function sendBody({ response, answer }: Exchange, body: string | Buffer): void {
  sendAnswer(response, { ...answer, body })
}

/** The same answer with another file. */
function editFile(exchange: Exchange, edit: (fields: FileFields) => FileFields): void {
  const { fields, body } = exchange.answer
  sendBody(exchange, fields ? renderBody(renderFields(edit(fields))) : body)
}

function sendBase({ response, stamp }: Exchange, code: number, message?: string, zeros?: boolean): void {
  sendAnswer(response, createBaseAnswer(stamp, code, message, zeros ? 'zeros' : findBaseFailure(code)?.file))
}

/** The encodings of the fault `encoding`. */
const encodings = {
  bom: (exchange: Exchange) => sendBody(exchange, `\ufeff${exchange.answer.body}`),
  utf16: (exchange: Exchange) => sendBody(exchange, Buffer.from(`\ufeff${exchange.answer.body}`, 'utf16le')),
  // UTF-8 never contains the byte 0xff. Written as latin1, each character becomes one byte.
  'invalid-utf8': (exchange: Exchange) => {
    const body = exchange.answer.body.toString().replace('"filename":"', '"filename":"\xff\xfe')
    sendBody(exchange, Buffer.from(body, 'latin1'))
  },
  'lone-surrogate': (exchange: Exchange) => {
    editFile(exchange, (fields) => ({ ...fields, filename: '"\\ud800.mp4"' }))
  },
}

export const bodyFaults = {
  /** A status with CometAPI's envelope, or with an HTML page where a proxy would answer. */
  status(
    { response, stamp }: Exchange,
    args: { status: number; retryAfter?: string; html?: boolean; code?: string },
  ) {
    const { status, html = htmlStatuses.has(status), retryAfter, code } = args
    const failure = code === undefined ? {} : { code }
    const answer = html ? createHtmlAnswer(status) : createEnvelopeAnswer(stamp, status, failure)
    const headers = { ...answer.headers, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) }
    sendAnswer(response, { ...answer, headers })
  },

  /** The answer of OSS to an expired link, whatever was asked for. */
  denied({ response }: Exchange) {
    sendAnswer(response, createXmlAnswer(403, 'AccessDenied', 'Request has expired.'))
  },

  /** CometAPI's envelope under any status, 200 included. */
  envelope({ response, stamp }: Exchange, args: { status: number; code?: string; message?: string }) {
    const { status, ...failure } = args
    sendAnswer(response, createEnvelopeAnswer(stamp, status, failure))
  },

  /** A `base_resp` failure; `zeros` puts a file of zero values beside it. */
  base(exchange: Exchange, { code, message, zeros }: { code: number; message?: string; zeros?: boolean }) {
    sendBase(exchange, code, message, zeros)
  },

  /** Fails `failures` times, then succeeds once, over and over. */
  flap(exchange: Exchange, { code = 1000, failures = 1 }: { code?: number; failures?: number }) {
    if (exchange.turn % (failures + 1) < failures) sendBase(exchange, code)
    else sendAnswer(exchange.response, exchange.answer)
  },

  'no-base'(exchange: Exchange) {
    const { fields, body } = exchange.answer
    sendBody(exchange, fields ? `{"file":${renderFields(fields)}}` : body)
  },

  /** Success, but `file` is missing or null. */
  'no-file'(exchange: Exchange, { value }: { value?: null }) {
    sendBody(exchange, renderBody(value === null ? 'null' : undefined))
  },

  /** Replaces or adds a field of `file` by raw JSON; without `raw` it removes the field. */
  field(exchange: Exchange, { field, raw }: { field: string; raw?: string }) {
    editFile(exchange, (fields) => {
      const { [field]: _, ...others } = fields
      return raw === undefined ? others : { ...fields, [field]: raw }
    })
  },

  /** A file other than the one asked for. */
  'swap-id'(exchange: Exchange) {
    editFile(exchange, (fields) => ({ ...fields, file_id: String(BigInt(fields.file_id ?? 0) ^ 1n) }))
  },

  /** Cut in half, with a Content-Length that matches the half. */
  'truncate-json'(exchange: Exchange) {
    const body = Buffer.from(exchange.answer.body)
    sendBody(exchange, body.subarray(0, body.length >> 1))
  },

  'bad-json'(exchange: Exchange, { text }: { text: string }) {
    sendBody(exchange, text)
  },

  /** 10,000 unknown fields. */
  extra(exchange: Exchange) {
    const extra = Array.from({ length: 10_000 }, (_, i) => [`unknown_${i}`, String(i)] as const)
    editFile(exchange, (fields) => ({ ...fields, ...Object.fromEntries(extra) }))
  },

  /** Keys that pollute a prototype if they are merged carelessly. */
  proto(exchange: Exchange) {
    const poison = '"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'
    const body = exchange.answer.body.toString()
    sendBody(exchange, body.replace('{', `{${poison},`).replace('"file":{', `"file":{${poison},`))
  },

  /** 100,000 nested arrays. */
  deep(exchange: Exchange) {
    const depth = 100_000
    editFile(exchange, (fields) => ({ ...fields, nested: '['.repeat(depth) + ']'.repeat(depth) }))
  },

  encoding(exchange: Exchange, { as }: { as: keyof typeof encodings }) {
    encodings[as](exchange)
  },
}
