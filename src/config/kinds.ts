// What a setting is and can take: how its text is read, and how its value is shown again.
import { Secret } from './secret.js'

export type Kind<T> = {
  /** Completes the sentence "PORT takes …". */
  readonly takes: string
  /** `undefined` for an invalid text. */
  readonly parse: (text: string) => T | undefined
  /** Writes the value as a user would set it, secrets masked. Default: `String`. */
  show?(value: T): string
  /**
   * `all`: the value is a secret; an empty one is a fault, since a secret that is missing must not go unnoticed. `part`: the
   * value may contain a password. Neither is ever shown, and both can be read from the file that `NAME_FILE` names.
   */
  readonly secret?: 'all' | 'part'
}

type Group = 'Server' | 'Upstream' | 'Money' | 'Reuse' | 'Access' | 'What it shows'

export type Setting<T> = Kind<T> & {
  readonly group: Group
  /** What it is for, in one sentence; names in backticks. */
  readonly purpose: string
  /** The default, as a user would write it. */
  readonly fallback?: string
  /** The default in words, if it depends on other settings. */
  readonly fallbackInWords?: string
  /** The only upstream that uses it. */
  readonly only?: 'cometapi' | 'minimax'
  /** Whether the name is also read in lower case, as other programs do. Lower case takes precedence. */
  readonly lowerCase?: true
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** No space, and no comma, since commas separate tokens. */
const TOKEN = /^[\x21-\x2b\x2d-\x7e]{1,4096}$/

export function pattern(takes: string, form: RegExp): Kind<string> {
  return { takes, parse: (text) => (form.test(text) ? text : undefined) }
}

export function integer(min: number, max: number): Kind<number> {
  const parse = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN)
  const isInside = (value: number) => value >= min && value <= max
  return {
    takes: `an integer from ${min} to ${max}`,
    parse: (text) => (isInside(parse(text)) ? parse(text) : undefined),
  }
}

export function oneOf<T extends string>(...words: readonly T[]): Kind<T> {
  return {
    takes: words.join(', ').replace(/, ([^,]*)$/, ' or $1'),
    parse: (text) => words.find((word) => word === text),
  }
}

/** US dollars as whole micro-dollars, read digit by digit, since floating-point numbers cannot represent them exactly. */
export function dollars(): Kind<number> {
  return {
    takes: 'US dollars as a decimal with up to six places, such as 0.004',
    parse: (text) => {
      const [, whole, fraction = ''] = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text) ?? []
      return whole === undefined ? undefined : Number(whole) * 1e6 + Number(fraction.padEnd(6, '0'))
    },
    show: toDecimal,
  }
}

/** Prices of tasks as JSON; in whole micro-dollars once it is read. */
type PriceList = Readonly<Record<string, number | Readonly<Record<string, Readonly<Record<string, number>>>>>>

const MODEL = /^[\x21-\x7e]{1,128}$/
const RESOLUTION = /^[A-Za-z0-9]{1,16}$/
const SECONDS = /^[1-9]\d{0,3}$/

export function priceList(): Kind<PriceList> {
  return {
    takes:
      'JSON of dollars with up to six places, such as {"MiniMax-Hailuo-2.3":{"768P":{"6":0.28}},"speech-2.8-hd":100}',
    parse: (text) => {
      try {
        return parseMembers(JSON.parse(text), MODEL, (entry) => parsePrice(entry) ?? parseSizes(entry))
      } catch {
        return undefined
      }
    },
    show: (prices) => JSON.stringify(prices, (_, value) => (typeof value === 'number' ? value / 1e6 : value)),
  }
}

function parseSizes(entry: unknown) {
  return parseMembers(entry, RESOLUTION, (each) => parseMembers(each, SECONDS, parsePrice))
}

/** An object of what `parse` takes, under names of this form; `undefined` if anything in it is not so. */
function parseMembers<T>(
  value: unknown,
  name: RegExp,
  parse: (member: unknown) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = Object.entries(value).map(([key, member]) => [
    key,
    name.test(key) ? parse(member) : undefined,
  ])
  return members.some(([, member]) => member === undefined) ? undefined : Object.fromEntries(members)
}

function parsePrice(value: unknown): number | undefined {
  return typeof value === 'number' ? dollars().parse(String(value)) : undefined
}

/** `String` would write small numbers as 1e-7. */
function toDecimal(microUsd: number): string {
  return (microUsd / 1e6).toFixed(6).replace(/\.?0+$/, '')
}

/** What an HTTP header can carry. A key with a line break or a space must fail at start, not with each request. */
export function key(): Kind<Secret> {
  const { takes, parse } = pattern('printable ASCII without spaces', /^[\x21-\x7e]{1,4096}$/)
  return { takes, parse: (text) => toSecret(parse(text)), secret: 'all' }
}

/** A secret to sign with. A short one could be guessed. */
export function signingSecret(): Kind<Secret> {
  const { takes, parse } = pattern(
    '16 or more printable ASCII characters without spaces',
    /^[\x21-\x7e]{16,4096}$/,
  )
  return { takes, parse: (text) => toSecret(parse(text)), secret: 'all' }
}

export function tokens(): Kind<readonly Secret[]> {
  const takes = 'comma-separated tokens of printable ASCII without spaces'
  const { parse } = listOf(takes, (text) => TOKEN.test(text))
  return { takes, parse: (text) => parse(text)?.map((token) => new Secret(token)), secret: 'all' }
}

function toSecret(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text)
}

function listOf(takes: string, isItem: (text: string) => boolean): Kind<readonly string[]> {
  return {
    takes,
    parse: (text) => {
      const items = text.split(',').map((item) => item.trim())
      return items.every(isItem) ? items : undefined
    },
  }
}

export function origins(): Kind<readonly string[]> {
  return listOf('comma-separated origins such as https://app.example.com, or *', isOrigin)
}

/** An origin as browsers send it: no path, no default port. Apps and browser extensions have schemes of their own. */
function isOrigin(text: string): boolean {
  if (text === '*') return true
  if (!/^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.[\]:_-]+$/.test(text) || !URL.canParse(text)) return false
  return !text.startsWith('http') || new URL(text).origin === text
}

/** Must be https: whoever can change the keys in transit can let anyone in. The query may contain a secret. */
export function keysUrl(): Kind<URL> {
  return {
    takes: 'an https URL, or an http one on loopback',
    parse: (text) => {
      if (!/^https?:\/\/[^\s@#]+$/i.test(text) || !URL.canParse(text)) return undefined
      const url = new URL(text)
      return url.protocol === 'https:' || isLoopback(url.hostname) ? url : undefined
    },
    show: ({ origin, pathname, search }) => `${origin}${pathname}${search && `?${new Secret(search)}`}`,
  }
}

export function isLoopback(host: string): boolean {
  return ['localhost', '::1', '[::1]'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host)
}

export function baseUrl(): Kind<URL> {
  return {
    takes: 'an http(s) URL without user, query or fragment',
    parse: (text) => (/^https?:\/\/[^\s?#@]+$/i.test(text) && URL.canParse(text) ? new URL(text) : undefined),
  }
}

/** User and password may be percent-encoded, as in any URL. The path is a database number. */
export function redisUrl(): Kind<Secret> {
  return {
    takes: 'a redis or rediss URL such as redis://user:password@host:6379/0',
    parse: (text) => {
      const isRedisUrl = /^rediss?:\/\/[^\s?#/]+(\/\d{0,5})?$/i.test(text) && isUsable(text)
      return isRedisUrl ? new Secret(text) : undefined
    },
    show: withoutCredentials,
    secret: 'part',
  }
}

/** `http://` may be left out, as in other programs. */
export function proxyUrl(): Kind<Secret> {
  return {
    takes: 'an http or https URL such as http://user:password@proxy:3128',
    parse: (text) => {
      const url = text.includes('://') ? text : `http://${text}`
      return /^https?:\/\/[^\s?#/]+\/?$/i.test(url) && isUsable(url) ? new Secret(url) : undefined
    },
    show: withoutCredentials,
    secret: 'part',
  }
}

/** Other programs read this variable too, so an entry that we do not understand is ignored, not a fault. */
export function hosts(): Kind<readonly string[]> {
  return {
    takes: 'host names, IP addresses and blocks such as 10.0.0.0/8, separated by commas or spaces, or *',
    parse: (text) => text.split(/[\s,]+/).filter((each) => each !== ''),
  }
}

/** Whether the URL names a host, and its user and password can be decoded. */
function isUsable(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hostname, username, password } = new URL(text)
  return hostname !== '' && isEncoded(username) && isEncoded(password)
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function withoutCredentials(secret: Secret): string {
  return secret.reveal().replace(/\/\/.*@/, `//${secret}@`)
}
