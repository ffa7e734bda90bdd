// Download links: which of them may be handed out, and when they die. A link is never changed: a parser that
// normalises a signed URL breaks its signature, so parsing here only looks.

/** Longest link that is passed on; real ones have about 400 characters. */
const MAX_LINK_LENGTH = 8192

/** The last instant of RFC 3339. */
const MAX_END_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** White space and controls, which the URL parser would silently drop while the client would not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
const UNSAFE = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/

/**
 * The link itself, byte for byte, or `null` if it is not one that a client should follow: only `https:`, and
 * `http:` where the upstream itself is on loopback.
 */
export function parseLink(value: unknown, { allowHttp }: { readonly allowHttp: boolean }): string | null {
  if (typeof value !== 'string' || value.length > MAX_LINK_LENGTH || UNSAFE.test(value)) return null
  // The parser would also make a host of what stands behind `https:` without slashes, or with backslashes.
  if (!/^https?:\/\/[^\\]+$/i.test(value) || !value.isWellFormed() || !URL.canParse(value)) return null
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return null
  return url.protocol === 'https:' || (allowHttp && url.protocol === 'http:') ? value : null
}

/** `http:` links are fit for a client only where the upstream is a stand-in on this very machine. */
export function allowsHttp({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/**
 * When a signed link dies, in Unix milliseconds, or `null` where it shows no end. Knows the three forms in use:
 * `Expires` (Alibaba OSS V1, Unix seconds), `x-oss-date` + `x-oss-expires` (OSS V4) and `X-Amz-Date` +
 * `X-Amz-Expires` (S3 V4). Where a link carries several, the earliest counts.
 */
export function parseLinkExpiry(link: string): number | null {
  const query = [...new URL(link).searchParams].map(([name, value]) => [name.toLowerCase(), value] as const)
  const findAll = (name: string) => query.filter(([each]) => each === name).map(([, value]) => value)
  const findEnds = (date: string, seconds: string) =>
    findAll(date).flatMap((start) => findAll(seconds).map((length) => toEndMs(start, length)))
  const ends = [
    ...findAll('expires').map(toUnixMs),
    ...findEnds('x-oss-date', 'x-oss-expires'),
    ...findEnds('x-amz-date', 'x-amz-expires'),
  ].filter((end) => end !== undefined)
  return ends.length > 0 ? Math.min(...ends) : null
}

/** Unix seconds of nine to eleven digits (1973 to 5138); anything else is not a time of expiry. */
function toUnixMs(seconds: string): number | undefined {
  return /^\d{9,11}$/.test(seconds) ? Number(seconds) * 1000 : undefined
}

/** `20251118T144941Z` plus a number of seconds. */
function toEndMs(date: string, seconds: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(date)
  if (parts === null || !/^\d{1,9}$/.test(seconds)) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const endMs = startMs + Number(seconds) * 1000
  // Not for a date that is none; and not beyond the years that a DateTime can show.
  return endMs <= MAX_END_MS ? endMs : undefined
}
