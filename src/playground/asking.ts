// Writes an operation for one root field, from the schema: with variables for the required arguments, and all fields of its
// type that need none.
import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql'
import type { Operation } from './operation.js'

const KINDS = ['query', 'mutation', 'subscription']
const MAX_DEPTH = 3

type Field = GraphQLField<unknown, unknown>

/** `root` is 0 for a field of Query, 1 for Mutation, 2 for Subscription. */
export function toAsking(root: number, field: Field): Operation {
  const args = field.args.filter(
    ({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined,
  )
  const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const given = args.map(({ name }) => `${name}: $${name}`).join(', ')
  const title = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`
  const query = `${KINDS[root]} ${title}${declared && `(${declared})`} {
  ${field.name}${given && `(${given})`}${toSelection(field.type, '  ', MAX_DEPTH)}
}`
  const variables = Object.fromEntries(args.map(({ name }) => [name, null]))
  return { query, variables: args.length > 0 ? JSON.stringify(variables, null, 2) : '' }
}

function toSelection(type: GraphQLOutputType, indent: string, depth: number): string {
  const named = getNamedType(type)
  if (isLeafType(named)) return ''
  const inner = `${indent}  `
  const lines = isUnionType(named)
    ? [
        '__typename',
        ...named.getTypes().map((each) => `... on ${each.name}${toSelection(each, inner, depth)}`),
      ]
    : isObjectType(named) || isInterfaceType(named)
      ? Object.values(named.getFields()).flatMap((field) => toLine(field, inner, depth))
      : []
  return ` {\n${inner}${(lines.length > 0 ? lines : ['__typename']).join(`\n${inner}`)}\n${indent}}`
}

function toLine({ name, type, args }: Field, indent: string, depth: number): string[] {
  if (args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) return []
  if (isLeafType(getNamedType(type))) return [name]
  return depth > 1 ? [`${name}${toSelection(type, indent, depth - 1)}`] : []
}
