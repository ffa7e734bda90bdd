// compose.mjs: node compose.mjs > supergraph.graphql
import { readFileSync } from 'node:fs'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'

const { supergraphSdl, errors } = composeServices([
  {
    name: 'files',
    url: 'http://127.0.0.1:4000/graphql',
    typeDefs: parse(readFileSync('files.graphql', 'utf8')),
  },
  {
    name: 'videos',
    url: 'http://127.0.0.1:4001/graphql',
    typeDefs: parse(readFileSync('videos.graphql', 'utf8')),
  },
])
if (errors) throw new AggregateError(errors, 'The subgraphs do not compose.')
process.stdout.write(supergraphSdl)
