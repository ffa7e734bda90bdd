// How answers are sent. Node leaves the body out where the method is HEAD.

import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Answer, Reply } from './answer.js'

/** Writes the head, its length that of the body, and hands the body over to be written. */
export function sendHead(response: ServerResponse, { status, headers, body }: Answer): Buffer {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.flushHeaders()
  return bytes
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  // A 304 has the length of what it does not send, if any.
  const length = status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { ...headers, ...length })
  response.end(body)
}

export function sendReply(response: ServerResponse, { body, ...rest }: Reply): void {
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    sendAnswer(response, { ...rest, body })
    return
  }
  response.writeHead(rest.status, { ...rest.headers, 'content-length': body.length })
  if (response.req.method === 'HEAD') response.end()
  else pipeline(body.open(), response, () => {}) // who leaves early needs no answer
}

export function toLength({ body }: Reply): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length
}

/** The same with its body in memory. */
export function toAnswer({ body, ...rest }: Reply): Answer {
  return { ...rest, body: typeof body === 'string' || Buffer.isBuffer(body) ? body : body.read() }
}
