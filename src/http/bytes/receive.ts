// A file as a request brings it: as the whole body, by a ticket, or in a form. What is wrong with it is found before its bytes
// are asked for, as far as that can be.
import { FileError } from '../../errors.js'
import { checkUpload } from '../../purposes.js'
import type { Take, Upload } from '../../upload.js'
import { letSend } from '../continue.js'
import { readDigest, toLength, toUpload } from './announced.js'
import { createArriving, watchClient } from './arriving.js'
import { Refused } from './failure.js'
import { type Form, parseBoundary, readForm } from './form.js'
import { createSend, type Exchange, type SendDependencies } from './send.js'
import type { UploadTicket } from './ticket.js'

export type ReceiveOptions = SendDependencies & {
  /** Has a ticket be used once. */
  readonly useTicket: Take
  readonly limits: UploadLimits
}

type UploadLimits = { readonly uploadBytes: number; readonly transferIdleMs: number }

/** Each sends what came upstream, and answers with the file; rejects with what is to be answered otherwise. */
export type Receive = {
  put(exchange: Exchange): Promise<void>
  putByTicket(exchange: Exchange, ticket: UploadTicket): Promise<void>
  post(exchange: Exchange): Promise<void>
}

/** What stands around the file in a form, at the most. */
const MAX_FORM_BYTES = 131_072

export function createReceive({ useTicket, limits, ...dependencies }: ReceiveOptions): Receive {
  const send = createSend(dependencies)

  async function sendBody(
    exchange: Exchange,
    upload: Upload,
    { name, sha256 }: { readonly name: string | null; readonly sha256?: string | undefined },
  ): Promise<void> {
    const { raw, headers } = exchange.request
    const response = exchange.reply.raw
    const arriving = createArriving({
      stream: raw,
      bytes: upload.bytes,
      digests: [readDigest(headers), sha256],
      onOpen: (fail) => {
        watchClient(raw, response, limits.transferIdleMs, fail)
        letSend(raw, response)
      },
    })
    await send(exchange, upload, arriving, name)
  }

  return {
    put: async (exchange) => {
      const { request } = exchange
      const { purpose, filename } = request.query as Readonly<Record<string, unknown>>
      const upload = toUpload(purpose, filename, toLength(request))
      checkUpload(upload, limits.uploadBytes)
      await sendBody(exchange, upload, { name: request.visit.name })
    },
    putByTicket: async (exchange, ticket) => {
      const used = await useTicket(ticket.key, ticket.untilMs)
      if (used === undefined) throw new FileError('FORBIDDEN', { rule: 'TICKET' })
      try {
        if (toLength(exchange.request) !== ticket.upload.bytes)
          throw new Refused(400, 'The Content-Length is not the size that the ticket is for.')
        await sendBody(exchange, ticket.upload, ticket)
      } catch (error) {
        // What may have been kept is not sent again.
        if (!(error instanceof FileError) || error.code !== 'UPLOAD_OUTCOME_UNKNOWN') await used.giveBack()
        throw error
      }
    },
    post: async (exchange) => {
      const { form, onFailure } = await openForm(exchange, limits)
      const upload = toUpload(form.purposeName, form.filename, form.bytes)
      checkUpload(upload, limits.uploadBytes)
      const arriving = createArriving({
        stream: form.file,
        digests: [],
        onOpen: (fail) => {
          onFailure(fail)
          form.watch(fail)
        },
        bytes: upload.bytes,
        onEnd: () => form.ended,
      })
      await send(exchange, upload, arriving, exchange.request.visit.name)
    },
  }
}

/** Reads a form up to its file. From then on `onFailure` says whom to tell that the client sends nothing more. */
async function openForm({ request, reply }: Exchange, { uploadBytes, transferIdleMs }: UploadLimits) {
  const bytes = toLength(request)
  const boundary = parseBoundary(request.headers['content-type'])
  if (boundary === undefined)
    throw new Refused(415, 'Send a form as multipart/form-data, or PUT the bytes alone.')
  if (bytes > uploadBytes + MAX_FORM_BYTES) throw new FileError('FILE_TOO_LARGE')
  const digest = readDigest(request.headers)
  let fail: (error: unknown) => void = () => {}
  const form = await new Promise<Form>((resolve, reject) => {
    fail = reject
    watchClient(request.raw, reply.raw, transferIdleMs, (error) => fail(error))
    request.visit.onLeave(() => reject(new Refused(400)))
    readForm(request.raw, boundary, { bytes, digest }).then(resolve, reject)
    letSend(request.raw, reply.raw)
  })
  const onFailure = (tell: typeof fail) => {
    fail = tell
  }
  return { form, onFailure }
}
