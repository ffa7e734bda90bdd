// Download links: which may be handed out, and when they expire. A link is never changed, since normalising a signed URL breaks
// its signature. Parsing here only reads.
import { isSignature, readEnd } from './signature.js'

/** Longest link that is passed on; real ones have about 400 characters. */
const MAX_LINK_LENGTH = 8192

/** White space and control characters, which the URL parser drops silently but clients do not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
const UNSAFE = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/

/**
 * What nearly every link looks like: a host by name, and printable ASCII without a backslash. The URL parser takes all
 * of these. It must see for itself a name that may be an address (its last part begins with a digit) or Punycode.
 */
const PLAIN = /^https:\/\/(?:(?!xn--)[a-z\d-]+\.)+(?!xn--)[a-z][a-z\d-]*(?:[/?#][!-[\]-~]*)?$/i

/**
 * The link itself, byte for byte, or `null` if it is not one that a client should follow: only `https:`, and
 * `http:` where the upstream itself is on loopback.
 */
export function parseLink(value: unknown, { allowHttp }: { readonly allowHttp: boolean }): string | null {
  if (typeof value !== 'string' || value.length > MAX_LINK_LENGTH) return null
  return PLAIN.test(value) || isFit(value, allowHttp) ? value : null
}

function isFit(link: string, allowHttp: boolean): boolean {
  // The parser would also accept `https:` without slashes, or with backslashes.
  if (!/^https?:\/\/[^\\]+$/i.test(link) || UNSAFE.test(link) || !link.isWellFormed()) return false
  const url = toUrl(link)
  if (url === undefined || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || allowHttp
}

/** Avoids `URL.canParse`, which in Node 20, once optimised, refuses every host with an umlaut. */
function toUrl(link: string): URL | undefined {
  try {
    return new URL(link)
  } catch {
    return undefined
  }
}

/** `http:` links are allowed only if the upstream itself is on this machine. */
export function allowsHttp({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * When a signed link expires, in Unix ms, or `null` if it does not show it. Of several times, the earliest counts. The query is
 * split by hand for speed, since this runs for each look-up.
 */
export function parseLinkExpiry(link: string): number | null {
  const hash = link.indexOf('#')
  const end = hash < 0 ? link.length : hash
  const start = link.indexOf('?')
  if (start < 0 || start > end) return null
  const parameters: [name: string, value: string][] = []
  for (const pair of link.slice(start + 1, end).split('&')) {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals)).toLowerCase()
    if (isSignature(name)) parameters.push([name, equals < 0 ? '' : decode(pair.slice(equals + 1))])
  }
  return parameters.length === 0 ? null : readEnd(parameters)
}

/** Decodes like `URLSearchParams`, which is used only if there is something to decode. */
function decode(text: string): string {
  return text.includes('%') || text.includes('+') ? (new URLSearchParams(`=${text}`).get('') ?? '') : text
}
