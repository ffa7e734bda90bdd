// Writes TypeScript types for an operation, from the schema.
import {
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'

export type OperationTypes = { readonly data: string; readonly variables: string }

/** `undefined` for a document that cannot be parsed, or that does not fit the schema. */
export function toTypes(schema: GraphQLSchema, query: string): OperationTypes | undefined {
  try {
    const { definitions } = parse(query)
    const operation = definitions.find((each) => each.kind === 'OperationDefinition')
    const root = operation && schema.getRootType(operation.operation)
    if (!operation || !root) return undefined
    const fragments = new Map(
      definitions.flatMap((each) => (each.kind === 'FragmentDefinition' ? [[each.name.value, each]] : [])),
    )
    return {
      data: toSelected(schema, root, operation.selectionSet, fragments),
      variables: toVariables(schema, operation),
    }
  } catch {
    return undefined
  }
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

function toVariables(schema: GraphQLSchema, { variableDefinitions = [] }: OperationDefinitionNode): string {
  const fields = variableDefinitions.map(({ variable, type, defaultValue }) => {
    const known = typeFromAST(schema, type as never) as GraphQLType
    const isOptional = !isNonNullType(known) || defaultValue !== undefined
    return `${variable.name.value}${isOptional ? '?' : ''}: ${toInput(known)}`
  })
  return toLiteral(fields)
}

function toInput(type: GraphQLType): string {
  if (!isNonNullType(type))
    return isListType(type) ? `${toListed(toInput(type.ofType))} | null` : `${toNamed(type)} | null`
  return isListType(type.ofType) ? toListed(toInput(type.ofType.ofType)) : toNamed(type.ofType)
}

const toListed = (item: string) => (item.includes(' ') ? `(${item})[]` : `${item}[]`)

const toLiteral = (fields: readonly string[]) => (fields.length > 0 ? `{ ${fields.join('; ')} }` : '{}')

const SCALARS: Readonly<Record<string, string>> = {
  Int: 'number',
  Float: 'number',
  SafeInt: 'number',
  Boolean: 'boolean',
}

/** All other scalars are texts: ids, times, links. */
function toNamed(type: GraphQLType): string {
  const named = getNamedType(type)
  if (isEnumType(named))
    return named
      .getValues()
      .map(({ name }) => `'${name}'`)
      .join(' | ')
  if (!isInputObjectType(named)) return SCALARS[named.name] ?? 'string'
  return toLiteral(
    Object.values(named.getFields()).map(
      (field) => `${field.name}${isNonNullType(field.type) ? '' : '?'}: ${toInput(field.type)}`,
    ),
  )
}

function toOutput(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  set: SelectionSetNode | undefined,
  known: Fragments,
): string {
  if (isNonNullType(type)) return toPresent(schema, type.ofType, set, known)
  return `${toPresent(schema, type, set, known)} | null`
}

function toPresent(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  set: SelectionSetNode | undefined,
  known: Fragments,
): string {
  if (isListType(type)) return toListed(toOutput(schema, type.ofType, set, known))
  return set ? toSelected(schema, type, set, known) : toNamed(type)
}

/** One shape for each possible type of an interface or union. */
function toSelected(
  schema: GraphQLSchema,
  type: GraphQLType,
  set: SelectionSetNode,
  known: Fragments,
): string {
  const named = getNamedType(type)
  const types = isUnionType(named) || isInterfaceType(named) ? schema.getPossibleTypes(named) : [named]
  const shapes = types.map((each) =>
    toLiteral([...toFields(schema, each, set, known)].map((pair) => pair.join(': '))),
  )
  return [...new Set(shapes)].join(' | ')
}

function toFields(
  schema: GraphQLSchema,
  type: GraphQLType,
  set: SelectionSetNode,
  known: Fragments,
): Map<string, string> {
  const fields = new Map<string, string>()
  if (!isObjectType(type)) return fields
  for (const node of set.selections) {
    if (node.kind === 'Field') {
      const field = type.getFields()[node.name.value]
      const text = field ? toOutput(schema, field.type, node.selectionSet, known) : `'${type.name}'`
      fields.set(node.alias?.value ?? node.name.value, text)
      continue
    }
    const fragment = node.kind === 'FragmentSpread' ? known.get(node.name.value) : node
    const on = fragment?.typeCondition?.name.value ?? type.name
    const fits = on === type.name || type.getInterfaces().some(({ name }) => name === on)
    if (fragment && fits)
      for (const pair of toFields(schema, type, fragment.selectionSet, known)) fields.set(...pair)
  }
  return fields
}
