// How signed links show when they expire. Extend this table when a storage or CDN signs in another way. If a value may be the time
// of signing or the expiry, it is taken as the expiry: a link that lives longer than we think costs one more call, but one that
// lives shorter would be handed out expired.

/** The last instant of RFC 3339. */
const MAX_END_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const NEVER = Number.POSITIVE_INFINITY

type Parameter = readonly [name: string, value: string]

/** The expiry in Unix ms; `undefined` for a value that shows none. */
type Read = (value: string) => number | undefined

/** Unix seconds of nine to eleven digits (1973 to 5138); anything else is not a time of expiry. */
function toUnixMs(value: string): number | undefined {
  return /^\d{9,11}$/.test(value) ? Number(value) * 1000 : undefined
}

/** Unix seconds, or an ISO 8601 time such as `2025-11-18T14:49:41Z`, also without the seconds or the time of day. */
function toTimeMs(value: string): number | undefined {
  const iso = value.replace(' ', '+') // which is what a query makes of a plus
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(iso))
    return toUnixMs(value)
  return toEnd(Date.parse(iso))
}

/** Unix seconds, in decimal or as eight hexadecimal digits (from 1995 on). */
function toHexMs(value: string): number | undefined {
  return /^[3-9a-f][\da-f]{7}$/i.test(value) ? Number.parseInt(value, 16) * 1000 : toUnixMs(value)
}

/** `<unix>-<anything>`, or fields of which one says `exp=<unix>`. */
function toTokenMs(value: string): number | undefined {
  const [, first, field] = /^(\d{10})[-_]|(?:^|~)exp(?:ires)?=(\d{9,11})(?:~|$)/i.exec(value) ?? []
  return toUnixMs(first ?? field ?? '')
}

/** `<unix>;<unix>`: from when, and until when. */
function toWindowMs(value: string): number | undefined {
  return toUnixMs(value.slice(value.indexOf(';') + 1))
}

/** A policy of CloudFront: JSON in Base64, with `~` for `/` and `_` for `=`. The first of its statements to end counts. */
function toPolicyMs(value: string): number | undefined {
  let end = value.length
  while (value[end - 1] === '_' || value[end - 1] === '=') end--
  const json = Buffer.from(value.slice(0, end).replaceAll('~', '/'), 'base64').toString()
  const ends = json.matchAll(/"DateLessThan"\s*:\s*\{\s*"AWS:EpochTime"\s*:\s*"?(\d{9,11})\b/g)
  const endMs = Math.min(...[...ends].map(([, seconds]) => Number(seconds) * 1000))
  return Number.isFinite(endMs) ? endMs : undefined
}

function toEnd(ms: number): number | undefined {
  return ms <= MAX_END_MS ? ms : undefined // false for an invalid date, and for one that a DateTime cannot show
}

/** `20251118T144941Z`, from which a number of seconds counts. */
function toStartMs(value: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(value)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

function toLengthMs(value: string): number | undefined {
  return /^\d{1,9}$/.test(value) ? Number(value) * 1000 : undefined
}

const named = (read: Read, ...names: readonly string[]) => names.map((name): [string, Read] => [name, read])

/** By the parameter's name in lower case. */
const readers: ReadonlyMap<string, Read> = new Map([
  // Alibaba OSS V1, S3 V2, Google V2, CloudFront, Huawei and many others; Azure; ByteDance; Qiniu; Upyun.
  ...named(toTimeMs, 'expires', 'expire', 'expiry', 'expiration', 'expires_at', 'exp'),
  ...named(toTimeMs, 'se', 'x-expires', 'deadline', 'e', 'etime'),
  // Wangsu, Tencent, Discord, Alibaba CDN type C.
  ...named(toHexMs, 'wstime', 'txtime', 't', 'ex', 'key2'),
  // Alibaba CDN type A, Tencent CDN type A, Cloudflare; Akamai, Google Media CDN, Fastly.
  ...named(toTokenMs, 'auth_key', 'sign', 'verify', 'token', '__token__'),
  ...named(toTokenMs, 'hdnts', 'hdnea', 'hdntl', 'edge-cache-token'),
  ...named(toWindowMs, 'q-sign-time', 'q-key-time'), // Tencent COS
  ...named(toPolicyMs, 'policy'),
])

/** Names that are too common to count alone: the second parameter must be present too. */
const companions: ReadonlyMap<string, string> = new Map([
  ['e', 'token'],
  ['t', 'sign'],
  ['ex', 'hm'],
  ['key2', 'key1'],
])
const witnesses: ReadonlySet<string> = new Set(companions.values())

/** Whether a parameter with this name, in lower case, may show the expiry. */
export function isSignature(name: string): boolean {
  return readers.has(name) || witnesses.has(name) || toVendor(name) !== undefined
}

/** `x-oss` of `x-oss-date` and of `x-oss-expires`: OSS V4, S3 V4, Google V4 and whoever else signs so. */
function toVendor(name: string): string | undefined {
  if (!name.startsWith('x-')) return undefined
  if (name.endsWith('-date')) return name.slice(0, -'-date'.length)
  return name.endsWith('-expires') ? name.slice(0, -'-expires'.length) : undefined
}

/** The earliest expiry that these parameters show, in Unix ms, or `null`. Names are in lower case. */
export function readEnd(parameters: readonly Parameter[]): number | null {
  let endMs = NEVER
  let names: Set<string> | undefined
  for (const [name, value] of parameters) {
    const read = readers.get(name)
    if (read === undefined) continue
    const companion = companions.get(name)
    if (companion !== undefined) names ??= new Set(parameters.map(([each]) => each))
    if (companion === undefined || names?.has(companion)) endMs = Math.min(endMs, read(value) ?? NEVER)
  }
  // The usual link has only one.
  if (parameters.length > 1) endMs = Math.min(endMs, readVendors(parameters))
  return endMs === NEVER ? null : endMs
}

/** The earliest expiry that a start and a length show. */
function readVendors(parameters: readonly Parameter[]): number {
  const startsMs = new Map<string, number>()
  const lengthsMs = new Map<string, number>()
  for (const [name, value] of parameters) {
    const vendor = toVendor(name)
    if (vendor === undefined) continue
    if (name.endsWith('-date')) keepLeast(startsMs, vendor, toStartMs(value))
    else keepLeast(lengthsMs, vendor, toLengthMs(value))
  }
  const ends = [...startsMs].map(
    ([vendor, startMs]) => toEnd(startMs + (lengthsMs.get(vendor) ?? NEVER)) ?? NEVER,
  )
  return Math.min(NEVER, ...ends)
}

function keepLeast(least: Map<string, number>, name: string, ms: number | undefined): void {
  if (ms !== undefined) least.set(name, Math.min(ms, least.get(name) ?? ms))
}
