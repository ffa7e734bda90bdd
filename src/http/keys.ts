// Fetches the issuer's keys: bounded in time and size, not too often, and with the last good keys as a fallback while the issuer
// is down.
import { createLocalJWKSet } from 'jose'

export type KeyDependencies = {
  /** The platform's `fetch`, or one through a proxy. */
  readonly fetch: (url: string, init: FetchOptions & { readonly redirect: 'error' }) => Promise<Response>
  readonly monotonicMs: () => number
  readonly notice: (notice: string, detail: Readonly<Record<string, string>>) => void
}

type FetchOptions = { readonly headers: Headers; readonly signal: AbortSignal }

/** The keys could not be fetched, so a token can be neither accepted nor refused. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

const MAX_BYTES = 256 * 1024
/** After a failure, no new fetch for so long. */
const PAUSE_MS = 5000
/** How long the last good keys are used while the issuer does not answer. */
const MAX_STALE_MS = 3_600_000

export type KeyFetch = {
  /** A `fetch` of a JWKS. It answers with status 200 and a key set, or rejects with `KeysUnavailable`. */
  readonly fetchKeys: (url: string, options: FetchOptions) => Promise<Response>
  /** Whether the last fetch succeeded. */
  isWell(): boolean
}

export function createKeyFetch({ fetch, monotonicMs, notice }: KeyDependencies): KeyFetch {
  let last = { text: '', atMs: Number.NEGATIVE_INFINITY }
  let failedAtMs = Number.NEGATIVE_INFINITY

  function fallBack(): Response {
    if (monotonicMs() - last.atMs > MAX_STALE_MS) throw new KeysUnavailable()
    return new Response(last.text)
  }

  const fetchKeys: KeyFetch['fetchKeys'] = async (url, { headers, signal }) => {
    if (monotonicMs() - failedAtMs < PAUSE_MS) return fallBack()
    try {
      const response = await fetch(url, { headers, signal, redirect: 'error' })
      last = { text: await readKeySet(response), atMs: monotonicMs() }
      return new Response(last.text)
    } catch (error) {
      failedAtMs = monotonicMs()
      notice('the keys at JWT_JWKS_URL cannot be fetched', { reason: toFetchFault(error) })
      return fallBack()
    }
  }
  return { fetchKeys, isWell: () => failedAtMs <= last.atMs }
}

async function readKeySet(response: Response): Promise<string> {
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new KeysUnavailable(`HTTP ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new KeysUnavailable(`more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks)) // without a byte order mark
  if (!isKeySet(text)) throw new KeysUnavailable('not a JSON Web Key Set')
  return text
}

/** Checked by the library itself, so that keys which it would refuse do not replace good ones. */
function isKeySet(text: string): boolean {
  try {
    createLocalJWKSet(JSON.parse(text))
    return true
  } catch {
    return false
  }
}

/** Fixed words or an error's name, since its message may contain the URL. */
function toFetchFault(error: unknown): string {
  if (error instanceof KeysUnavailable) return error.message
  return error instanceof Error ? error.name : 'unknown'
}
