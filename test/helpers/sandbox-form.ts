// Forms for the sandbox, written by hand, so that a test can send what no client would.

import { request } from 'node:http'
import { createConnection } from 'node:net'
import type { Reply, Target } from './sandbox-peer.js'

export const BOUNDARY = 'the-boundary'

type Part = { readonly name: string; readonly filename?: string; readonly bytes: Buffer | string }

export function toForm(parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ name, filename, bytes }) => [
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
    filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`,
    '\r\n\r\n',
    bytes,
    '\r\n',
  ])
  return Buffer.concat([...pieces, `--${BOUNDARY}--\r\n`].map((piece) => Buffer.from(piece)))
}

/** The usual form of one file. */
export function toUpload(
  filename: string,
  bytes: Buffer | string = 'some bytes',
  purpose = 'retrieval',
): Buffer {
  return toForm([
    { name: 'purpose', bytes: purpose },
    { name: 'file', filename, bytes },
  ])
}

export const formHeaders = {
  authorization: 'Bearer any-key',
  'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
} as const

/** Sends a body whole, under its length or, with `chunked`, without one. `headers` go over the usual ones. */
export function post(
  { url }: Target,
  path: string,
  body: Buffer | string,
  { headers = {}, chunked = false }: { headers?: Record<string, string>; chunked?: boolean } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const outgoing = request(
      `${url}/v1/${path}`,
      { method: 'POST', agent: false, headers: { ...formHeaders, ...headers, ...length } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes: Buffer.concat(chunks),
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.write(body)
    outgoing.end()
  })
}

/** An upload that has begun: the head of its request, and what is written of its body by hand. */
export function beginUpload({ url }: Target, contentLength: number) {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port) })
  const head = Object.entries({ host: 'sandbox', ...formHeaders, 'content-length': contentLength })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(
    `POST /v1/files/upload HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  return { socket, text: () => text }
}
