// Who may ask. Holds tokens only as digests, and tells a stranger nothing but that the token will not do.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { createJwt, type JwtOptions, type Verdict } from './jwt.js'
import type { KeyDependencies } from './keys.js'
import type { Refuse } from './refusal.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers everybody. Whatever does not say so is guarded. */
    readonly public?: true
  }
}

export type Access = {
  authenticate(headers: IncomingHttpHeaders): Promise<Verdict>
  /** Whether everything is at hand that tokens are checked with. */
  isWell(): boolean
}

type AccessOptions = {
  readonly tokens: readonly { reveal(): string }[]
  readonly jwt?: JwtOptions | undefined
}

/** Admits the bearer of any of the tokens, or of a JWT that verifies. */
export function createAccess(options: AccessOptions, dependencies: KeyDependencies): Access {
  const digests = options.tokens.map((token) => toDigest(token.reveal()))
  const jwt = options.jwt && createJwt(options.jwt, dependencies)
  return {
    authenticate: async (headers) => {
      const bearer = readTokens(headers)
      if (bearer.some((token) => isAmong(digests, token))) return 'admitted'
      const verdicts = jwt ? await Promise.all(bearer.map(jwt.verify)) : []
      const best = (['admitted', 'undecided'] as const).find((verdict) => verdicts.includes(verdict))
      return best ?? 'refused'
    },
    isWell: () => jwt?.isWell() ?? true,
  }
}

/** Turns everybody away from whatever is not public, before a body is read. */
export function addAccessHook(app: FastifyInstance, access: Access, refuse: Refuse): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config?.public) return
    const verdict = await access.authenticate(request.headers)
    if (verdict === 'refused') {
      return refuse(request, reply.header('www-authenticate', 'Bearer'), 401)
    }
    if (verdict === 'undecided') {
      return refuse(request, reply, 503, 'The keys that access tokens are checked with can not be had now.')
    }
  })
}

/** A router's own header counts beside the client's, which the router may have passed on for somebody else. */
function readTokens(headers: IncomingHttpHeaders): string[] {
  const router = headers['router-authorization']
  return [
    /^Bearer[ \t]+(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1],
    /^(?:Bearer[ \t]+)?(\S+)$/i.exec(typeof router === 'string' ? router.trim() : '')?.[1],
  ].filter((token) => token !== undefined)
}

/** Compares with every token, whichever fits, so that the time it takes tells nothing of any of them. */
function isAmong(digests: readonly Buffer[], token: string): boolean {
  const digest = toDigest(token)
  return digests.filter((each) => timingSafeEqual(each, digest)).length > 0
}

function toDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
