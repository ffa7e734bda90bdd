// The GraphQL layer alone, over a source and a clock of the test's own.
import type { Files } from '../../src/file.js'
import { createGraphQL, type GraphQLOptions } from '../../src/graphql/server.js'
import type { GraphQLAnswer } from './app.js'
import { createAsker, noContentLinks, noCreations, noTasks, noTicketsToUpload, toFiles } from './source.js'

type Answer = Omit<GraphQLAnswer, 'headers'> & {
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** What was reported as a fault of ours. */
  readonly faults: readonly unknown[]
}

/** Runs one operation; `requestId` is `r-1`. */
export async function execute(
  find: Files['find'],
  body: { readonly query: string; readonly variables?: unknown },
  options: Partial<GraphQLOptions> = {},
): Promise<Answer> {
  const faults: unknown[] = []
  const graphql = await createGraphQL(toFiles(find), {
    tasks: noTasks,
    creations: noCreations,
    maxLookups: 100,
    simulated: false,
    introspection: true,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    contentLinks: noContentLinks,
    uploading: noTicketsToUpload,
    parseJson: JSON.parse,
    nowMs: Date.now,
    audit() {},
    ...options,
  })
  const response = await graphql.execute(
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      search: '',
      body: JSON.parse(JSON.stringify(body)),
      takeStream: () => false,
    },
    {
      requestId: 'r-1',
      asker: createAsker(),
      mayWrite: true,
      name: null,
      report: (fault) => faults.push(fault),
    },
  )
  await graphql.stop()
  const { data, errors, extensions } = JSON.parse(response.body)
  return { ...response, headers: new Map(response.headers), data, errors, extensions, faults }
}
