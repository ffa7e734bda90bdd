// Subscriptions. Apollo Server parses and validates them as any operation, but cannot run them, so they are run here; their results
// become the texts of events.
import type { ApolloServerPlugin } from '@apollo/server'
import { HeaderMap } from '@apollo/server'
import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  subscribe,
} from 'graphql'
import type { Context, Spent, Summary } from './context.js'
import { formatError, sign, toGraphQLError } from './failure.js'
import { DOCUMENT_LIMITS } from './limits.js'
import type { Events, GraphQLResponse } from './response.js'

/** Starts a subscription once everything about it was checked. Queries and mutations are not answered as a stream. */
export function createSubscriptionPlugin(): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, operation, request: { variables = {} }, contextValue }) => {
        const { takesJson, takesEvents, takeStream } = contextValue.delivery
        if (operation === undefined) return // Apollo Server reports that later
        if (operation.operation !== 'subscription') {
          if (!takesJson) throw toRefusal('Only subscriptions are answered as text/event-stream.', 406)
          return
        }
        if (!takesEvents) throw toUnanswerable(operation)
        checkVariables(schema, operation, variables)
        if (!takeStream()) throw toBusy()
      },
      responseForOperation: async ({
        schema,
        document,
        operation,
        operationName,
        request: { variables },
        contextValue,
      }) => {
        if (operation?.operation !== 'subscription') return null
        contextValue.delivery.results = await subscribe({
          schema,
          document,
          operationName,
          variableValues: variables,
          contextValue,
        })
        return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult: { data: null } } }
      },
    }),
  }
}

/** Otherwise GraphQL would find it out when the subscription starts, too late for Apollo Server to report it. */
function checkVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): void {
  const { errors } = getVariableValues(schema, variableDefinitions, variables, {
    maxErrors: DOCUMENT_LIMITS.coercionErrors,
  })
  const [error] = errors ?? []
  if (error === undefined) return
  const { message, nodes = null, extensions } = error
  throw new GraphQLError(message, {
    nodes,
    extensions: { ...extensions, code: 'BAD_USER_INPUT', http: { status: 400 } },
  })
}

function toUnanswerable(operation: OperationDefinitionNode): GraphQLError {
  const message = 'Subscriptions are answered as server-sent events: POST with "Accept: text/event-stream".'
  const extensions = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } }
  return new GraphQLError(message, { nodes: [operation], extensions })
}

function toRefusal(message: string, status: number): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status } } })
}

function toBusy(): GraphQLError {
  const http = { status: 503, headers: new HeaderMap([['retry-after', '1']]) }
  return new GraphQLError('The server has reached its limit of subscriptions. Retry soon.', {
    extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true, retryAfterSeconds: 1, http },
  })
}

type Results = AsyncIterator<ExecutionResult> | ExecutionResult
type ToCost = (spent: Spent) => { readonly usd: number }

/** The response for a subscription. Its summary changes as long as results come. */
export function toStream(results: Results, context: Context, toCost: ToCost): GraphQLResponse {
  const { trail, meter } = context
  const summary: Summary = {
    operation: trail.operation,
    type: trail.type,
    way: 'events',
    get lookups() {
      return trail.lookups
    },
    get calls() {
      return meter.calls
    },
    get usd() {
      return toCost(meter).usd
    },
    get codes() {
      return [...trail.codes]
    },
  }
  const events = toEvents(results, context, () => toCost(meter))
  return { status: 200, headers: [['content-type', EVENTS]], body: '', events, summary }
}

const EVENTS = 'text/event-stream; charset=utf-8'

/** `cost` returns what the operation has cost so far. */
function toEvents(results: Results, context: Context, cost: () => unknown): Events {
  const iterator = 'next' in results ? results : once(results)

  function toText({ errors, ...result }: ExecutionResult): string {
    const told =
      errors &&
      sign(
        errors.map((error) => formatError(error, context)),
        context,
      )
    return JSON.stringify({ ...(told && { errors: told }), ...result, extensions: { cost: cost() } })
  }

  const events: Events = {
    next: async () => {
      try {
        const { done, value } = await iterator.next()
        return done ? END : { done: false, value: toText(value) }
      } catch (error) {
        context.report(error)
        await iterator.return?.()
        return { done: false, value: toText({ errors: [toGraphQLError(error, context)] }) }
      }
    },
    return: async () => {
      await iterator.return?.()
      return END
    },
    toLast: (code, message) => {
      const extensions = { code, retryable: true, retryAfterSeconds: 1 }
      return toText({ errors: [new GraphQLError(message, { extensions })] })
    },
    [Symbol.asyncIterator]: () => events,
  }
  return events
}

const END = { done: true, value: undefined } as const

/** An iterator over one value. */
export async function* once<T>(value: T): AsyncGenerator<T, undefined> {
  yield value
}
