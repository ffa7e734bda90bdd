// Verifies JWTs: signed by a key of the issuer, for our audience, and not expired.
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import { createKeyFetch, type KeyDependencies, KeysUnavailable } from './keys.js'

/** A caller who was admitted. */
export type Admission = {
  readonly mayWrite: boolean
  /** For the log: the digest of a token, or the subject of a JWT. */
  readonly name: string | null
  /** Unix ms at which it ends, if it does. */
  readonly untilMs?: number
}

/** `undecided`: the issuer's keys are not available at the moment. */
export type Verdict = Admission | 'refused' | 'undecided'

export type JwtOptions = {
  readonly jwksUrl: URL
  readonly issuer: string
  readonly audience: string
  /** The scope that allows writing. */
  readonly writeScope: string
}

/** Private-key signatures only: with a shared secret, anyone who can verify could also sign. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
/** How far the issuer's clock may be from ours. */
const CLOCK_TOLERANCE_SECONDS = 10
/** How long a withdrawn key may still be trusted. */
const KEYS_MAX_AGE_MS = 600_000
/** An unknown key id triggers a new fetch, at most this often, since anyone can invent key ids. */
const KEYS_COOLDOWN_MS = 30_000
const KEYS_TIMEOUT_MS = 3000
/** The longest subject in the log. */
const MAX_NAME_LENGTH = 128

export type Jwt = {
  verify(token: string): Promise<Verdict>
  /** Whether the last fetch of the issuer's keys succeeded. */
  isWell(): boolean
}

export function createJwt(
  { jwksUrl, issuer, audience, writeScope }: JwtOptions,
  dependencies: KeyDependencies,
): Jwt {
  const { fetchKeys, isWell } = createKeyFetch(dependencies)
  const keys = createRemoteJWKSet(jwksUrl, {
    timeoutDuration: KEYS_TIMEOUT_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    cacheMaxAge: KEYS_MAX_AGE_MS,
    [customFetch]: fetchKeys,
  })
  const options = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    requiredClaims: ['exp'],
  }
  const verify = async (token: string): Promise<Verdict> => {
    try {
      const { payload } = await jwtVerify(token, keys, options)
      return toAdmission(payload, writeScope)
    } catch (error) {
      if (error instanceof KeysUnavailable || error instanceof errors.JWKSInvalid) return 'undecided'
      // Clients are not told the reason, but an operator who set JWT_AUDIENCE wrong needs it.
      if (isJwt(token)) dependencies.notice('a JWT was refused', toJwtFault(error))
      return 'refused'
    }
  }
  return { verify, isWell }
}

/** Issuers write scopes as a space-separated string or as a list, in one of three claims. */
function toAdmission({ sub, exp = 0, scope, scp, permissions }: JWTPayload, writeScope: string): Admission {
  const words = [scope, scp, permissions].flatMap((each) =>
    typeof each === 'string' ? each.split(' ') : each,
  )
  const name = typeof sub === 'string' ? sub.slice(0, MAX_NAME_LENGTH) : null
  return { mayWrite: words.includes(writeScope), name, untilMs: exp * 1000 }
}

/** A bearer token that does not look like a JWT is not reported as a refused JWT. */
function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
}

/** The library's error code and the claim that failed; nothing of the token's content. */
function toJwtFault(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof errors.JOSEError)) return { reason: error instanceof Error ? error.name : 'unknown' }
  return { reason: error.code, ...('claim' in error && { claim: String(error.claim) }) }
}
