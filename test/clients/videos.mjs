// videos.mjs: the other subgraph. Of a file it knows the id, and returns nothing else.
import { readFileSync } from 'node:fs'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'

const { PORT = '4001' } = process.env
const videos = [{ id: 'sunrise', file: { id: '437030092800001' } }]
const schema = buildSubgraphSchema({
  typeDefs: parse(readFileSync('videos.graphql', 'utf8')),
  resolvers: {
    Query: { videos: () => videos },
    Video: { __resolveReference: ({ id }) => videos.find((video) => video.id === id) },
  },
})
const listen = { host: '127.0.0.1', port: Number(PORT) }
const { url } = await startStandaloneServer(new ApolloServer({ schema }), { listen })
process.stdout.write(`GraphQL ${url}\n`)
