// The executable schema: the SDL of schema/, its resolvers, and two corrections to what federation adds.
import { readdirSync, readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLScalarType, type GraphQLSchema, Kind, parse, type ValueNode } from 'graphql'
import type { Context } from './context.js'
import { admit, resolvers } from './resolvers.js'

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
  admitEntities(schema)
  return schema
}

/**
 * A representation written into the query text. The stock scalar rounds a number such as 9007199254740993 to
 * another file's id; this one keeps each number as the text that stands in the query.
 */
const _Any = new GraphQLScalarType({
  name: '_Any',
  parseValue: (value) => value,
  parseLiteral: toExactValue,
})

function toExactValue(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, toExactValue(field.value, variables)]),
      )
    case Kind.LIST:
      return node.values.map((value) => toExactValue(value, variables))
    case Kind.VARIABLE:
      return variables?.[node.name.value]
    case Kind.NULL:
      return null
    default:
      return node.value
  }
}

/** Nothing else limits `_entities`: 20,000 representations pass every limit on the document. */
function admitEntities(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities
  const resolve = field?.resolve
  if (!field || !resolve) throw new Error('The schema has no entities.')
  field.resolve = (source, args: { representations: readonly unknown[] }, context: Context, info) => {
    admit(args.representations.length, context)
    return resolve(source, args, context, info)
  }
}
