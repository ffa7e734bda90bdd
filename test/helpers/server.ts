// HTTP and GraphQL over a source of the test's own, without a client and an upstream below.
import { onTestFinished } from 'vitest'
import type { Files } from '../../src/file.js'
import type { ContextOptions } from '../../src/graphql/context.js'
import { createGraphQL } from '../../src/graphql/server.js'
import { HTTP_LIMITS, type Limits } from '../../src/http/limits.js'
import { createServer, type ServerOptions } from '../../src/http/server.js'
import { createLog } from '../../src/log.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import { parseExactJson } from '../../src/wire/json.js'
import type { GraphQLAnswer } from './app.js'
import {
  noContent,
  noContentLinks,
  noCreations,
  noTasks,
  noTickets,
  noTicketsToUpload,
  noUploading,
  toFiles,
} from './source.js'

type Options = {
  readonly tasks?: ContextOptions['tasks']
  readonly more?: Partial<ServerOptions>
  /** Takes the log's lines; without it there are none. */
  readonly log?: (line: string) => void
}

/** Starts it on a free port, with some limits lower than they are. Closed when the test ends. */
export async function startServer(
  find: Files['find'],
  limits: Partial<Limits> = {},
  { tasks = noTasks, log, more }: Options = {},
) {
  const logger = log ? createLog('info', { write: log }) : createLog('silent')
  const graphql = await createGraphQL(toFiles(find), {
    tasks,
    creations: noCreations,
    maxLookups: 5,
    simulated: false,
    introspection: true,
    logger,
    contentLinks: noContentLinks,
    uploading: noTicketsToUpload,
    parseJson: parseExactJson,
    nowMs: Date.now,
    audit() {},
  })
  const server = await createServer({
    graphql,
    content: noContent,
    tickets: noTickets,
    uploading: noUploading,
    parseJson: parseExactJson,
    metrics: createMetrics({ priceMicroUsd: 4000, version: '0' }),
    logger,
    degradations: () => [],
    limits: { ...HTTP_LIMITS, ...limits },
    ...more,
  })
  const url = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}`
  onTestFinished(async () => {
    await server.close(0)
    await graphql.stop()
  })

  /** One GraphQL operation by POST. */
  async function query(text: string, variables?: unknown): Promise<GraphQLAnswer> {
    const body = JSON.stringify({ query: text, variables })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
    const answer = (await response.json()) as Pick<GraphQLAnswer, 'data' | 'errors' | 'extensions'>
    return { status: response.status, headers: response.headers, ...answer }
  }
  return { url, query, close: server.close }
}
