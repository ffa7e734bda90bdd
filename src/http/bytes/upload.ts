// Uploads: `PUT /files` with the bytes alone, `POST /files` with a form, `PUT /uploads/{ticket}` without a token. All that can
// be checked is checked before the bytes are asked for, and they are passed on as they come.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FileError } from '../../errors.js'
import type { ListedFile } from '../../file.js'
import { checkUpload, toPurpose } from '../../purposes.js'
import type { Take, Upload, UploadSource } from '../../upload.js'
import { letSend } from '../continue.js'
import { type Refuse, refuseOthers } from '../refusal.js'
import { readDigest, toLength, toUpload } from './announced.js'
import { type Arriving, type ArrivingOptions, createArriving, watchClient } from './arriving.js'
import { createTransferCall, type ToCost } from './call.js'
import { createFailureReply, Refused } from './failure.js'
import { type Form, parseBoundary, readForm } from './form.js'
import type { Places } from './places.js'
import type { UploadTicket, UploadTickets } from './ticket.js'

export type UploadRouteOptions = {
  readonly uploads: UploadSource
  readonly uploadTickets: Pick<UploadTickets, 'read'>
  /** Has a ticket be used once. */
  readonly useTicket: Take
  /** Writes a line on each upload that was begun. */
  readonly audit: (change: UploadRecord) => void
  /** Whether a form comes from a page that may not send any. */
  readonly isForeign: (request: FastifyRequest) => boolean
  readonly places: Places
  readonly refuse: Refuse
  readonly limits: { readonly uploadBytes: number; readonly transferIdleMs: number }
  readonly toCost: ToCost
  /** Whether those who may write can do so at all. */
  readonly writes?: boolean
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

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }

/** What stands around the file in a form, at the most. */
const MAX_FORM_BYTES = 131_072

export function addUploadRoutes(app: FastifyInstance, options: UploadRouteOptions): void {
  const {
    uploads,
    uploadTickets,
    useTicket,
    audit,
    places,
    refuse,
    limits,
    isForeign,
    toCost,
    writes = false,
  } = options
  const fail = createFailureReply(refuse)

  /** Sends it upstream, and answers with the file. */
  async function send(
    { request, reply }: Exchange,
    upload: Upload,
    arriving: Arriving,
    name = request.visit.name,
  ): Promise<void> {
    const { call, trail, spent, toOwnCost } = createTransferCall(request, toCost, 'upload')
    const note = (id: string | null, code: string) =>
      audit({
        what: 'upload',
        id,
        bytes: upload.bytes,
        microUsd: spent.microUsd,
        code,
        requestId: request.id,
        name,
      })
    try {
      const file = await uploads(upload, arriving, call)
      note(file.id, 'OK')
      reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ file: toShown(file, arriving.sha256()) })
    } catch (error) {
      const code = fail(error, request, reply, toOwnCost())
      trail.codes.push(code)
      note(null, code)
      throw error
    }
  }

  function createArrivingOf(
    { request: { raw }, reply }: Exchange,
    more: Omit<ArrivingOptions, 'onOpen'>,
  ): Arriving {
    return createArriving({
      ...more,
      onOpen: (fail) => {
        watchClient(raw, reply.raw, limits.transferIdleMs, fail)
        letSend(raw, reply.raw)
      },
    })
  }

  async function put(
    exchange: Exchange,
    upload: Upload,
    sha256?: string,
    name?: string | null,
  ): Promise<void> {
    const { raw, headers } = exchange.request
    if (toLength(exchange.request) !== upload.bytes)
      throw new Refused(400, 'The Content-Length is not the size that the ticket is for.')
    const digest = readDigest(headers)
    const arriving = createArrivingOf(exchange, {
      stream: raw,
      bytes: upload.bytes,
      digests: [digest, sha256],
    })
    await send(exchange, upload, arriving, name)
  }

  async function post(exchange: Exchange): Promise<void> {
    const { request, reply } = exchange
    const bytes = toLength(request)
    const boundary = parseBoundary(request.headers['content-type'])
    if (boundary === undefined)
      throw new Refused(415, 'Send a form as multipart/form-data, or PUT the bytes alone.')
    if (bytes > limits.uploadBytes + MAX_FORM_BYTES) throw new FileError('FILE_TOO_LARGE')
    const digest = readDigest(request.headers)
    let fail: (error: unknown) => void = () => {}
    const form = await new Promise<Form>((resolve, reject) => {
      fail = reject
      watchClient(request.raw, reply.raw, limits.transferIdleMs, (error) => fail(error))
      request.visit.onLeave(() => reject(new Refused(400)))
      readForm(request.raw, boundary, { bytes, digest }).then(resolve, reject)
      letSend(request.raw, reply.raw)
    })
    const upload = toUpload(form.purposeName, form.filename, form.bytes)
    checkUpload(upload, limits.uploadBytes)
    const arriving = createArriving({
      stream: form.file,
      digests: [],
      onOpen: (failNow) => {
        fail = failNow
        form.watch(failNow)
      },
      bytes: upload.bytes,
      onEnd: () => form.ended,
    })
    await send(exchange, upload, arriving)
  }

  async function putTicket(exchange: Exchange, ticket: UploadTicket): Promise<void> {
    const used = await useTicket(ticket.key, ticket.untilMs)
    if (used === undefined) throw new FileError('FORBIDDEN', { rule: 'TICKET' })
    try {
      await put(exchange, ticket.upload, ticket.sha256, ticket.name)
    } catch (error) {
      // What may have been kept is not sent again.
      if (!(error instanceof FileError) || error.code !== 'UPLOAD_OUTCOME_UNKNOWN') await used.giveBack()
      throw error
    }
  }

  /** Runs within a place, and answers whatever it fails in. */
  async function run(exchange: Exchange, upload: () => Promise<void>): Promise<FastifyReply> {
    const { request, reply } = exchange
    if (places.isFull()) return refuse(request, reply, 503, places.busy)
    places.take(request, reply)
    try {
      await upload()
    } catch (error) {
      if (!reply.sent) fail(error, request, reply, toCost())
      request.raw.removeAllListeners('data').resume() // nobody reads the rest
    }
    return reply
  }

  app.register(async (scope) => {
    // They are read by the routes themselves.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))

    scope.put<{ Querystring: { purpose?: unknown; filename?: unknown } }>(
      '/files',
      { config: { upload: true } },
      (request, reply) => {
        const exchange = { request, reply }
        return run(exchange, async () => {
          if (!request.visit.mayWrite) throw new FileError('FORBIDDEN')
          const { purpose, filename } = request.query
          const upload = toUpload(purpose, filename, toLength(request))
          checkUpload(upload, limits.uploadBytes)
          await put(exchange, upload)
        })
      },
    )
    scope.post('/files', { config: { upload: true } }, (request, reply) => {
      const exchange = { request, reply }
      return run(exchange, async () => {
        if (!request.visit.mayWrite) throw new FileError('FORBIDDEN')
        if (isForeign(request)) throw new FileError('FORBIDDEN', { rule: 'FOREIGN' })
        await post(exchange)
      })
    })
    scope.put<{ Params: { ticket: string } }>(
      '/uploads/:ticket',
      { config: { upload: true, public: true } },
      (request, reply) => {
        const exchange = { request, reply }
        return run(exchange, async () => {
          const ticket = writes ? uploadTickets.read(request.params.ticket) : undefined
          if (ticket === undefined) throw new FileError('FORBIDDEN', { rule: 'TICKET' })
          await putTicket(exchange, ticket)
        })
      },
    )
    const config = { public: true } as const
    const others = { config, methods: ['PUT', 'POST'], message: 'Use PUT or POST.' }
    refuseOthers(scope, refuse, { url: '/files', ...others })
    refuseOthers(scope, refuse, { url: '/uploads/:ticket', config, methods: ['PUT'], message: 'Use PUT.' })
  })
}

/** As GraphQL shows it. */
function toShown({ id, filename, bytes, createdAtMs, purposeName }: ListedFile, sha256: string) {
  const createdAt = createdAtMs === null ? null : new Date(createdAtMs).toISOString()
  return { id, filename, bytes, createdAt, purpose: toPurpose(purposeName), purposeName, sha256 }
}
