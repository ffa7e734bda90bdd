// Spans of operations, look-ups and upstream calls, for an OpenTelemetry SDK that was registered before the start.
// Without one, every function here gives back what it gets. No span holds a query, a variable, a link, a key or a URL.
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
import type { FileSource } from './file.js'
import type { GraphQL, Summary } from './graphql/server.js'
import type { Wire } from './wire/wire.js'

export type Tracing = {
  readonly graphql: (graphql: GraphQL) => GraphQL
  readonly source: (files: FileSource) => FileSource
  readonly wire: (wire: Wire, baseUrl: URL) => Wire
}

export function createTracing(): Tracing {
  if (!isRegistered())
    return { graphql: (graphql) => graphql, source: (files) => files, wire: (wire) => wire }
  const tracer = trace.getTracer('minimax-files-graphql')
  return {
    graphql: (graphql) => ({
      ...graphql,
      run: () => undefined, // what is traced goes the whole way: the caller's own span stands in its headers
      execute: traceExecute(graphql.execute, tracer),
    }),
    source: (files) => traceSource(files, tracer),
    wire: (wire, baseUrl) => ({ ...wire, get: traceGet(wire.get, baseUrl, tracer) }),
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
        return { ...response, summary: { ...response.summary, traceId } }
      }),
    )
  }
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

function traceSource(files: FileSource, tracer: Tracer): FileSource {
  return (id, call) =>
    withSpan(tracer, 'file look-up', { attributes: { 'files.id': id } }, () => files(id, call))
}

function traceGet(get: Wire['get'], { hostname, port, protocol }: URL, tracer: Tracer): Wire['get'] {
  const attributes = {
    'http.request.method': 'GET',
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  }
  return (target, headers, call) =>
    withSpan(tracer, 'GET', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const response = await get(target, headers, call)
      span.setAttribute('http.response.status_code', response.status)
      if (response.status >= 400) fail(span, String(response.status))
      return response
    })
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
