// Answers on a bare socket, where Node has no request object: to bytes that are not HTTP, and to CONNECT.
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ToRefusal } from './refusal.js'

/** The status for an error of Node's parser; 400 for any other. */
const statuses: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
}

/** Answers, if the socket is still writable, and closes it. */
export function answerUnreadable(error: { code?: string }, socket: Socket, toRefusal: ToRefusal): void {
  if (error.code === 'ECONNRESET') socket.destroySoon()
  else refuseSocket(statuses[error.code ?? ''] ?? 400, socket, toRefusal)
}

/** CONNECT is for proxies, which this server is not. */
export function answerConnect(socket: Socket, toRefusal: ToRefusal): void {
  socket.on('error', () => {}) // Node has stopped listening for them
  refuseSocket(405, socket, toRefusal)
}

function refuseSocket(status: number, socket: Socket, toRefusal: ToRefusal): void {
  if (socket.writable) socket.write(toAnswer(status, toRefusal))
  socket.destroySoon()
}

function toAnswer(status: number, toRefusal: ToRefusal): string {
  const id = randomUUID()
  const body = JSON.stringify(toRefusal(status, id))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    `x-request-id: ${id}`,
    ...(status === 405 ? ['allow: GET, POST'] : []),
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
