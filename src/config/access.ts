// The part of the configuration that says who may use the server.
import { isLoopback } from './kinds.js'
import type { Secret } from './secret.js'
import type { Values } from './settings.js'

/** Who may use the server: holders of one of the tokens, or of a JWT that the issuer signed for this audience. */
export type Access = {
  readonly tokens: readonly Secret[]
  /** For reading only. */
  readonly readTokens: readonly Secret[]
  readonly jwt?:
    | {
        readonly jwksUrl: URL
        readonly issuer: string
        readonly audience: string
        /** The scope that allows writing. */
        readonly writeScope: string
      }
    | undefined
}

/** An open server lets everyone spend its owner's money, so on a public address that must be an explicit choice. */
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
    faults.push('READ_TOKENS and ACCESS_TOKENS contain the same token: remove it from one of them.')
  if (guard && ACCESS) faults.push(`ACCESS is ${ACCESS}, but ${guard} is also set: unset one of them.`)
  if (!guard && !ACCESS && !isLoopback(HOST)) {
    const ways = 'set ACCESS_TOKENS or the JWT variables, or ACCESS=open to allow everyone'
    faults.push(`HOST is ${HOST}, which is not loopback, and no access is configured: ${ways}.`)
  }
}

/** An invalid value is not a list here. */
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
