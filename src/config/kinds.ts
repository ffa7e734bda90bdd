// What a setting can take: how its text is read, and how its value is shown again.
import { Secret } from './secret.js'

export type Kind<T> = {
  /** Completes the sentence "PORT takes …". */
  readonly takes: string
  /** `undefined` for a text that the setting does not take. */
  readonly parse: (text: string) => T | undefined
  /** The value as it can be set again, without what is secret. Left out where `String` does it. */
  show?(value: T): string
  /**
   * `all`: the value is a secret, and an empty one is a fault, since something went missing. `part`: it may hold a
   * password. Neither is ever shown, and both can be given in a file, named by the variable with `_FILE` added.
   */
  readonly secret?: 'all' | 'part'
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Neither a blank nor the comma that separates tokens. */
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

/** Dollars as whole micro-dollars, read digit by digit: money is no floating-point number. */
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

/** `String` would write less than a micro-dollar's tenth as 1e-7. */
function toDecimal(microUsd: number): string {
  return (microUsd / 1e6).toFixed(6).replace(/\.?0+$/, '')
}

/** What may stand in a header. A key with a line break or a blank would fail each request instead of the start. */
export function key(): Kind<Secret> {
  const { takes, parse } = pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,4096}$/)
  return { takes, parse: (text) => toSecret(parse(text)), secret: 'all' }
}

/** To sign with: short ones can be found by trying. */
export function signingSecret(): Kind<Secret> {
  const { takes, parse } = pattern(
    '16 or more printable ASCII characters without blanks',
    /^[\x21-\x7e]{16,4096}$/,
  )
  return { takes, parse: (text) => toSecret(parse(text)), secret: 'all' }
}

export function tokens(): Kind<readonly Secret[]> {
  const takes = 'comma-separated tokens of printable ASCII without blanks'
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

/** As browsers send it: no path, no default port. Schemes other than http(s) are those of apps and extensions. */
function isOrigin(text: string): boolean {
  if (text === '*') return true
  if (!/^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.[\]:_-]+$/.test(text) || !URL.canParse(text)) return false
  return !text.startsWith('http') || new URL(text).origin === text
}

/** Whoever can change the keys on their way can let anybody in. Its query may be a secret. */
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

/** The text itself. User and password may be percent-encoded, as in any URL; the path is the number of a database. */
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

/** As other programs take it, without `http://` too. */
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

/** Other programs read it too, so what is meant for them is no fault: it matches nothing here. */
export function hosts(): Kind<readonly string[]> {
  return {
    takes: 'host names, IP addresses and blocks such as 10.0.0.0/8, separated by commas or blanks, or *',
    parse: (text) => text.split(/[\s,]+/).filter((each) => each !== ''),
  }
}

/** Whether it names a host, and user and password can be decoded. */
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
