// The fields of a selection, as GraphQL's `CollectFields` defines it, with all conditions already decided.
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

export type Selecting = {
  readonly schema: GraphQLSchema
  readonly fragments: Fragments
  /** By `@include` and `@skip`. */
  readonly isIncluded: (node: SelectionNode) => boolean
}

/** The fields by the names that they have in the response, those of the same name together. */
export type Collected = Map<string, [FieldNode, ...FieldNode[]]>

export function collectFields(
  { schema, fragments, isIncluded }: Selecting,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Collected {
  const fields: Collected = new Map()
  const visited = new Set<string>()

  function collect({ selections }: SelectionSetNode): void {
    for (const node of selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        if (visited.has(node.name.value) || !isIncluded(node)) continue
        visited.add(node.name.value)
        const fragment = fragments.get(node.name.value)
        if (fragment && applies(fragment.typeCondition)) collect(fragment.selectionSet)
      } else if (isIncluded(node)) {
        if (node.kind === Kind.FIELD) add(node)
        else if (applies(node.typeCondition)) collect(node.selectionSet)
      }
    }
  }

  function add(node: FieldNode): void {
    const key = (node.alias ?? node.name).value
    const same = fields.get(key)
    if (same) same.push(node)
    else fields.set(key, [node])
  }

  function applies(condition: NamedTypeNode | undefined): boolean {
    if (condition === undefined || condition.name.value === type.name) return true
    const abstract = schema.getType(condition.name.value)
    return isAbstractType(abstract) && schema.isSubType(abstract, type)
  }

  for (const set of sets) collect(set)
  return fields
}
