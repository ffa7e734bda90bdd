// Tracing, for an OpenTelemetry SDK that was registered before the start. Without one nothing of it is loaded, and every
// function here gives back what it gets.
import type { Files } from './file.js'
import type { GraphQL } from './graphql/server.js'
import type { Wire } from './wire/wire.js'

export type Tracing = {
  readonly graphql: (graphql: GraphQL) => GraphQL
  readonly files: (files: Files) => Files
  readonly wire: (wire: Wire, baseUrl: URL) => Wire
  /** Where the present work is traced, for a log line. */
  readonly toTrace: () => { readonly traceId?: string }
}

/** Where every copy of OpenTelemetry's API looks for what is registered, whichever package loaded it. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

export async function createTracing(): Promise<Tracing> {
  const { createSpans } =
    REGISTRY in globalThis ? await import('./spans.js') : { createSpans: () => undefined }
  return (
    createSpans() ?? {
      graphql: (graphql) => graphql,
      files: (files) => files,
      wire: (wire) => wire,
      toTrace: () => ({}),
    }
  )
}
