// Who may ask. Holds tokens only as digests, and tells a stranger nothing but that the token will not do.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { createVerifyJwt, type JwtOptions, type Verdict } from './jwt.js'
import type { KeyDependencies } from './keys.js'
import type { Refuse } from './refusal.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers everybody. Whatever does not say so is guarded. */
    readonly public?: true
  }
}

export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Verdict>

type AccessOptions = {
  readonly tokens: readonly { reveal(): string }[]
  readonly jwt?: JwtOptions | undefined
}

/** Admits the bearer of any of the tokens, or of a JWT that verifies. */
export function createAuthenticate(options: AccessOptions, dependencies: KeyDependencies): Authenticate {
  const digests = options.tokens.map((token) => toDigest(token.reveal()))
  const verifyJwt = options.jwt && createVerifyJwt(options.jwt, dependencies)
  return async (headers) => {
    const bearer = readTokens(headers)
    if (bearer.some((token) => isAmong(digests, token))) return 'admitted'
    const verdicts = verifyJwt ? await Promise.all(bearer.map(verifyJwt)) : []
    return verdicts.find((verdict) => verdict !== 'refused') ?? 'refused'
  }
}

/** Turns everybody away from whatever is not public, before a body is read. */
export function addAccessHook(app: FastifyInstance, authenticate: Authenticate, refuse: Refuse): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config?.public) return
    const verdict = await authenticate(request.headers)
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
    /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1],
    /^(?:Bearer +)?(\S+)$/i.exec(typeof router === 'string' ? router : '')?.[1],
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
