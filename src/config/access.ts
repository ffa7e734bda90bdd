// The part of the configuration that says who may ask.
import { isLoopback } from './kinds.js'
import type { Secret } from './secret.js'
import type { Values } from './settings.js'

/** The bearer of one of the tokens, or of a JWT that the issuer signed for this audience. */
export type Access = {
  readonly tokens: readonly Secret[]
  /** They let in to read. */
  readonly readTokens: readonly Secret[]
  readonly jwt?:
    | {
        readonly jwksUrl: URL
        readonly issuer: string
        readonly audience: string
        /** The word that lets its bearer write. */
        readonly writeScope: string
      }
    | undefined
}

/** A server that anybody may ask spends its owner's money: on a public address that must be said, not left out. */
export function checkAccess(values: Values, faults: string[]): void {
  const { HOST, ACCESS, ACCESS_TOKENS, READ_TOKENS, JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = values
  const jwt = Object.entries({ JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE })
  const given = jwt.filter(([, value]) => value !== undefined).map(([name]) => name)
  const missing = jwt.filter(([, value]) => value === undefined).map(([name]) => name)
  if (given.length > 0) {
    const need = `${given.join(' and ')} ${given.length > 1 ? 'need' : 'needs'} it`
    for (const name of missing) faults.push(`${name} is not set, but ${need}.`)
  }
  const lists = Object.entries({ ACCESS_TOKENS, READ_TOKENS }).filter(([, list]) => list !== undefined)
  const [guard] = [...lists.map(([name]) => name), ...given]
  if (haveCommon(ACCESS_TOKENS, READ_TOKENS))
    faults.push('READ_TOKENS has a token that ACCESS_TOKENS has as well: take it out of one of them.')
  if (guard && ACCESS) faults.push(`ACCESS is ${ACCESS}, but ${guard} is set as well: unset one of them.`)
  if (!guard && !ACCESS && !isLoopback(HOST)) {
    const ways = 'set ACCESS_TOKENS or the JWT variables, or say ACCESS=open if that is meant'
    faults.push(`HOST is ${HOST}, where anybody may ask: ${ways}.`)
  }
}

/** A faulty list is no list. */
function haveCommon(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return false
  const texts = new Set(one.map((token: Secret) => token.reveal()))
  return other.some((token: Secret) => texts.has(token.reveal()))
}

export function toAccess(values: Values): Access | undefined {
  const { ACCESS_TOKENS: tokens = [], READ_TOKENS: readTokens = [], JWT_WRITE_SCOPE: writeScope } = values
  const { JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = values
  const jwt = jwksUrl && issuer && audience ? { jwksUrl, issuer, audience, writeScope } : undefined
  if (tokens.length + readTokens.length === 0 && jwt === undefined) return undefined
  return { tokens, readTokens, jwt }
}
