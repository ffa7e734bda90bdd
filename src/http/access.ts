// Who may use the server. Keeps tokens as digests only. A refusal says nothing but that the token is not valid.
import { hash, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Admission, JwtOptions, Verdict } from './jwt.js'
import type { KeyDependencies } from './keys.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no token. All other routes do. */
    readonly public?: true
  }
}

export type Access = {
  /** At once, unless there is a JWT to verify. */
  authenticate(headers: IncomingHttpHeaders): Verdict | Promise<Verdict>
  /** Whether everything needed to check tokens is available. */
  isWell(): boolean
}

type AccessOptions = {
  readonly tokens: readonly Token[]
  /** For reading only. */
  readonly readTokens: readonly Token[]
  readonly jwt?: JwtOptions | undefined
}

type Token = { reveal(): string }

/** How much of a token's digest the log shows. */
const NAME_LENGTH = 12

/** Both headers count: the router's own, and the client's, which the router may have forwarded. */
const HEADERS = [
  { name: 'authorization', pattern: /^Bearer[ \t]+(\S+)$/i },
  { name: 'router-authorization', pattern: /^(?:Bearer[ \t]+)?(\S+)$/i },
] as const

/** Header values that are remembered: more than clients have ways to write the tokens. */
const MAX_REMEMBERED = 100

/** Admits holders of any of the tokens, or of a valid JWT. */
export async function createAccess(
  { tokens, readTokens, ...options }: AccessOptions,
  dependencies: KeyDependencies,
): Promise<Access> {
  // With a random salt, the time that it takes to compare digests tells nothing about a token.
  const salt = randomBytes(32).toString('hex')
  const toDigest = (token: string) => hash('sha256', salt + token, 'hex')
  const admissions = new Map<string, Admission>()
  const add = (token: string, mayWrite: boolean) =>
    admissions.set(toDigest(token), { mayWrite, name: hash('sha256', token, 'hex').slice(0, NAME_LENGTH) })
  for (const token of readTokens) add(token.reveal(), false)
  for (const token of tokens) add(token.reveal(), true)
  const finders = HEADERS.map(({ name, pattern }) =>
    createFinder(name, pattern, (token) => admissions.get(toDigest(token))),
  )
  // Loaded only where it is needed: it is large.
  const jwt = options.jwt && (await import('./jwt.js')).createJwt(options.jwt, dependencies)

  return {
    authenticate: (headers) => {
      let known: Admission | undefined
      const unknown: string[] = []
      for (const find of finders) {
        const found = find(headers)
        if (typeof found === 'string') unknown.push(found)
        else if (found?.mayWrite) return found
        else known = found ?? known
      }
      if (jwt === undefined || unknown.length === 0) return known ?? 'refused'
      return Promise.all(unknown.map(jwt.verify)).then((verdicts) =>
        toBest([known ?? 'refused', ...verdicts]),
      )
    },
    isWell: () => jwt?.isWell() ?? true,
  }
}

/**
 * Finds what the token in a header admits to, or gives back the token that admits to nothing. Each value that admits is
 * remembered, so that it takes no digest the next time. That time tells nothing either: a map compares texts only if their
 * hashes are equal, and those depend on a random seed of this process.
 */
function createFinder(name: string, pattern: RegExp, admit: (token: string) => Admission | undefined) {
  const remembered = new Map<string, Admission>()
  return (headers: IncomingHttpHeaders): Admission | string | undefined => {
    const value = headers[name]
    if (typeof value !== 'string') return undefined
    const known = remembered.get(value)
    if (known !== undefined) return known
    const token = pattern.exec(value)?.[1]
    const admission = token === undefined ? undefined : admit(token)
    if (admission !== undefined && remembered.size < MAX_REMEMBERED) remembered.set(value, admission)
    return admission ?? token
  }
}

/** The most that any of the tokens allows. */
function toBest(verdicts: readonly Verdict[]): Verdict {
  const admitted = verdicts.filter((verdict) => typeof verdict === 'object')
  const best = admitted.find(({ mayWrite }) => mayWrite) ?? admitted[0]
  return best ?? (verdicts.includes('undecided') ? 'undecided' : 'refused')
}
