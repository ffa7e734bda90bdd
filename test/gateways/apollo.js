// @apollo/gateway under Apollo Server, composed from the running subgraphs. Prints where it serves.
import { ApolloGateway, IntrospectAndCompose, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'

const { FILES_URL, VIDEOS_URL, FILES_TOKEN } = process.env

class FilesDataSource extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    request.http.headers.set('Router-Authorization', FILES_TOKEN)
    if (context.requestId) request.http.headers.set('x-request-id', context.requestId)
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: new IntrospectAndCompose({
    subgraphs: [
      { name: 'files', url: FILES_URL },
      { name: 'videos', url: VIDEOS_URL },
    ],
  }),
  buildService: ({ name, url }) =>
    name === 'files' ? new FilesDataSource({ url }) : new RemoteGraphQLDataSource({ url }),
})
const server = new ApolloServer({ gateway })
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: 0 },
  context: async ({ req }) => ({ requestId: req.headers['x-request-id'] }),
})
process.stdout.write(`GraphQL ${url}\n`)
