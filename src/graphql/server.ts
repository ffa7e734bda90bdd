// GraphQL over HTTP messages, without the HTTP server: request in, response out. Owns Apollo Server.
import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql'
import type { Files } from '../file.js'
import {
  type Begun,
  type Caller,
  type Context,
  type ContextOptions,
  createContext,
  MAX_NAME_LENGTH,
  type Spent,
  type Summary,
} from './context.js'
import { createDocumentStore, createTextStore } from './documents.js'
import { isFault, maskError, sign } from './failure.js'
import { DOCUMENT_LIMITS, limitRule } from './limits.js'
import { chooseDelivery, chooseStatus } from './media.js'
import { withoutBlankParameters, withoutBlanks } from './message.js'
import { createNullPlugin } from './nulls.js'
import { withNumbers } from './numbers.js'
import { inOrder } from './order.js'
import { createDocuments, type Documents } from './plan/documents.js'
import type { ParseJson } from './plan/request.js'
import { createRun, type Run } from './plan/run.js'
import type { GraphQLResponse } from './response.js'
import { createReusePlugin } from './reuse.js'
import { createSchema } from './schema.js'
import { createSubscriptionPlugin, toStream } from './subscription.js'
import { createTurns } from './turn.js'
import { checkUnconditional } from './unconditional.js'
import { reword } from './wording.js'

type GraphQLRequest = {
  readonly method: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The raw query string with its `?`, or nothing. */
  readonly search: string
  /** The parsed body of a POST. */
  readonly body: unknown
  /** Takes a place for a stream of events, if there is one. */
  readonly takeStream: () => boolean
}

/** `extensions.cost` of a response: what the operation made us send upstream. */
type Cost = { readonly calls: number; readonly usd: number; readonly simulated?: true }

export type { Summary } from './context.js'
export type { FastResponse } from './plan/run.js'
export type { Events } from './response.js'

export type GraphQL = {
  /**
   * Answers the body of a POST the fast way if it can: at once where nothing has to be waited for. `undefined`: it has to
   * go the whole way, by `execute`, with the same `caller`: what was looked up for it by then is not looked up again.
   */
  readonly run: Run
  /** The whole way. */
  execute(request: GraphQLRequest, caller: Caller): Promise<GraphQLResponse>
  /** `extensions.cost` of what was sent; of nothing, for a response that never reached an operation. */
  toCost(spent?: Spent): Cost
  stop(): Promise<void>
}

export type GraphQLOptions = ContextOptions & {
  /** The sandbox serves, so nothing is really paid. */
  readonly simulated: boolean
  readonly introspection: boolean
  readonly logger: Logger
  /** Parses the body of a request. Keeps ids exact that a double would round. */
  readonly parseJson: ParseJson
}

const NOTHING: Spent = { calls: 0, microUsd: 0 }

/** Where Apollo Server's own notes go; pino fits. */
type Logger = Record<'debug' | 'info' | 'warn' | 'error', (message?: unknown) => void>

export async function createGraphQL(files: Files, options: GraphQLOptions): Promise<GraphQL> {
  const toCost = ({ calls, microUsd }: Spent = NOTHING): Cost => ({
    calls,
    usd: microUsd / 1e6,
    ...(options.simulated ? { simulated: true } : {}),
  })
  const toSummary = ({ trail, meter: { calls, microUsd } }: Context): Summary => ({
    ...trail,
    calls,
    usd: microUsd / 1e6,
    codes: [...trail.codes],
    way: 'apollo',
  })
  const schema = createSchema()
  const documents = createDocuments(schema)
  const apollo = createApollo(schema, documents, options, toCost)
  const takeTurn = createTurns()
  /** What the fast way has done for a caller before `execute` takes over. */
  const begun = new WeakMap<Caller, Begun>()
  const run = createRun(
    {
      ...options,
      files,
      documents,
      takeTurn,
      writeCost: (spent) => JSON.stringify(toCost(spent)),
      handOver: (caller, each) => begun.set(caller, each),
    },
    options,
  )
  await apollo.start()
  return {
    run,
    toCost,
    stop: () => apollo.stop(),
    execute: async (request, caller) => {
      const { takeStream } = request
      const context = createContext(files, caller, { ...options, takeTurn, takeStream }, begun.get(caller))
      const httpGraphQLRequest = {
        method: request.method,
        headers: toHeaderMap(request.headers),
        search: withoutBlankParameters(request.search),
        body: withoutBlanks(request.body),
      }
      const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest,
        context: async () => {
          chooseDelivery(request.method, httpGraphQLRequest.headers.get('accept'), context)
          checkUnconditional(findText(request), context.mediaType)
          return context
        },
      })
      if (body.kind !== 'complete') throw new Error('Incremental delivery is not enabled, yet was chosen.')
      const { results } = context.delivery
      if (results) return toStream(results, context, toCost)
      const isSigned = context.trail.codes.size > 0 || !body.string.startsWith('{"errors":')
      const text = isSigned ? body.string : signRefusal(body.string, context)
      return { status: status ?? 200, headers, body: text, summary: toSummary(context) }
    },
  }
}

function createApollo(
  schema: GraphQLSchema,
  documents: Documents,
  { introspection, logger, nowMs }: GraphQLOptions,
  toCost: GraphQL['toCost'],
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    logger,
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    includeStacktraceInErrorResponses: false,
    csrfPrevention: true,
    persistedQueries: { cache: createTextStore() },
    documentStore: createDocumentStore(),
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => maskError(reword(formatted, error), error),
    parseOptions: { maxTokens: DOCUMENT_LIMITS.tokens },
    // Runs after GraphQL's own rules and the one on selections, which are safe for any document.
    validationRules: [limitRule],
    validationOptions: { maxErrors: DOCUMENT_LIMITS.validationErrors },
    executionOptions: { maxCoercionErrors: DOCUMENT_LIMITS.coercionErrors },
    maxRecursiveSelections: DOCUMENT_LIMITS.selections,
    stringifyResult: (result) =>
      JSON.stringify({ ...result, extensions: result.extensions ?? { cost: toCost() } }),
    plugins: [
      // Apollo turns tracing and reporting on by itself, by environment variables and router headers.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      createResponsePlugin(toCost),
      createReusePlugin(nowMs),
      createNullPlugin(),
      createSubscriptionPlugin(),
      createLearningPlugin(documents),
    ],
  })
}

/** Adds to each response what it cost and, to each error, the id to quote; reports what the client sees masked. */
function createResponsePlugin(toCost: GraphQL['toCost']): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async ({ contextValue }) => ({
      didResolveOperation: async ({ request, schema, operation, operationName }) => {
        contextValue.trail.type = operation?.operation ?? null
        contextValue.trail.operation = operationName?.slice(0, MAX_NAME_LENGTH) ?? null
        if (operation && request.variables)
          request.variables = withNumbers(request.variables, operation, schema)
      },
      executionDidStart: async () => ({ executionDidEnd: async () => contextValue.end() }),
      didEncounterErrors: async ({ errors }) => {
        for (const error of errors) if (isFault(error)) contextValue.report(error)
      },
      willSendResponse: async ({ response }) => {
        if (response.body.kind !== 'single') return
        const { singleResult } = response.body
        const { mediaType } = contextValue
        response.http.headers.set('content-type', mediaType)
        response.http.status = chooseStatus(mediaType, response.http.status ?? 200, singleResult.errors ?? [])
        singleResult.extensions = { ...singleResult.extensions, cost: toCost(contextValue.meter) }
        if (singleResult.errors === undefined) return
        singleResult.errors = sign(inOrder(singleResult.errors, singleResult.data), contextValue)
      },
    }),
  }
}

/** What runs has passed all limits: the next time it may be run without Apollo Server. */
function createLearningPlugin(documents: Documents): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      executionDidStart: async ({ source, queryHash, metrics }) => {
        const isPersisted = metrics.persistedQueryHit || metrics.persistedQueryRegister
        documents.learn(source, isPersisted ? queryHash : undefined)
      },
    }),
  }
}

/** Signs the errors that Apollo Server makes before there is an operation, such as for a batch: no plug-in sees those. */
function signRefusal(text: string, context: Context): string {
  const { errors, ...rest } = JSON.parse(text) as { readonly errors: readonly GraphQLFormattedError[] }
  return JSON.stringify({ errors: sign(errors, context), ...rest })
}

/** The text of the document, if it comes with the request. */
function findText({ method, search, body }: GraphQLRequest): unknown {
  if (method === 'GET') return new URLSearchParams(search).get('query')
  return (body as { readonly query?: unknown } | null | undefined)?.query
}

function toHeaderMap(headers: GraphQLRequest['headers']): HeaderMap {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : String(value))
  }
  return map
}
