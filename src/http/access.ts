// Who may ask. Holds tokens only as digests, and tells a stranger nothing but that the token will not do.
import { hash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { JwtOptions, Verdict } from './jwt.js'
import type { KeyDependencies } from './keys.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers everybody. Whatever does not say so is guarded. */
    readonly public?: true
  }
}

export type Access = {
  /** Whether a token of ours stands in the headers. */
  admits(headers: IncomingHttpHeaders): boolean
  /** For those that hold none: whether a JWT does. */
  verify(headers: IncomingHttpHeaders): Promise<Verdict>
  /** Whether everything is at hand that tokens are checked with. */
  isWell(): boolean
}

type AccessOptions = {
  readonly tokens: readonly { reveal(): string }[]
  readonly jwt?: JwtOptions | undefined
}

/** A router's own header counts beside the client's, which the router may have passed on for somebody else. */
const HEADERS = [
  { name: 'authorization', pattern: /^Bearer[ \t]+(\S+)$/i },
  { name: 'router-authorization', pattern: /^(?:Bearer[ \t]+)?(\S+)$/i },
] as const

/** More ways to write the tokens that there are than anybody needs. */
const MAX_REMEMBERED = 100

/** Admits the bearer of any of the tokens, or of a JWT that verifies. */
export async function createAccess(options: AccessOptions, dependencies: KeyDependencies): Promise<Access> {
  // Under a salt that nobody knows: how long it takes to compare digests tells nothing of what they are made of.
  const salt = randomBytes(32).toString('hex')
  const toDigest = (token: string) => hash('sha256', salt + token, 'hex')
  const digests = new Set(options.tokens.map((token) => toDigest(token.reveal())))
  const checks = HEADERS.map(({ name, pattern }) =>
    createCheck(name, pattern, (token) => digests.has(toDigest(token))),
  )
  // Loaded only where it is needed: it is large.
  const jwt = options.jwt && (await import('./jwt.js')).createJwt(options.jwt, dependencies)
  return {
    admits: (headers) => checks.some((check) => check(headers)),
    verify: async (headers) => {
      const tokens = HEADERS.flatMap(({ name, pattern }) => readToken(headers[name], pattern) ?? [])
      const verdicts = jwt ? await Promise.all(tokens.map(jwt.verify)) : []
      const best = (['admitted', 'undecided'] as const).find((verdict) => verdicts.includes(verdict))
      return best ?? 'refused'
    },
    isWell: () => jwt?.isWell() ?? true,
  }
}

/**
 * Remembers each value that was admitted, so that it takes no digest the next time. A set compares texts only where
 * their hashes are the same, which are made with a seed of this process: no guess that comes near finds out.
 */
function createCheck(name: string, pattern: RegExp, isOurs: (token: string) => boolean) {
  const remembered = new Set<string>()
  return (headers: IncomingHttpHeaders): boolean => {
    const value = headers[name]
    if (typeof value !== 'string') return false
    if (remembered.has(value)) return true
    const token = readToken(value, pattern)
    if (token === undefined || !isOurs(token)) return false
    if (remembered.size < MAX_REMEMBERED) remembered.add(value)
    return true
  }
}

function readToken(value: string | readonly string[] | undefined, pattern: RegExp): string | undefined {
  return typeof value === 'string' ? pattern.exec(value)?.[1] : undefined
}
