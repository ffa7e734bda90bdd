// A second subgraph: a catalogue of videos that knows of each video's file only its id.
import { readFileSync } from 'node:fs'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'

const typeDefs = readFileSync(new URL('../fixtures/videos.graphql', import.meta.url), 'utf8')

/** One video for each of these files, in their order, and one for each of these tasks, which has no file yet. */
export async function startCatalogue(fileIds: readonly string[], taskIds: readonly string[] = []) {
  const done = fileIds.map((id, at) => ({ title: `Video ${at}`, file: { id } }))
  const coming = taskIds.map((id, at) => ({ title: `Coming ${at}`, task: { id } }))
  const server = new ApolloServer({
    schema: buildSubgraphSchema({
      typeDefs: parse(typeDefs),
      resolvers: { Query: { videos: () => done, comingVideos: () => coming } },
    }),
    plugins: [ApolloServerPluginInlineTraceDisabled()], // it says so on standard output else
  })
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } })
  return { url, stop: () => server.stop() }
}
