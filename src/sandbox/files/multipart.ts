// A streaming parser for multipart/form-data (RFC 7578), independent of how the body is split into chunks. It is strict:
// nothing before the first boundary, short heads, and a closing boundary. It buffers no more than a head or a boundary.

export type MultipartEvent =
  | { readonly kind: 'head'; readonly name: string; readonly filename: string | undefined }
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'end' }

/** An error in the body. The texts are those of Go, in which the upstream seems to be written. */
export class MultipartFault extends Error {}

const MAX_HEAD_BYTES = 8_192
const MAX_PARTS = 16

export function parseBoundary(contentType: string | undefined): string | undefined {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
      contentType ?? '',
    ) ?? []
  return quoted ?? plain
}

const DISPOSITION = /^content-disposition:\s*form-data\s*(;.*)$/im
const PARAMETER = /;\s*(name|filename)="((?:[^"\\]|\\.)*)"/gi

/** Names are raw UTF-8. Of a path only the last part is used, as in Go. */
function parseHead(text: string): MultipartEvent {
  const parameters: Record<string, string> = {}
  for (const [, name = '', value = ''] of (DISPOSITION.exec(text)?.[1] ?? '').matchAll(PARAMETER)) {
    parameters[name.toLowerCase()] = value.replace(/\\(["\\])/g, '$1')
  }
  const { name, filename } = parameters
  if (name === undefined) throw new MultipartFault('malformed MIME header line')
  return { kind: 'head', name, filename: filename?.slice(filename.lastIndexOf('/') + 1) }
}

/** `push` yields what the bytes complete. `end` throws if the closing boundary is missing. */
export function createMultipartParser(boundary: string) {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  // The first boundary has no line end before it. With one added it is like all others.
  let rest: Buffer = Buffer.from('\r\n')
  let state: 'boundary' | 'head' | 'data' | 'end' = 'boundary'
  let parts = 0

  /** Whether the bytes contained a whole boundary. */
  function readBoundary(): boolean {
    const known = Math.min(rest.length, delimiter.length)
    const tail = rest.toString('latin1', delimiter.length, delimiter.length + 2)
    const isBoundary = rest.subarray(0, known).equals(delimiter.subarray(0, known))
    if (!isBoundary || !(tail.length < 2 || tail === '\r\n' || tail === '--')) {
      throw new MultipartFault('multipart: expecting a new Part')
    }
    if (tail.length < 2) return false
    state = tail === '--' ? 'end' : 'head'
    if (state === 'head' && ++parts > MAX_PARTS) throw new MultipartFault('multipart: too many parts')
    rest = rest.subarray(delimiter.length + 2)
    return true
  }

  function* readHead(): Generator<MultipartEvent, boolean> {
    const end = rest.indexOf('\r\n\r\n')
    if ((end < 0 ? rest.length : end) > MAX_HEAD_BYTES)
      throw new MultipartFault('multipart: message too large')
    if (end < 0) return false
    yield parseHead(rest.toString('utf8', 0, end))
    rest = rest.subarray(end + 4)
    state = 'data'
    return true
  }

  /** All bytes except a possible beginning of a boundary. */
  function* readData(): Generator<MultipartEvent, boolean> {
    const end = rest.indexOf(delimiter)
    const bytes = rest.subarray(0, end < 0 ? Math.max(0, rest.length - delimiter.length + 1) : end)
    if (bytes.length > 0) yield { kind: 'data', bytes }
    rest = rest.subarray(bytes.length)
    if (end < 0) return false
    yield { kind: 'end' }
    state = 'boundary'
    return true
  }

  return {
    *push(chunk: Buffer): Generator<MultipartEvent, void> {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      for (let goesOn = true; goesOn; ) {
        if (state === 'boundary') goesOn = readBoundary()
        else if (state === 'head') goesOn = yield* readHead()
        else if (state === 'data') goesOn = yield* readData()
        else goesOn = false
      }
      if (state === 'end') rest = Buffer.alloc(0) // anything after the closing boundary is ignored
    },
    end(): void {
      if (state !== 'end') throw new MultipartFault('multipart: NextPart: EOF')
    },
  }
}
