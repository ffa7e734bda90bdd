// Content-Digest (RFC 9530): what the bytes of a request should be.

/** As in a header: of SHA-256 in Base64, between colons. Others are not looked at. */
const SHA256 = /(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?:$|[,;])/

/** In hexadecimal; `null` for one that can not be read. */
export function parseDigest(header: string | readonly string[] | undefined): string | null | undefined {
  const text = header === undefined ? '' : [header].flat().join(', ')
  if (!text.includes('sha-256')) return undefined
  const [, digest] = SHA256.exec(text) ?? []
  return digest === undefined ? null : Buffer.from(digest, 'base64').toString('hex')
}
