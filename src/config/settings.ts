// The environment variables, one by one: what each takes and what it is where it is not set. How they depend on
// each other is config.ts.

export type Variable<T> = {
  /** Completes the sentence "PORT takes …". */
  readonly takes: string
  /** `undefined` for a text that the variable does not take. */
  readonly parse: (text: string) => T | undefined
  /** What an unset variable counts as. */
  readonly fallback?: string
  /** Its value is shown to nobody; where it is empty, something has gone missing. */
  readonly secret?: true
  /** A faulty value is not shown: it may hold a password. */
  readonly hidden?: true
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Neither a blank nor the comma that parts tokens. */
const TOKEN = /^[\x21-\x2b\x2d-\x7e]{1,4096}$/

export const variables = {
  HOST: { ...pattern('a host name or an IP address', /^[A-Za-z0-9.:-]{1,253}$/), fallback: '127.0.0.1' },
  PORT: { ...integer(0, 65_535), fallback: '4000' },
  COMETAPI_KEY: secret(),
  COMETAPI_MODEL: { ...pattern('a model name', /^[\w.:/-]{1,128}$/), fallback: 'minimax-files-retrieve' },
  MINIMAX_API_KEY: secret(),
  MINIMAX_GROUP_ID: pattern('a group id of digits', /^\d{1,32}$/),
  UPSTREAM: oneOf('cometapi', 'minimax', 'sandbox'),
  UPSTREAM_URL: { takes: 'an http(s) URL without user, query or fragment', parse: parseBaseUrl },
  UPSTREAM_TIMEOUT_MS: { ...integer(100, 600_000), fallback: '10000' },
  PRICE_PER_CALL_USD: dollars(),
  SPEND_LIMIT_USD_PER_DAY: dollars(),
  MAX_LOOKUPS_PER_OPERATION: { ...integer(1, 1000), fallback: '100' },
  CACHE_TTL_SECONDS: { ...integer(0, 604_800), fallback: '900' },
  CACHE_NOT_FOUND_SECONDS: { ...integer(0, 3600), fallback: '10' },
  CACHE_MAX_ENTRIES: { ...integer(1, 10_000_000), fallback: '100000' },
  LINK_MIN_VALIDITY_SECONDS: { ...integer(0, 86_400), fallback: '600' },
  REDIS_URL: {
    takes: 'a redis or rediss URL such as redis://user:password@host:6379/0',
    parse: parseRedisUrl,
    hidden: true,
  },
  ACCESS: oneOf('open'),
  ACCESS_TOKENS: {
    ...listOf('comma-separated tokens of printable ASCII without blanks', (text) => TOKEN.test(text)),
    secret: true,
  },
  JWT_JWKS_URL: { takes: 'an https URL, or an http one on loopback', parse: parseKeysUrl },
  JWT_ISSUER: pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,512}$/),
  JWT_AUDIENCE: pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,512}$/),
  CORS_ORIGINS: listOf('comma-separated origins such as https://app.example.com, or *', isOrigin),
  INTROSPECTION: oneOf('on', 'off'),
  PLAYGROUND: oneOf('on', 'off'),
  LOG_LEVEL: { ...oneOf(...LOG_LEVELS), fallback: 'info' },
} satisfies Record<string, Variable<unknown>>

function pattern(takes: string, form: RegExp): Variable<string> {
  return { takes, parse: (text) => (form.test(text) ? text : undefined) }
}

function integer(min: number, max: number): Variable<number> {
  const parse = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN)
  const isInside = (value: number) => value >= min && value <= max
  return {
    takes: `an integer from ${min} to ${max}`,
    parse: (text) => (isInside(parse(text)) ? parse(text) : undefined),
  }
}

function oneOf<T extends string>(...words: readonly T[]): Variable<T> {
  return {
    takes: words.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    parse: (text) => words.find((word) => word === text),
  }
}

/** Dollars as whole micro-dollars, read digit by digit: money is no floating-point number. */
function dollars(): Variable<number> {
  return {
    takes: 'US dollars as a decimal with up to six places, such as 0.004',
    parse: (text) => {
      const [, whole, fraction = ''] = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text) ?? []
      return whole === undefined ? undefined : Number(whole) * 1e6 + Number(fraction.padEnd(6, '0'))
    },
  }
}

/** What may stand in a header. A key with a line break or a blank would fail each request instead of the start. */
function secret(): Variable<string> {
  return { ...pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,4096}$/), secret: true }
}

function listOf(takes: string, isItem: (text: string) => boolean): Variable<readonly string[]> {
  return {
    takes,
    parse: (text) => {
      const items = text.split(',').map((item) => item.trim())
      return items.every(isItem) ? items : undefined
    },
  }
}

/** As browsers send it: no path, no default port. Schemes other than http(s) are those of apps and extensions. */
function isOrigin(text: string): boolean {
  if (text === '*') return true
  if (!/^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.[\]:_-]+$/.test(text) || !URL.canParse(text)) return false
  return !text.startsWith('http') || new URL(text).origin === text
}

/** Whoever can change the keys on their way can let anybody in. */
function parseKeysUrl(text: string): URL | undefined {
  if (!/^https?:\/\/[^\s@#]+$/i.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' || isLoopback(url.hostname) ? url : undefined
}

export function isLoopback(host: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host)
}

function parseBaseUrl(text: string): URL | undefined {
  if (!/^https?:\/\/[^\s?#@]+$/i.test(text) || !URL.canParse(text)) return undefined
  return new URL(text)
}

/** The text itself. User and password may be percent-encoded, as in any URL; the path is the number of a database. */
function parseRedisUrl(text: string): string | undefined {
  if (!/^rediss?:\/\/[^\s?#/]+(\/\d{0,5})?$/i.test(text) || !URL.canParse(text)) return undefined
  const { hostname, username, password } = new URL(text)
  return hostname !== '' && isEncoded(username) && isEncoded(password) ? text : undefined
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
