// Reads variables and arguments as GraphQL would. Values that do not fit are left to GraphQL, which reports why.
import {
  type ArgumentNode,
  coerceInputValue,
  GraphQLID,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isListType,
  isNonNullType,
  isScalarType,
  Kind,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
} from 'graphql'

/** By their place in the operation; `undefined` for what was not given. */
export type Values = readonly unknown[]
/** `undefined` where it is not given, or does not fit. */
export type Read = (values: Values) => unknown

export type Variables = {
  readonly names: readonly string[]
  /** `undefined` if one does not fit. */
  read(given: Readonly<Record<string, unknown>> | undefined): Values | undefined
}

type Variable = {
  readonly name: string
  readonly isRequired: boolean
  readonly fallback: unknown
  readonly coerce: (value: unknown) => unknown
}

export function compileVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): Variables | undefined {
  const variables: Variable[] = []
  for (const { variable, type: typeNode, defaultValue } of definitions) {
    const type = typeFromAST(schema, typeNode)
    // An object may have a variable of the second name, but not by writing it down.
    if (!isInputType(type) || variable.name.value === '__proto__') return undefined
    const fallback = defaultValue && valueFromAST(defaultValue, type)
    const isRequired = isNonNullType(type)
    variables.push({ name: variable.name.value, isRequired, fallback, coerce: toCoerce(type) })
  }
  return { names: variables.map(({ name }) => name), read: (given = {}) => readAll(variables, given) }
}

function readAll(
  variables: readonly Variable[],
  given: Readonly<Record<string, unknown>>,
): Values | undefined {
  const values: unknown[] = []
  for (const { name, isRequired, fallback, coerce } of variables) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    const coerced = value === undefined || value === null ? value : coerce(value)
    if (value === undefined) {
      if (isRequired && fallback === undefined) return undefined
      values.push(fallback)
    } else if (coerced === undefined || (coerced === null && isRequired)) return undefined
    else values.push(coerced)
  }
  return values
}

/** A fast path for the most common values; GraphQL itself for the rest. */
function toCoerce(type: GraphQLInputType): (value: unknown) => unknown {
  const nullable = isNonNullType(type) ? type.ofType : type
  if (nullable === GraphQLID)
    return (value) => (typeof value === 'string' ? value : coerceSlowly(value, type))
  if (isScalarType(nullable) && nullable.name === '_Any') return (value) => value
  if (!isListType(nullable)) return (value) => coerceSlowly(value, type)
  const coerce = toCoerce(nullable.ofType)
  return (value) => {
    if (!Array.isArray(value)) return coerceSlowly(value, type)
    const items = value.map((item) => (item === null ? undefined : coerce(item)))
    return items.includes(undefined) ? coerceSlowly(value, type) : items
  }
}

function coerceSlowly(value: unknown, type: GraphQLInputType): unknown {
  try {
    return coerceInputValue(value, type, (_path, _value, error) => {
      throw error
    })
  } catch {
    return undefined
  }
}

/** Reads an argument; `undefined` if its value cannot be read here. */
export function compileArgument(
  argument: ArgumentNode | undefined,
  type: GraphQLInputType,
  { names }: Variables,
): Read | undefined {
  const isRequired = isNonNullType(type)
  if (argument === undefined) return isRequired ? undefined : () => null
  const { value: node } = argument
  if (node.kind === Kind.VARIABLE) {
    const index = names.indexOf(node.name.value)
    return isRequired ? (values) => values[index] ?? undefined : (values) => values[index] ?? null
  }
  if (hasVariables(node)) return (values) => valueFromAST(node, type, toNamed(names, values))
  const constant = valueFromAST(node, type)
  return constant === undefined ? undefined : () => constant
}

function hasVariables(node: ValueNode): boolean {
  let found = false
  visit(node, {
    Variable: () => {
      found = true
    },
  })
  return found
}

function toNamed(names: readonly string[], values: Values): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name, index) => [name, values[index]]).filter(([, value]) => value !== undefined),
  )
}
