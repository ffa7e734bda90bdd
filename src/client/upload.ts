// POST /v1/files/upload: one file, as it comes in. It is sent once, whatever becomes of it, since its bytes are nowhere kept.
import { FileError } from '../errors.js'
import type { ListedFile, Lookup } from '../file.js'
import type { Incoming, Upload, UploadCall, UploadSource } from '../upload.js'
import { Framed, MAX_WAITING_BYTES, type TransferResponse, type Transfers } from '../wire/transfers.js'
import { type WireCall, WireError } from '../wire/wire.js'
import { parseBody, type Reading, readAnswer } from './answer.js'
import { type AskDependencies, createAsk } from './ask.js'
import { toUpstreamError } from './bytes.js'
import type { ClientOptions } from './client.js'
import { parseListedFile } from './decode.js'
import { toFinal, toTransportFailure } from './failure.js'
import { createTargets, toHeaders } from './request.js'

export type UploadSourceDependencies = AskDependencies & {
  readonly transfers: Transfers
  /** What no file holds: letters and digits, up to 60 of them, others each time. */
  readonly toBoundary: () => string
}

export type UploadSourceOptions = ClientOptions & { readonly key: string }

/** One upload on its way. */
type Sending = {
  readonly upload: Upload
  readonly incoming: Incoming
  readonly signal: AbortSignal
  /** Once it is being sent. */
  body: Framed | undefined
}

export function createUploadSource(
  { transfers, toBoundary, ...dependencies }: UploadSourceDependencies,
  { key, dialect, baseUrl }: UploadSourceOptions,
): UploadSource {
  const { notice, clock } = dependencies
  const { upload: target } = createTargets(dialect, baseUrl)
  const ask = createAsk<TransferResponse, { readonly sending: Sending }>(dependencies, send)

  function send({ sending }: { readonly sending: Sending }, attempt: WireCall): Promise<TransferResponse> {
    const { upload, incoming, signal } = sending
    const form = toForm(upload, toBoundary())
    const body = new Framed({ ...form, source: incoming, bytes: upload.bytes })
    sending.body = body
    const headers = { ...toHeaders(key), 'content-type': form.type }
    const onSend = () => {
      attempt.onTurn()
      attempt.onSent()
      body.release()
    }
    const bytes = form.head.length + upload.bytes + form.tail.length
    return transfers
      .post(baseUrl.origin + target, { body, bytes }, { headers, signal, onSend })
      .catch((error: unknown) => {
        throw body.fault === undefined ? error : new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
      })
  }

  async function read(
    { status, header, body }: TransferResponse,
    sending: Sending,
  ): Promise<Reading<ListedFile>> {
    try {
      const { head, isAll } = await body.peek(MAX_WAITING_BYTES)
      body.destroy()
      const text = isAll ? new TextDecoder().decode(head) : ''
      const options = { allowHttp: false, nowMs: clock.nowMs, notice, mayLack: true }
      const reading = readAnswer(parseBody(text), { status, header, body: text }, options, ({ file }) => {
        const listed = parseListedFile(file, options)
        return listed && toKept(listed, sending.upload)
      })
      // An upstream to which not all was sent cannot have kept the file, whatever it says.
      if ('failure' in reading || sending.body?.isComplete) return reading
      return { failure: toFinal(toUpstreamError('UPSTREAM_BAD_RESPONSE', status)) }
    } catch (error) {
      if (error instanceof WireError) return { failure: toTransportFailure(error) }
      throw error
    }
  }

  return async (upload, incoming, call) => {
    const leaving = new AbortController()
    const sending: Sending = { upload, incoming, signal: leaving.signal, body: undefined }
    const lookup = createLookup(call)
    const leave = () => {
      lookup.stop?.()
      if (!sending.body?.isComplete) leaving.abort()
    }
    call.signal.addEventListener('abort', leave)
    try {
      return await ask({ target, sending, read: (response) => read(response, sending) }, lookup)
    } catch (error) {
      throw toEnd(sending, error)
    } finally {
      call.signal.removeEventListener('abort', leave)
    }
  }
}

/** It has no deadline, and one attempt, as a probe has. */
function createLookup({ asker: { requestId }, meter, signal }: UploadCall): Lookup {
  return {
    requestId,
    meter,
    deadlineMs: Number.POSITIVE_INFINITY,
    get isAbandoned() {
      return signal.aborted
    },
    isProbe: true,
    check: undefined,
    stop: undefined,
  }
}

/** The failure that the client is shown. */
function toEnd({ body }: Sending, error: unknown): unknown {
  if (body?.fault !== undefined) return body.fault
  if (!(error instanceof FileError) || !body?.isComplete || !isDoubtful(error)) return error
  return new FileError('UPLOAD_OUTCOME_UNKNOWN', { upstream: error.upstream, cause: error })
}

/** Whether the file may have been kept: there was no answer, or one of a gateway that does not know it either. */
function isDoubtful({ code, upstream }: FileError): boolean {
  if (upstream === null || code === 'UPSTREAM_TIMEOUT' || code === 'UPSTREAM_BAD_RESPONSE') return true
  return code === 'UPSTREAM_UNAVAILABLE' && upstream.httpStatus === 502
}

/** What the answer leaves out is as it was sent; with another size it is another file. */
function toKept(file: ListedFile, { filename, bytes, purposeName }: Upload): ListedFile | undefined {
  if (file.bytes !== null && file.bytes !== bytes) return undefined
  return {
    ...file,
    bytes,
    filename: file.filename ?? filename,
    purposeName: file.purposeName ?? purposeName,
  }
}

/** As browsers write it: names in UTF-8, quotes and line breaks escaped. */
function toForm({ purposeName, filename }: Upload, boundary: string) {
  const disposition = 'Content-Disposition: form-data; name='
  const lines = [
    `--${boundary}`,
    `${disposition}"purpose"`,
    '',
    purposeName,
    `--${boundary}`,
    `${disposition}"file"; filename="${escapeQuotes(filename)}"`,
    'Content-Type: application/octet-stream',
    '',
    '',
  ]
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    head: Buffer.from(lines.join('\r\n')),
    tail: Buffer.from(`\r\n--${boundary}--\r\n`),
  }
}

function escapeQuotes(filename: string): string {
  return filename.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
