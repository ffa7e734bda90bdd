// Collects one HTTP answer in memory. Its size is limited by counting the bytes that arrive and those that are inflated;
// Content-Length is not trusted.
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { WireError } from './fault.js'

/** A complete HTTP answer of any status. */
export type WireResponse = {
  readonly status: number
  /** The first value of a header, whose name is given in lower case. */
  header(name: string): string | undefined
  /** UTF-8 without a byte order mark; invalid bytes are replaced. */
  readonly body: string
}

export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

type Inflate = (data: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>

const codings: Readonly<Record<string, readonly Inflate[]>> = {
  gzip: [promisify(gunzip)],
  'x-gzip': [promisify(gunzip)],
  br: [promisify(brotliDecompress)],
  // The standard says with a header; some servers leave it out.
  deflate: [promisify(inflate), promisify(inflateRaw)],
}

/** Honest servers compress once. Each further layer would multiply the work. */
const MAX_CODINGS = 2

/** `head`, then `add` for each chunk, then `read`. All throw a `WireError` for what is too large. */
export class Answer {
  #status = 0
  #headers: RawHeaders = {}
  #chunks: Buffer[] = []
  #bytes = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  head(status: number, headers: RawHeaders): void {
    this.#status = status
    this.#headers = headers
    this.#refuseOver(Number(toHeader(headers, 'content-length') ?? 0))
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#refuseOver(this.#bytes)
    this.#chunks.push(chunk)
  }

  /** At once, unless it must be inflated first. */
  read(): WireResponse | Promise<WireResponse> {
    const [first] = this.#chunks
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    const coding = toHeader(this.#headers, 'content-encoding')
    return coding === undefined ? this.#toResponse(bytes) : this.#inflate(bytes, toCodings(coding))
  }

  #toResponse(bytes: Buffer): WireResponse {
    const headers = this.#headers
    const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
    return {
      status: this.#status,
      header: (name) => toHeader(headers, name),
      body: bytes.toString('utf8', start),
    }
  }

  /** From the coding that was put on last to the first. What is not in that coding is taken as it is. */
  async #inflate(bytes: Buffer, names: readonly string[]): Promise<WireResponse> {
    if (names.length > MAX_CODINGS) throw new WireError('encoded', { sent: true })
    let inflated = bytes
    for (const name of [...names].reverse()) inflated = await this.#undo(name, inflated)
    return this.#toResponse(inflated)
  }

  async #undo(name: string, bytes: Buffer): Promise<Buffer> {
    for (const open of codings[name] ?? []) {
      try {
        return await open(bytes, { maxOutputLength: this.#maxBytes })
      } catch (error) {
        if (isTooLarge(error)) throw new WireError('too-large', { sent: true })
      }
    }
    return bytes
  }

  #refuseOver(bytes: number): void {
    if (bytes > this.#maxBytes) throw new WireError('too-large', { sent: true })
  }
}

/** Some servers put charsets and other words here. Whatever is not a coding leaves the bytes as they are. */
function toCodings(text: string): string[] {
  const names = text.toLowerCase().split(',', 16)
  return names.map((name) => name.trim()).filter((name) => Object.hasOwn(codings, name))
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}

function toHeader(headers: RawHeaders, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'object' ? value[0] : value
}
