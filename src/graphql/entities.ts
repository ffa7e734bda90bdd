// Corrects what @apollo/subgraph adds to the schema: numbers in representations stay exact, the number of representations is limited,
// and each one fails by itself.
import {
  GraphQLError,
  GraphQLScalarType,
  type GraphQLSchema,
  isUnionType,
  Kind,
  type ValueNode,
} from 'graphql'
import type { Context } from './context.js'
import { charge } from './resolvers.js'

/**
 * A representation written into the query text. The stock scalar rounds a number such as 9007199254740993 to
 * another file's id; this one keeps each number as the text that stands in the query.
 */
export const _Any = new GraphQLScalarType({
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

/**
 * Wraps the standard resolver of `_entities`, for two reasons. Nothing else limits it: 20,000 representations pass every limit on
 * the document. And it throws at the first representation of an unknown type, which would null all of them.
 */
export function guardEntities(schema: GraphQLSchema): void {
  const field = schema.getQueryType()?.getFields()._entities
  const resolve = field?.resolve
  const union = schema.getType('_Entity')
  if (!field || !resolve || !isUnionType(union)) throw new Error('The schema has no entities.')
  const names = new Set<unknown>(union.getTypes().map(({ name }) => name))

  field.resolve = async (
    source,
    { representations }: { representations: readonly unknown[] },
    context: Context,
    info,
  ) => {
    const turn = charge(representations.length, context, info)
    context.reuse.tagEntities(representations)
    const entities = representations.map(async (representation) => {
      if (!names.has(toTypename(representation))) throw toUnknown()
      const [entity] = resolve(source, { representations: [representation] }, context, info) as unknown[]
      return entity
    })
    await Promise.allSettled(entities) // GraphQL reports each failure at its index
    await turn()
    return entities
  }
}

function toTypename(representation: unknown): unknown {
  return (representation as { __typename?: unknown } | null)?.__typename
}

function toUnknown(): GraphQLError {
  return new GraphQLError('The type of the representation is not an entity of this subgraph.', {
    extensions: { code: 'BAD_USER_INPUT' },
  })
}
