// Spans of operations, look-ups and upstream calls. No span holds a query, a variable, a link, a key or a URL.
import {
  context,
  ProxyTracerProvider,
  propagation,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { FileError } from './errors.js'
import type { Files } from './file.js'
import type { GraphQL, Summary } from './graphql/server.js'
import type { Transfers } from './wire/transfers.js'
import type { Wire } from './wire/wire.js'

export type Tracing = {
  readonly graphql: (graphql: GraphQL) => GraphQL
  readonly files: (files: Files) => Files
  readonly wire: (wire: Wire, baseUrl: URL) => Wire
  /** Uploads, and downloads with the account's key. */
  readonly transfers: (transfers: Transfers, baseUrl: URL) => Transfers
  /** Where the present work is traced, for a log line. */
  readonly toTrace: () => { readonly traceId?: string }
}

/** Nothing, unless an SDK is registered. */
export function createSpans(): Tracing | undefined {
  if (!isRegistered()) return undefined
  const tracer = trace.getTracer('minimax-files-graphql')
  return {
    graphql: (graphql) => ({
      ...graphql,
      run: () => undefined, // what is traced goes the whole way: the caller's own span stands in its headers
      execute: traceExecute(graphql.execute, tracer),
    }),
    files: (files) => ({
      ...files,
      find: traceFind(files.find, tracer),
      refresh: traceFind(files.refresh, tracer),
      await: traceFind(files.await, tracer),
    }),
    wire: (wire, baseUrl) => {
      const trace = createRequestTrace(baseUrl, tracer)
      return { ...wire, get: trace('GET', wire.get), post: trace('POST', wire.post) }
    },
    transfers: (transfers, baseUrl) => {
      const trace = createRequestTrace(baseUrl, tracer)
      return { ...transfers, get: trace('GET', transfers.get), post: trace('POST', transfers.post) }
    },
    toTrace: () => {
      const span = trace.getActiveSpan()
      return span ? { traceId: span.spanContext().traceId } : {}
    },
  }
}

/** Until an SDK is registered, the API's own provider stands in for it with one that does nothing. */
function isRegistered(): boolean {
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== idle.getDelegate()
}

const idle = new ProxyTracerProvider()

function traceExecute(execute: GraphQL['execute'], tracer: Tracer): GraphQL['execute'] {
  return (request, caller) => {
    // An HTTP instrumentation has read the caller's headers already, and its span is the parent.
    const active = context.active()
    const parent = trace.getSpan(active) ? active : propagation.extract(active, request.headers)
    const attributes = { 'files.request_id': caller.requestId }
    return context.with(parent, () =>
      withSpan(tracer, 'GraphQL Operation', { kind: SpanKind.SERVER, attributes }, async (span) => {
        const response = await execute(request, caller)
        const { traceId } = span.spanContext()
        describeOperation(span, response.summary)
        return { ...response, summary: withTrace(response.summary, traceId) }
      }),
    )
  }
}

/** A summary that still grows goes on to do so. */
function withTrace(summary: Summary, traceId: string): Summary {
  return Object.defineProperty(summary, 'traceId', { value: traceId, enumerable: true })
}

/** A failure that is the client's own does not make the span a failed one; no more does a missing file. */
function describeOperation(span: Span, { type, operation, lookups, calls, usd, codes }: Summary): void {
  if (type !== null) span.updateName(type).setAttribute('graphql.operation.type', type)
  if (operation !== null) span.setAttribute('graphql.operation.name', operation)
  span.setAttributes({ 'files.lookups': lookups, 'files.calls': calls, 'files.usd': usd })
  const [code] = codes
  if (code !== undefined) span.setAttributes({ 'error.type': code, 'files.codes': [...codes] })
  if (codes.some((each) => each === 'INTERNAL_SERVER_ERROR' || each.startsWith('UPSTREAM_')))
    span.setStatus({ code: SpanStatusCode.ERROR })
}

function traceFind(find: Files['find'], tracer: Tracer): Files['find'] {
  return (id, call) =>
    withSpan(tracer, 'file look-up', { attributes: { 'files.id': id } }, () => find(id, call))
}

type Send<Request extends unknown[], Response> = (...request: Request) => Promise<Response>

/** A span for each request, until its answer is there; for a transfer, until the head of its answer is. */
function createRequestTrace({ hostname, port, protocol }: URL, tracer: Tracer) {
  const server = {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  }
  return <Request extends unknown[], Response extends { readonly status: number }>(
    method: string,
    send: Send<Request, Response>,
  ): Send<Request, Response> => {
    const options = { kind: SpanKind.CLIENT, attributes: { 'http.request.method': method, ...server } }
    return (...request) =>
      withSpan(tracer, method, options, async (span) => {
        const response = await send(...request)
        span.setAttribute('http.response.status_code', response.status)
        if (response.status >= 400) fail(span, String(response.status))
        return response
      })
  }
}

/** Runs in a span of its own, which ends with it. */
function withSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await run(span)
    } catch (error) {
      const type = toErrorType(error)
      if (type === 'FILE_NOT_FOUND') span.setAttribute('error.type', type)
      else fail(span, type)
      throw error
    } finally {
      span.end()
    }
  })
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR })
}

/** Its code or its kind: an error's words may quote anything. */
function toErrorType(error: unknown): string {
  if (error instanceof FileError) return error.code
  if (error instanceof Error && 'failure' in error) return String(error.failure)
  return error instanceof Error ? error.name : '_OTHER'
}
