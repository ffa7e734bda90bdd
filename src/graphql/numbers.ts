// Numbers in variables. They arrive as they were written, `1.0` as a text, since among them may be ids, which a double would
// round. Where the schema wants a number, they are made one.
import {
  GraphQLFloat,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'

/** The grammar's number (RFC 8259, 6), with a fraction or an exponent. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

type Values = Readonly<Record<string, unknown>>

/** The same variables; those that are or have a `Float` with numbers in its place. */
export function withNumbers(
  variables: Values,
  { variableDefinitions = [] }: OperationDefinitionNode,
  schema: GraphQLSchema,
): Values {
  const numbers: Record<string, unknown> = {}
  for (const { variable, type } of variableDefinitions) {
    const known = typeFromAST(schema, type as never)
    const { value: name } = variable.name
    if (known && isInputType(known) && Object.hasOwn(variables, name))
      numbers[name] = toNumbers(variables[name], known)
  }
  return { ...variables, ...numbers }
}

/** What has another shape than its type is left to GraphQL, which refuses it. */
function toNumbers(value: unknown, given: GraphQLInputType): unknown {
  const type = getNullableType(given)
  if (type === GraphQLFloat) return typeof value === 'string' && NUMBER.test(value) ? Number(value) : value
  if (isListType(type) && Array.isArray(value)) return value.map((each) => toNumbers(each, type.ofType))
  const named = getNamedType(type)
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return value
  const fields = named.getFields()
  const toMember = ([name, member]: [string, unknown]): [string, unknown] => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    return [name, field ? toNumbers(member, field.type) : member]
  }
  return Object.fromEntries(Object.entries(value).map(toMember))
}
