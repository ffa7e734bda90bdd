// GET /v1/files/retrieve_content: the bytes for those who have the key. Each request is paid for. An error comes under 200
// as well, as JSON, which the user's own file may be too.
import type { Bytes, BytesCall, ContentSource } from '../bytes.js'
import type { FileError } from '../errors.js'
import { MAX_WAITING_BYTES, type TransferResponse, type Transfers } from '../wire/transfers.js'
import { WireError } from '../wire/wire.js'
import { isRefusal, parseBody, type Reading, readAnswer } from './answer.js'
import { type AskDependencies, createAsk } from './ask.js'
import { toBytes, toUpstreamError } from './bytes.js'
import type { ClientOptions } from './client.js'
import { type Failure, toTransportFailure } from './failure.js'
import { noteFailure } from './note.js'
import { createTargets, toHeaders } from './request.js'

export type ContentSourceDependencies = AskDependencies & { readonly transfers: Transfers }

export type ContentSourceOptions = ClientOptions & { readonly key: string }

/** Statuses of partial or empty content. Errors do not use them. */
const PASSED: ReadonlySet<number> = new Set([206, 304, 412, 416])
/** Enough to see how a body begins, after a byte order mark and white space. */
const START_BYTES = 64

/** Until the head of an answer is there, it is asked for as a look-up is. */
export function createContentSource(
  { transfers, ...dependencies }: ContentSourceDependencies,
  { key, dialect, baseUrl }: ContentSourceOptions,
): ContentSource {
  const { clock, notice } = dependencies
  const { content: toTarget } = createTargets(dialect, baseUrl)
  const ownHeaders = { ...toHeaders(key), accept: '*/*' }
  const ask = createAsk<TransferResponse, { readonly call: BytesCall }>(
    dependencies,
    ({ target, call }, attempt) =>
      transfers.get(baseUrl.origin + target, {
        headers: { ...call.headers, ...ownHeaders },
        signal: call.signal,
        onSend: () => {
          attempt.onTurn()
          attempt.onSent()
        },
      }),
  )

  async function read(response: TransferResponse, { headers, asker }: BytesCall): Promise<Reading<Bytes>> {
    const note = (error: FileError) => noteFailure(notice, error, asker.requestId)
    try {
      const failure = await findFailure(response)
      const value = failure ? undefined : toBytes(response, headers, note)
      if (value) return { value }
      response.body.destroy()
      return { failure: failure ?? failWith('UPSTREAM_BAD_RESPONSE', response) }
    } catch (error) {
      if (error instanceof WireError) return { failure: toTransportFailure(error) }
      throw error
    }
  }

  async function findFailure(response: TransferResponse): Promise<Failure | undefined> {
    const { status, header, body } = response
    if (PASSED.has(status)) return undefined
    if (status >= 300 && status < 400) return failWith('UPSTREAM_UNSUPPORTED', response)
    const start = toText((await body.peek(START_BYTES)).head)
    if (status === 200 && !start.startsWith('{')) {
      const isHtml = start.startsWith('<') && /^text\/html\b/i.test(header('content-type') ?? '')
      return isHtml ? failWith('UPSTREAM_UNSUPPORTED', response) : undefined
    }
    const { head, isAll } = await body.peek(MAX_WAITING_BYTES)
    const text = isAll ? toText(head) : ''
    if (status === 200 && !isRefusal(text)) return undefined
    if (status === 404 && !isRefusal(text)) return failWith('UPSTREAM_UNSUPPORTED', response)
    const options = { allowHttp: false, nowMs: clock.nowMs, notice }
    const reading = readAnswer(parseBody(text), { status, header, body: text }, options, () => undefined)
    return 'failure' in reading ? reading.failure : undefined
  }

  return (id, call, lookup) =>
    ask({ target: toTarget(id), call, read: (response) => read(response, call) }, lookup)
}

/** Of what another attempt would not mend. */
function failWith(code: Parameters<typeof toUpstreamError>[0], { status }: TransferResponse): Failure {
  return { error: toUpstreamError(code, status), retries: 0, kind: 'other' }
}

/** The text without a byte order mark and leading white space. */
function toText(bytes: Buffer): string {
  return new TextDecoder().decode(bytes).trimStart()
}
