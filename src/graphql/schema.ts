// The executable schema: the SDL of schema/, its resolvers, and what federation adds.
import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, parse } from 'graphql'
import { _Any, guardEntities } from './entities.js'
import { resolvers } from './resolvers.js'

// The same place from src/graphql/ and from dist/graphql/.
const folder = new URL('../../schema/', import.meta.url)

/** The SDL as one text, in the order of the files' names. */
function readTypeDefs(): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  return files
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
}

export function createSchema(): GraphQLSchema {
  const schema = buildSubgraphSchema({
    typeDefs: parse(readTypeDefs()),
    resolvers: { ...resolvers, _Any } as never,
  })
  guardEntities(schema)
  return schema
}
