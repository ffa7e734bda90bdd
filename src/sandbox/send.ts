// Sends answers. For HEAD, Node leaves the body out.

import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import type { Answer, Reply } from './answer.js'

/** Sends the head with the length of the body, and returns the body for the caller to send. */
export function sendHead(response: ServerResponse, { status, headers, body }: Answer): Buffer {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.flushHeaders()
  return bytes
}

export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  // A Content-Length of 0 would be wrong for a 304: it would describe the body that is not sent.
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
  else pipeline(body.open(), response, () => {}) // a client that disconnects is not an error
}

export function measureReply({ body }: Reply): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length
}

/** The same answer with its body in memory. */
export function readReply({ body, ...rest }: Reply): Answer {
  return { ...rest, body: typeof body === 'string' || Buffer.isBuffer(body) ? body : body.read() }
}
