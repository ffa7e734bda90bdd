// What one would write by hand: Apollo Server with a resolver that fetches, and nothing of what this server adds.
// It asks the upstream if it is told one, else it has the answer at hand.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { toFileBody } from './upstream.js'

const upstream = process.env.UPSTREAM_URL

async function ask(id: string): Promise<string> {
  if (upstream === undefined) return toFileBody(id)
  const response = await fetch(`${upstream}/v1/files/retrieve?file_id=${id}`)
  return response.text()
}

const server = new ApolloServer({
  typeDefs: `
    type Query { file(id: ID!): File }
    type File { id: ID! filename: String downloadUrl: String }
  `,
  resolvers: {
    Query: {
      file: async (_: unknown, { id }: { id: string }) => {
        const { file } = JSON.parse(await ask(id)) as { file: Record<string, unknown> }
        return { id, filename: file.filename, downloadUrl: file.download_url }
      },
    },
  },
})
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' } })
process.stdout.write(`GraphQL   ${url}\n`)
