// GET /v1/files/retrieve_content: the bytes of a file, with our key. Each request is paid for. A failure may come with status
// 200, as JSON; but the user's file may be JSON too.
import type { Bytes, BytesCall, ContentSource } from '../bytes.js'
import type { FileError } from '../errors.js'
import { MAX_WAITING_BYTES, type TransferResponse, type Transfers } from '../wire/transfers.js'
import { WireError } from '../wire/wire.js'
import { isFailureBody, parseBody, type Reading, readAnswer } from './answer.js'
import { type AskDependencies, createAsk } from './ask.js'
import { toBytes, toUpstreamError } from './bytes.js'
import type { ClientOptions } from './client.js'
import { type Failure, toFinal, toTransportFailure } from './failure.js'
import { noteFailure } from './note.js'
import { createTargets, toHeaders } from './request.js'

export type ContentSourceDependencies = AskDependencies & { readonly transfers: Transfers }

export type ContentSourceOptions = ClientOptions & { readonly key: string }

/** Statuses of partial or empty content. Errors do not use them. */
const PART_STATUSES: ReadonlySet<number> = new Set([206, 304, 412, 416])
/** Enough to see how a body begins, after a byte order mark and white space. */
const START_BYTES = 64

/** Until the head of the answer has come, deadline and retries are those of a look-up. */
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
      return { failure: failure ?? toFinal(toUpstreamError('UPSTREAM_BAD_RESPONSE', response.status)) }
    } catch (error) {
      if (error instanceof WireError) return { failure: toTransportFailure(error) }
      throw error
    }
  }

  /** `undefined` where the body is the content. */
  async function findFailure({ status, header, body }: TransferResponse): Promise<Failure | undefined> {
    if (PART_STATUSES.has(status)) return undefined
    const start = toText((await body.peek(START_BYTES)).head)
    const isPage = start.startsWith('<') && /^text\/html\b/i.test(header('content-type') ?? '')
    if (status === 200 && !isPage && !start.startsWith('{')) return undefined
    const { head, isAll } = await body.peek(MAX_WAITING_BYTES)
    const text = toText(head)
    if (status === 200 && !isPage && !(isAll && isFailureBody(text))) return undefined
    const options = { allowHttp: false, nowMs: clock.nowMs, notice, mayLack: true }
    const answer = isAll ? parseBody(text) : undefined
    const reading = readAnswer(answer, { status, header, body: text }, options, () => undefined)
    return 'failure' in reading ? reading.failure : undefined
  }

  return (id, call, lookup) =>
    ask({ target: toTarget(id), call, read: (response) => read(response, call) }, lookup)
}

/** The text without a byte order mark and leading white space. */
function toText(bytes: Buffer): string {
  return new TextDecoder().decode(bytes).trimStart()
}
