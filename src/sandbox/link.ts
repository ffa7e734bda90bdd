// Signs download links, and checks links that are requested. A signature covers the target byte for byte, so a client that
// re-encodes a link breaks it, as with the real upstream.

import { createHmac, randomBytes } from 'node:crypto'
import type { LinkForm } from './seed.js'

/** What is wrong with a link, or undefined if it is good. */
export type LinkFault = 'expired' | 'forged' | 'missing'

export type Signer = {
  /** `path` with the query that the form needs; the link is good until `lifetimeSeconds` from now. */
  sign(path: string, form: LinkForm, lifetimeSeconds: number): string
  check(target: string): LinkFault | undefined
}

/** The name of the signature parameter, which is always the last one. */
const signatureNames = /[?&](Signature|x-oss-signature|X-Amz-Signature)=([^&]*)$/

/** `20260901T080000Z`, as V4 signatures write it. */
function toCompactTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

function parseCompactTime(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

/** Unix time in milliseconds; NaN where the query does not show one. */
function parseExpiry(query: URLSearchParams): number {
  const expires = query.get('Expires')
  if (expires !== null) return Number(expires) * 1_000
  const prefix = query.has('x-oss-date') ? 'x-oss-' : 'X-Amz-'
  const name = (last: string) => query.get(prefix + (prefix === 'x-oss-' ? last.toLowerCase() : last)) ?? ''
  return parseCompactTime(name('Date')) + Number(name('Expires')) * 1_000
}

function toUnsigned(
  path: string,
  form: 'oss-v1' | 'oss-v4' | 'amz-v4',
  nowMs: number,
  seconds: number,
): string {
  if (form === 'oss-v1') {
    return `${path}?Expires=${Math.floor(nowMs / 1_000) + seconds}&OSSAccessKeyId=LTAI5tSANDBOX`
  }
  const time = toCompactTime(nowMs)
  const day = time.slice(0, 8)
  return form === 'oss-v4'
    ? `${path}?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=${time}&x-oss-expires=${seconds}` +
        `&x-oss-credential=LTAI5tSANDBOX%2F${day}%2Fcn-wulanchabu%2Foss%2Faliyun_v4_request`
    : `${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIASANDBOX%2F${day}%2Fus-east-1%2Fs3%2Faws4_request` +
        `&X-Amz-Date=${time}&X-Amz-Expires=${seconds}&X-Amz-SignedHeaders=host`
}

/** The secret is the signer's own: links do not outlive the sandbox that made them. */
export function createSigner(now: () => number): Signer {
  const secret = randomBytes(32)
  const toSignature = (name: string, text: string) =>
    name === 'Signature'
      ? encodeURIComponent(createHmac('sha1', secret).update(text).digest('base64'))
      : createHmac('sha256', secret).update(text).digest('hex')

  return {
    sign(path, form, lifetimeSeconds) {
      if (form === 'unsigned' || form === 'none') return path
      const name = { 'oss-v1': 'Signature', 'oss-v4': 'x-oss-signature', 'amz-v4': 'X-Amz-Signature' }[form]
      const text = toUnsigned(path, form, now(), lifetimeSeconds)
      return `${text}&${name}=${toSignature(name, text)}`
    },
    check(target) {
      const [tail, name, signature] = signatureNames.exec(target) ?? []
      if (tail === undefined || name === undefined) return 'missing'
      const text = target.slice(0, -tail.length)
      const expiresAtMs = parseExpiry(new URLSearchParams(text.slice(text.indexOf('?') + 1)))
      // Expiry is checked first, as by OSS: a link that is expired and also forged is reported as expired.
      if (expiresAtMs <= now()) return 'expired'
      return signature === toSignature(name, text) ? undefined : 'forged'
    },
  }
}
