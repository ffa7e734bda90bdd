// Numbers in variables. Those with a fraction or an exponent arrive as the texts that the client wrote, since any of them may be an
// id, which a double would round. Here they become numbers where the schema wants numbers. In JSON `6.0` is the integer 6.
import {
  GraphQLFloat,
  type GraphQLInputType,
  GraphQLInt,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql'
import { scalars } from './scalars.js'

/** A number by JSON's grammar (RFC 8259, 6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

type Values = Readonly<Record<string, unknown>>

/** The same variables, with numbers for what is to be a `Float`, `Int` or `SafeInt`. */
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

/** A value that does not fit its type stays as it is: GraphQL refuses it. */
function toNumbers(value: unknown, given: GraphQLInputType): unknown {
  const type = getNullableType(given)
  if (typeof value === 'string') return isNumber(value, type) ? Number(value) : value
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

/** A text of digits alone is no integer: integers arrive as numbers. */
function isNumber(text: string, type: GraphQLInputType): boolean {
  const named = getNamedType(type)
  if (!NUMBER.test(text)) return false
  if (named !== GraphQLInt && named.name !== scalars.SafeInt.name) return named === GraphQLFloat
  return /[.eE]/.test(text) && Number.isInteger(Number(text))
}
