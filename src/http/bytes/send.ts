// One upload, sent upstream: its answer is the file, and each that was begun leaves a line on what it changed.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ListedFile } from '../../file.js'
import { toPurpose } from '../../purposes.js'
import type { Upload, UploadSource } from '../../upload.js'
import type { Arriving } from './arriving.js'
import type { TransferCall } from './call.js'
import { toCode } from './failure.js'

/** A request that brings a file. */
export type Exchange = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly transfer: TransferCall
}

export type UploadRecord = {
  readonly what: 'upload'
  /** `null` where there is none, or none that is known. */
  readonly id: string | null
  readonly bytes: number
  /** What was spent on it. */
  readonly microUsd: number
  /** `OK`, or the code of the failure. */
  readonly code: string
  readonly requestId: string
  readonly name: string | null
}

export type SendDependencies = {
  readonly uploads: UploadSource
  /** Writes a line on each upload that was begun. */
  readonly audit: (change: UploadRecord) => void
}

/** Sends it in the `name` of whoever asked for it. Rejects with what failed, which is still to be answered. */
export type Send = (
  exchange: Exchange,
  upload: Upload,
  arriving: Arriving,
  name: string | null,
) => Promise<void>

export function createSend({ uploads, audit }: SendDependencies): Send {
  return async ({ request, reply, transfer }, upload, arriving, name) => {
    const { call, spent } = transfer
    const note = (id: string | null, code: string) => {
      const { bytes } = upload
      audit({ what: 'upload', id, bytes, microUsd: spent.microUsd, code, requestId: request.id, name })
    }
    const file = await uploads(upload, arriving, call).catch((error: unknown) => {
      note(null, toCode(error))
      throw error
    })
    note(file.id, 'OK')
    reply
      .code(201)
      .header('cache-control', 'no-store')
      .send({ file: toShown(file, arriving.sha256()) })
  }
}

/** As GraphQL shows it. */
function toShown({ id, filename, bytes, createdAtMs, purposeName }: ListedFile, sha256: string) {
  const createdAt = createdAtMs === null ? null : new Date(createdAtMs).toISOString()
  return { id, filename, bytes, createdAt, purpose: toPurpose(purposeName), purposeName, sha256 }
}
