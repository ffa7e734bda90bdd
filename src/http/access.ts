// Who may ask. Holds tokens only as digests, and tells a stranger nothing but that the token will not do.
import { hash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Admission, JwtOptions, Verdict } from './jwt.js'
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
  readonly tokens: readonly Token[]
  /** They let in to read. */
  readonly readTokens: readonly Token[]
  readonly jwt?: JwtOptions | undefined
}

type Token = { reveal(): string }

/** By so much of its digest is a token told from others in the log. */
const NAME_LENGTH = 12

/** Admits the bearer of any of the tokens, or of a JWT that verifies. */
export async function createAccess(
  { tokens, readTokens, ...options }: AccessOptions,
  dependencies: KeyDependencies,
): Promise<Access> {
  // Under a salt that nobody knows: how long it takes to compare digests tells nothing of what they are made of.
  const salt = randomBytes(32).toString('hex')
  const toDigest = (token: string) => hash('sha256', salt + token, 'hex')
  const admissions = new Map<string, Admission>()
  const add = (token: string, mayWrite: boolean) =>
    admissions.set(toDigest(token), { mayWrite, name: hash('sha256', token, 'hex').slice(0, NAME_LENGTH) })
  for (const token of readTokens) add(token.reveal(), false)
  for (const token of tokens) add(token.reveal(), true)
  // Loaded only where it is needed: it is large.
  const jwt = options.jwt && (await import('./jwt.js')).createJwt(options.jwt, dependencies)

  return {
    authenticate: (headers) => {
      const given = readBearers(headers)
      let known: Admission | undefined
      const unknown: string[] = []
      for (const token of given) {
        const admission = admissions.get(toDigest(token))
        if (admission === undefined) unknown.push(token)
        else if (admission.mayWrite) return admission
        else known = admission
      }
      if (jwt === undefined || unknown.length === 0) return known ?? 'refused'
      return Promise.all(unknown.map(jwt.verify)).then((verdicts) =>
        toBest([known ?? 'refused', ...verdicts]),
      )
    },
    isWell: () => jwt?.isWell() ?? true,
  }
}

/** What one token lets its bearer do, the others do not take away. */
function toBest(verdicts: readonly Verdict[]): Verdict {
  const admitted = verdicts.filter((verdict) => typeof verdict === 'object')
  const best = admitted.find(({ mayWrite }) => mayWrite) ?? admitted[0]
  return best ?? (verdicts.includes('undecided') ? 'undecided' : 'refused')
}

/** A router's own header counts beside the client's, which the router may have passed on for somebody else. */
function readBearers(headers: IncomingHttpHeaders): string[] {
  const router = headers['router-authorization']
  return [
    /^Bearer[ \t]+(\S+)$/i.exec(headers.authorization?.trim() ?? '')?.[1],
    /^(?:Bearer[ \t]+)?(\S+)$/i.exec(typeof router === 'string' ? router.trim() : '')?.[1],
  ].filter((token) => token !== undefined)
}
