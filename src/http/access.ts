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
  /** At once for a token; a JWT takes a promise. */
  authenticate(headers: IncomingHttpHeaders): Verdict | Promise<Verdict>
  /** Whether everything is at hand that tokens are checked with. */
  isWell(): boolean
}

type AccessOptions = {
  readonly tokens: readonly { reveal(): string }[]
  readonly jwt?: JwtOptions | undefined
}

/** Admits the bearer of any of the tokens, or of a JWT that verifies. */
export async function createAccess(options: AccessOptions, dependencies: KeyDependencies): Promise<Access> {
  // Under a salt that nobody knows: how long it takes to compare digests tells nothing of what they are made of.
  const salt = randomBytes(32).toString('hex')
  const toDigest = (token: string) => hash('sha256', salt + token, 'hex')
  const digests = new Set(options.tokens.map((token) => toDigest(token.reveal())))
  // Loaded only where it is needed: it is large.
  const jwt = options.jwt && (await import('./jwt.js')).createJwt(options.jwt, dependencies)

  async function verify(tokens: readonly string[]): Promise<Verdict> {
    const verdicts = jwt ? await Promise.all(tokens.map(jwt.verify)) : []
    const best = (['admitted', 'undecided'] as const).find((verdict) => verdicts.includes(verdict))
    return best ?? 'refused'
  }

  return {
    authenticate: (headers) => {
      const tokens = readTokens(headers)
      return tokens.some((token) => digests.has(toDigest(token))) ? 'admitted' : verify(tokens)
    },
    isWell: () => jwt?.isWell() ?? true,
  }
}

/** A router's own header counts beside the client's, which the router may have passed on for somebody else. */
function readTokens(headers: IncomingHttpHeaders): string[] {
  const router = headers['router-authorization']
  return [
    /^Bearer[ \t]+(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1],
    /^(?:Bearer[ \t]+)?(\S+)$/i.exec(typeof router === 'string' ? router.trim() : '')?.[1],
  ].filter((token) => token !== undefined)
}
