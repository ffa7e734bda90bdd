// An issuer of JWTs: its keys at a URL of its own, over real HTTP, and tokens signed with them.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWK, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'files'

type Claims = {
  readonly iss?: string
  readonly aud?: string | string[]
  readonly exp?: number | null
  readonly [name: string]: unknown
}

type Answer = { status: number | undefined; body: string; location?: string }

export type SigningKey = {
  readonly kid: string
  readonly alg: string
  readonly privateKey: GenerateKeyPairResult['privateKey']
  readonly jwk: JWK
}

export async function createKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A token that is good for five minutes, unless the claims say otherwise; `exp: null` leaves it out. */
export function sign(
  { kid, alg, privateKey }: Omit<SigningKey, 'jwk'>,
  { iss = ISSUER, aud = AUDIENCE, exp = Date.now() / 1000 + 300, ...more }: Claims = {},
): Promise<string> {
  const token = new SignJWT({ ...more, ...(exp === null ? {} : { exp: Math.floor(exp) }) })
  return token.setProtectedHeader({ alg, kid }).setIssuer(iss).setAudience(aud).sign(privateKey)
}

/** Serves these keys, or whatever `answer` is set to; counts how often it was asked. Closes with the test. */
export async function startIssuer(...keys: readonly SigningKey[]) {
  let held = Promise.resolve()
  const issuer = {
    asked: 0,
    /** The next answers. No status: none comes. */
    answer: { status: 200, body: '' } as Answer,
    publish(...published: readonly SigningKey[]) {
      issuer.answer = { status: 200, body: JSON.stringify({ keys: published.map(({ jwk }) => jwk) }) }
    },
    /** Answers nothing more, until what it returns is called. */
    hold() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return () => release()
    },
    env: { JWT_JWKS_URL: '', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE },
  }
  issuer.publish(...keys)
  const server = createServer(async (_, response) => {
    issuer.asked++
    await held
    const { status, body, location } = issuer.answer
    const headers = { 'content-type': 'text/plain', ...(location !== undefined && { location }) }
    if (status !== undefined) response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  issuer.env.JWT_JWKS_URL = `http://127.0.0.1:${port}/jwks.json`
  return issuer
}
