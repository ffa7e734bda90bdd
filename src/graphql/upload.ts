// Upload tickets. An upload that the upstream is documented to refuse gets none.
import { FileError } from '../errors.js'
import { parseUploadName } from '../filename.js'
import { checkUpload, toPurposeName } from '../purposes.js'
import type { Context } from './context.js'
import type { CreateUploadInput, UploadTicket } from './generated.js'

const SHA256 = /^[\da-f]{64}$/i

/** Rejects with a `FileError`. */
export async function createUpload(input: CreateUploadInput, context: Context): Promise<UploadTicket> {
  if (!context.mayWrite) throw new FileError('FORBIDDEN')
  const { purpose, bytes, sha256 } = input
  const purposeName = toPurposeName(purpose)
  const filename = parseUploadName(input.filename)
  if (purposeName === undefined) throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_OTHER' })
  if (filename === undefined) throw new FileError('INVALID_INPUT', { rule: 'FILENAME' })
  if (bytes < 1) throw new FileError('INVALID_INPUT', { rule: 'BYTES' })
  if (sha256 != null && !SHA256.test(sha256)) throw new FileError('INVALID_INPUT', { rule: 'SHA256' })
  const upload = { purposeName, filename, bytes }
  checkUpload(upload, context.uploading.maxBytes)
  const ticket = context.uploading.toTicket({ upload, sha256: sha256?.toLowerCase(), name: context.name })
  if (ticket === null) throw new FileError('FORBIDDEN', { rule: 'PUBLIC_URL' })
  return { url: ticket.url, method: 'PUT', expiresAt: new Date(ticket.untilMs), maxBytes: bytes }
}
