// Whether a JWT lets its bearer in: signed by a key of the issuer, meant for us, and in time.
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import { createKeyFetch, type KeyDependencies, KeysUnavailable } from './keys.js'

/** Somebody who is let in. */
export type Admission = {
  readonly mayWrite: boolean
  /** For the log: the digest of a token, or the subject of a JWT. */
  readonly name: string | null
  /** Unix ms at which it ends, if it does. */
  readonly untilMs?: number
}

/** `undecided`: it can not be told at the moment, since the issuer's keys can not be had. */
export type Verdict = Admission | 'refused' | 'undecided'

export type JwtOptions = {
  readonly jwksUrl: URL
  readonly issuer: string
  readonly audience: string
  /** The word that lets its bearer write. */
  readonly writeScope: string
}

/** Signatures by a private key only: with a shared secret, whoever can verify could sign as well. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
/** How far the issuer's clock may be from ours. */
const CLOCK_TOLERANCE_SECONDS = 10
/** A key that the issuer has withdrawn is trusted no longer than this. */
const KEYS_MAX_AGE_MS = 600_000
/** An unknown key id makes us fetch the keys anew, but not more often: anybody can make up key ids. */
const KEYS_COOLDOWN_MS = 30_000
const KEYS_TIMEOUT_MS = 3000
/** Of a subject in the log. */
const MAX_NAME_LENGTH = 128

export type Jwt = {
  verify(token: string): Promise<Verdict>
  /** Whether the issuer gave its keys when it was asked last. */
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
      // Whoever set JWT_AUDIENCE wrong learns it from here: clients are not told.
      if (isJwt(token)) dependencies.notice('a JWT was refused', toReason(error))
      return 'refused'
    }
  }
  return { verify, isWell }
}

/** Issuers write scopes as a text of words or as a list, under one of three names. */
function toAdmission({ sub, exp = 0, scope, scp, permissions }: JWTPayload, writeScope: string): Admission {
  const words = [scope, scp, permissions].flatMap((each) =>
    typeof each === 'string' ? each.split(' ') : each,
  )
  const name = typeof sub === 'string' ? sub.slice(0, MAX_NAME_LENGTH) : null
  return { mayWrite: words.includes(writeScope), name, untilMs: exp * 1000 }
}

/** Anything may come as a bearer token; what does not look like a JWT is none that was refused. */
function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)
}

/** The library's code, and the claim that does not fit; nothing that stands in the token. */
function toReason(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof errors.JOSEError)) return { reason: error instanceof Error ? error.name : 'unknown' }
  return { reason: error.code, ...('claim' in error && { claim: String(error.claim) }) }
}
