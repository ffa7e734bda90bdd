// `retrieve_content`: the bytes for those who have the key. Each request is paid for. An error comes under 200 as well,
// as JSON, which the user's own file may be too.
import type { Bytes, BytesCall, BytesSource } from '../bytes.js'
import { FileError } from '../errors.js'
import type { FileId } from '../file.js'
import { MAX_WAITING_BYTES, type TransferResponse, type Transfers } from '../wire/transfers.js'
import { isRefusal, parseBody, readAnswer } from './answer.js'
import { type AskDependencies, DayOver } from './ask.js'
import { toBytes, toFileError, toUpstreamError } from './bytes.js'
import type { ClientOptions } from './client.js'
import { createPayments } from './payment.js'
import { createTargets, toHeaders } from './request.js'

export type ContentSourceDependencies = Pick<AskDependencies, 'clock' | 'spend' | 'notice' | 'record'> & {
  readonly transfers: Transfers
}

export type ContentSourceOptions = ClientOptions & {
  readonly key: string
  /** What becomes of these files says nothing of others. */
  readonly isExempt: (id: FileId) => boolean
}

/** An upstream that does not have the operation is not asked again for so long. */
const UNSUPPORTED_MS = 60_000
/** By these only a part is given, or nothing. An error comes under other ones. */
const PASSED: ReadonlySet<number> = new Set([206, 304, 412, 416])
/** Enough to see what a body begins with, past a byte order mark and blanks. */
const START_BYTES = 64

export function createContentSource(
  { transfers, clock, spend, notice, record }: ContentSourceDependencies,
  { key, dialect, baseUrl, isExempt }: ContentSourceOptions,
): BytesSource<FileId> {
  const { content: toTarget } = createTargets(dialect, baseUrl)
  const ownHeaders = { ...toHeaders(key), accept: '*/*' }
  const pay = createPayments({ clock, spend, record })
  let unsupportedUntilMs = Number.NEGATIVE_INFINITY

  /** Sends one request, and takes note of how it ended. */
  async function send(id: FileId, call: BytesCall): Promise<Bytes> {
    const { onSend, conclude } = await pay(call)
    try {
      const headers = { ...call.headers, ...ownHeaders }
      const url = baseUrl.origin + toTarget(id)
      const bytes = await read(await transfers.get(url, { headers, signal: call.signal, onSend }), id, call)
      conclude('OK')
      return bytes
    } catch (error) {
      if (error instanceof DayOver) return send(id, call)
      const known = toFileError(error, notice)
      if (known instanceof FileError) conclude(known.refused ? 'ABORTED' : known.code)
      throw known
    }
  }

  async function read(response: TransferResponse, id: FileId, { headers }: BytesCall): Promise<Bytes> {
    const { status, header, body } = response
    const error = await findError(response)
    const bytes = error ? undefined : toBytes(response, headers, notice)
    if (bytes) return bytes
    body.destroy()
    if (error?.code === 'UPSTREAM_UNSUPPORTED' && !isExempt(id)) {
      unsupportedUntilMs = clock.monotonicMs() + UNSUPPORTED_MS
      notice('the upstream does not give contents', {
        httpStatus: status,
        type: header('content-type') ?? 'none',
      })
    }
    throw error ?? toUpstreamError('UPSTREAM_BAD_RESPONSE', status)
  }

  async function findError(response: TransferResponse): Promise<FileError | undefined> {
    const { status, header, body } = response
    if (PASSED.has(status)) return undefined
    if (status >= 300 && status < 400) return unsupported(status)
    const start = toText((await body.peek(START_BYTES)).head)
    if (status === 200 && !start.startsWith('{')) {
      const isHtml = start.startsWith('<') && /^text\/html\b/i.test(header('content-type') ?? '')
      return isHtml ? unsupported(status) : undefined
    }
    const { head, isAll } = await body.peek(MAX_WAITING_BYTES)
    const text = isAll ? toText(head) : ''
    if (status === 200 && !isRefusal(text)) return undefined
    if (status === 404 && !isRefusal(text)) return unsupported(status)
    const options = { allowHttp: false, nowMs: clock.nowMs(), notice }
    const reading = readAnswer(parseBody(text), { status, header, body: text }, options, () => undefined)
    return 'failure' in reading ? reading.failure.error : undefined
  }

  return async (id, call) => {
    if (clock.monotonicMs() < unsupportedUntilMs && !isExempt(id))
      throw new FileError('UPSTREAM_UNSUPPORTED', { refused: true })
    return send(id, call)
  }
}

function unsupported(httpStatus: number): FileError {
  return toUpstreamError('UPSTREAM_UNSUPPORTED', httpStatus)
}

/** Without a byte order mark, and without blanks before it. */
function toText(bytes: Buffer): string {
  return new TextDecoder().decode(bytes).trimStart()
}
