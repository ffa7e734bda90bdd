// What a request says of the file that it brings: its size, its purpose, its name, and what its bytes should be.
import type { FastifyRequest } from 'fastify'
import { parseUploadName } from '../../filename.js'
import type { Upload } from '../../upload.js'
import { Refused } from './failure.js'

/** Throws what is wrong with it, as far as that shows before the upstream's rules are looked at. */
export function toUpload(purposeName: unknown, filename: unknown, bytes: number): Upload {
  if (typeof purposeName !== 'string' || purposeName === '')
    throw new Refused(400, 'Set the purpose of the file, such as purpose=voice_clone.')
  const name = parseUploadName(filename)
  if (name === undefined)
    throw new Refused(400, 'Give the file a name of 1 to 255 bytes, such as filename=voice.mp3.')
  if (bytes < 1) throw new Refused(400, 'The file is empty, or it is not the last part of its form.')
  return { purposeName, filename: name, bytes }
}

/** The length of the whole body. */
export function toLength({ headers }: FastifyRequest): number {
  const { 'content-length': length, 'transfer-encoding': chunks, 'content-encoding': coding } = headers
  if (length === undefined || chunks !== undefined) throw new Refused(411)
  if (coding !== undefined && coding.toLowerCase() !== 'identity')
    throw new Refused(415, 'Send the file as it is, not compressed.')
  return Number(length)
}

/** As Content-Digest (RFC 9530) has it: of SHA-256 in Base64, between colons. */
const SHA256 = /(?<=^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?=$|[,;])/g

/** What the body should have, in hexadecimal. Digests of other kinds are not looked at. */
export function readDigest({ 'content-digest': header = '' }: FastifyRequest['headers']): string | undefined {
  const text = String(header)
  const digests = [...text.matchAll(SHA256)].map(([, digest]) => digest)
  // Several must be the same: a proxy before us may have checked any of them.
  if (digests.length < text.split('sha-256').length - 1 || new Set(digests).size > 1)
    throw new Refused(400, 'Content-Digest takes "sha-256=:", then the digest in Base64, then ":".')
  return digests[0] && Buffer.from(digests[0], 'base64').toString('hex')
}
