// Download links: which of them may be handed out, and when they die. A link is never changed: a parser that
// normalises a signed URL breaks its signature, so parsing here only looks.
import { isSignature, readEnd } from './signature.js'

/** Longest link that is passed on; real ones have about 400 characters. */
const MAX_LINK_LENGTH = 8192

/** White space and controls, which the URL parser would silently drop while the client would not. */
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
  // The parser would also make a host of what stands behind `https:` without slashes, or with backslashes.
  if (!/^https?:\/\/[^\\]+$/i.test(link) || UNSAFE.test(link) || !link.isWellFormed()) return false
  const url = toUrl(link)
  if (url === undefined || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || allowHttp
}

/** Not by `URL.canParse`, which in Node 20, once compiled, refuses every host with an umlaut. */
function toUrl(link: string): URL | undefined {
  try {
    return new URL(link)
  } catch {
    return undefined
  }
}

/** `http:` links are fit for a client only where the upstream is a stand-in on this very machine. */
export function allowsHttp({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * When a signed link dies, in Unix milliseconds, or `null` where it shows no end. Of several ends, the earliest
 * counts. The query is cut up by hand, since this runs for each look-up.
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

/** As `URLSearchParams` does it, which is asked only where there is something to decode. */
function decode(text: string): string {
  return text.includes('%') || text.includes('+') ? (new URLSearchParams(`=${text}`).get('') ?? '') : text
}
