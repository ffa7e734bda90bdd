// Collects one HTTP answer in memory, under a cap that is counted, never believed.

import { WireError } from './fault.js'

/** A complete HTTP answer of any status. */
export type WireResponse = {
  readonly status: number
  /** Lower-cased names; of a repeated header, the first value. */
  readonly headers: Readonly<Record<string, string>>
  /** UTF-8 without a byte order mark; invalid bytes are replaced. */
  readonly body: string
}

type RawHeaders = Record<string, string | string[] | undefined>

function toHeaders(raw: RawHeaders): Record<string, string> {
  const first = Object.entries(raw).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
  // Not an assignment per name: a header named __proto__ would set the prototype.
  return Object.fromEntries(first)
}

/** `head`, then `add` for each chunk, then `read`. The first two throw a `WireError` for what is refused. */
export function createAnswer(maxBytes: number) {
  const chunks: Buffer[] = []
  let status = 0
  let headers: Record<string, string> = {}
  let bytes = 0

  const refuseOver = (size: number) => {
    if (size > maxBytes) throw new WireError('too-large', { sent: true })
  }

  return {
    head(code: number, raw: RawHeaders) {
      status = code
      headers = toHeaders(raw)
      // 65 KB can inflate to 64 MiB, so nothing compressed is ever inflated.
      const coding = headers['content-encoding']?.trim().toLowerCase()
      if (coding && coding !== 'identity') throw new WireError('encoded', { sent: true })
      refuseOver(Number(headers['content-length'] ?? 0))
    },
    add(chunk: Buffer) {
      bytes += chunk.length
      refuseOver(bytes)
      chunks.push(chunk)
    },
    read(): WireResponse {
      return { status, headers, body: new TextDecoder().decode(Buffer.concat(chunks)) }
    },
  }
}
