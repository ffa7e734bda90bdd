// `@include` and `@skip`: which variables decide them, and how.
import {
  type BooleanValueNode,
  type DirectiveNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type VariableNode,
} from 'graphql'
import type { Fragments } from './collect.js'

/** The variables on which anything of a selection depends. */
export function findConditions(set: SelectionSetNode, fragments: Fragments): readonly string[] {
  const names = new Set<string>()
  const visited = new Set<string>()

  function visit({ selections }: SelectionSetNode): void {
    for (const node of selections) {
      for (const { value } of toConditions(node))
        if (value.kind === Kind.VARIABLE) names.add(value.name.value)
      if (node.kind !== Kind.FRAGMENT_SPREAD) {
        if (node.selectionSet) visit(node.selectionSet)
      } else if (!visited.has(node.name.value)) {
        visited.add(node.name.value)
        const fragment = fragments.get(node.name.value)
        if (fragment) visit(fragment.selectionSet)
      }
    }
  }

  visit(set)
  return [...names]
}

/** With the variables that hold `true`; the others hold `false`. */
export function includeBy(holding: ReadonlySet<string>): (node: SelectionNode) => boolean {
  const isTrue = (value: Condition['value']) =>
    value.kind === Kind.VARIABLE ? holding.has(value.name.value) : value.value
  return (node) => toConditions(node).every(({ name, value }) => isTrue(value) === (name === 'include'))
}

type Condition = { readonly name: 'include' | 'skip'; readonly value: VariableNode | BooleanValueNode }

function toConditions({ directives = [] }: SelectionNode): Condition[] {
  return directives.flatMap((directive) => toCondition(directive) ?? [])
}

/** The document is valid, so the argument is there and of the right kind. */
function toCondition({ name, arguments: [argument] = [] }: DirectiveNode): Condition | undefined {
  if (name.value !== 'include' && name.value !== 'skip') return undefined
  const value = argument?.value
  if (value?.kind !== Kind.VARIABLE && value?.kind !== Kind.BOOLEAN) return undefined
  return { name: name.value, value }
}
