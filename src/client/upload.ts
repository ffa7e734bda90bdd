// POST /v1/files/upload: one file, as it comes in. It is sent once, whatever becomes of it, since its bytes are nowhere kept.
import { FileError } from '../errors.js'
import type { ListedFile } from '../file.js'
import type { Incoming, Upload, UploadCall, UploadSource } from '../upload.js'
import { Framed, MAX_WAITING_BYTES, type TransferResponse, type Transfers } from '../wire/transfers.js'
import { parseBody, readAnswer } from './answer.js'
import { type AskDependencies, DayOver } from './ask.js'
import { toFileError, toUpstreamError } from './bytes.js'
import type { ClientOptions } from './client.js'
import { parseListedFile } from './decode.js'
import { createPayments, type Payment } from './payment.js'
import { createTargets, toHeaders } from './request.js'

export type UploadSourceDependencies = Pick<AskDependencies, 'clock' | 'spend' | 'notice' | 'record'> & {
  readonly transfers: Transfers
  /** What no file holds: letters and digits, up to 60 of them, others each time. */
  readonly toBoundary: () => string
}

export type UploadSourceOptions = ClientOptions & { readonly key: string }

export function createUploadSource(
  { transfers, toBoundary, notice, ...dependencies }: UploadSourceDependencies,
  { key, dialect, baseUrl }: UploadSourceOptions,
): UploadSource {
  const url = baseUrl.origin + createTargets(dialect, baseUrl).upload
  const ownHeaders = toHeaders(key)
  const pay = createPayments(dependencies)

  async function read({ status, header, body }: TransferResponse, upload: Upload): Promise<ListedFile> {
    const { head, isAll } = await body.peek(MAX_WAITING_BYTES)
    body.destroy()
    const text = isAll ? new TextDecoder().decode(head) : ''
    const options = { allowHttp: false, nowMs: dependencies.clock.nowMs(), notice, mayLack: true }
    const reading = readAnswer(parseBody(text), { status, header, body: text }, options, ({ file }) => {
      const listed = parseListedFile(file, options)
      return listed && toKept(listed, upload)
    })
    if ('failure' in reading) throw reading.failure.error
    return reading.value
  }

  async function send(upload: Upload, incoming: Incoming, call: UploadCall): Promise<ListedFile> {
    const payment = await pay(call)
    const form = toForm(upload, toBoundary())
    const body = new Framed({ ...form, source: incoming })
    const leaving = new AbortController()
    const leave = () => body.isComplete || leaving.abort()
    if (call.signal.aborted) leave()
    call.signal.addEventListener('abort', leave)
    const onSend = () => {
      payment.onSend()
      body.release()
    }
    try {
      const bytes = form.head.length + upload.bytes + form.tail.length
      const headers = { ...ownHeaders, 'content-type': form.type }
      const response = await transfers.post(url, { body, bytes }, { headers, signal: leaving.signal, onSend })
      const file = await read(response, upload)
      // Whoever has not got all of it can not have kept it.
      if (!body.isComplete) throw toUpstreamError('UPSTREAM_BAD_RESPONSE', response.status)
      payment.conclude('OK')
      return file
    } catch (error) {
      if (error instanceof DayOver) return send(upload, incoming, call)
      throw toFailure(body, error, payment)
    } finally {
      call.signal.removeEventListener('abort', leave)
    }
  }

  /** What it ended in. */
  function toFailure({ fault, isComplete }: Framed, error: unknown, { conclude }: Payment): unknown {
    const known = toFileError(error, notice)
    if (fault !== undefined || !(known instanceof FileError)) {
      conclude('ABORTED')
      return fault ?? known
    }
    conclude(known.refused ? 'ABORTED' : known.code)
    if (!isComplete || !isDoubtful(known)) return known
    return new FileError('UPLOAD_OUTCOME_UNKNOWN', { upstream: known.upstream, cause: known })
  }

  return send
}

/** No answer, or none that tells whether the file was kept: a gateway speaks for itself alone. */
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
