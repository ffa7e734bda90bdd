// The part of the configuration that says who may ask.
import { isLoopback } from './kinds.js'
import type { Secret } from './secret.js'
import type { Values } from './settings.js'

/** The bearer of one of the tokens, or of a JWT that the issuer signed for this audience. */
export type Access = {
  readonly tokens: readonly Secret[]
  readonly jwt?: { readonly jwksUrl: URL; readonly issuer: string; readonly audience: string } | undefined
}

/** A server that anybody may ask spends its owner's money: on a public address that must be said, not left out. */
export function checkAccess(values: Values, faults: string[]): void {
  const { HOST, ACCESS, ACCESS_TOKENS, JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = values
  const jwt = Object.entries({ JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE })
  const given = jwt.filter(([, value]) => value !== undefined).map(([name]) => name)
  const missing = jwt.filter(([, value]) => value === undefined).map(([name]) => name)
  if (given.length > 0) {
    const need = `${given.join(' and ')} ${given.length > 1 ? 'need' : 'needs'} it`
    for (const name of missing) faults.push(`${name} is not set, but ${need}.`)
  }
  const [guard] = ACCESS_TOKENS === undefined ? given : ['ACCESS_TOKENS']
  if (guard && ACCESS) faults.push(`ACCESS is ${ACCESS}, but ${guard} is set as well: unset one of them.`)
  if (!guard && !ACCESS && !isLoopback(HOST)) {
    const ways = 'set ACCESS_TOKENS or the JWT variables, or say ACCESS=open if that is meant'
    faults.push(`HOST is ${HOST}, where anybody may ask: ${ways}.`)
  }
}

export function toAccess(values: Values): Access | undefined {
  const { ACCESS_TOKENS = [], JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = values
  const jwt = jwksUrl && issuer && audience ? { jwksUrl, issuer, audience } : undefined
  if (ACCESS_TOKENS.length === 0 && jwt === undefined) return undefined
  return { tokens: ACCESS_TOKENS, jwt }
}
