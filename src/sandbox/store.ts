// The object store behind the links: real bytes, ranges, and OSS's XML where a link is no good (documented by
// Alibaba). No key is needed, and one that is sent all the same is not looked at.

import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { contents } from './content.js'
import type { LinkFault, Signer } from './link.js'
import type { SandboxFile } from './seed.js'

export const OBJECTS = '/objects/'

export type Store = {
  /** The path behind every link of the file. */
  pathOf(file: SandboxFile): string
  serve(request: IncomingMessage, response: ServerResponse): void
}

/** OSS links have one encoded segment; those of the CDN keep their slashes. Both were seen. */
function toPath({ id, purpose, createdAt, filename, link }: SandboxFile): string {
  const segments = ['inference_output', purpose, createdAt.slice(0, 10), id, filename]
  return OBJECTS + segments.map(encodeURIComponent).join(link === 'unsigned' ? '/' : '%2F')
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>${code}</Code>\n  <Message>${message}</Message>\n</Error>\n`
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) })
  response.end(xml)
}

const linkErrors: Readonly<Record<LinkFault, readonly [code: string, message: string]>> = {
  expired: ['AccessDenied', 'Request has expired.'],
  missing: ['AccessDenied', 'You have no right to access this object.'],
  forged: [
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided.',
  ],
}

type Range = { readonly start: number; readonly end: number }

/** Both ends included. What is not a single range of bytes is ignored, as RFC 9110 asks. */
function parseRange(header: string | undefined, size: number): Range | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last))
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  return start > end ? 'unsatisfiable' : { start, end }
}

function sendObject(request: IncomingMessage, response: ServerResponse, file: SandboxFile): void {
  const { type, bytes } = contents[file.content]
  const headers = {
    'content-type': type,
    'content-disposition': 'attachment',
    'accept-ranges': 'bytes',
    etag: `"${createHash('md5').update(bytes).digest('hex').toUpperCase()}"`,
    'last-modified': new Date(file.createdAt).toUTCString(),
    'x-oss-force-download': 'true',
  }
  const range = parseRange(request.headers.range, bytes.length)
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}`, 'content-length': 0 })
    response.end()
    return
  }
  const part = range ? bytes.subarray(range.start, range.end + 1) : bytes
  const contentRange = range && { 'content-range': `bytes ${range.start}-${range.end}/${bytes.length}` }
  response.writeHead(range ? 206 : 200, { ...headers, ...contentRange, 'content-length': part.length })
  response.end(part) // Node leaves the body out where the method is HEAD
}

export function createStore(files: readonly SandboxFile[], signer: Signer): Store {
  const byPath = new Map(files.filter(({ link }) => link !== 'none').map((file) => [toPath(file), file]))
  return {
    pathOf: toPath,
    serve(request, response) {
      const target = request.url ?? ''
      const file = byPath.get(target.split('?', 1)[0] ?? '')
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return sendError(response, 405, 'MethodNotAllowed', 'The specified method is not allowed.')
      }
      if (!file) return sendError(response, 404, 'NoSuchKey', 'The specified key does not exist.')
      const fault = file.link === 'unsigned' ? undefined : signer.check(target)
      if (fault) return sendError(response, 403, ...linkErrors[fault])
      sendObject(request, response, file)
    },
  }
}
