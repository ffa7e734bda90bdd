// The one field of a subscription has no conditions, as the specification has it. graphql-js lets them pass, and fails where
// they leave nothing to subscribe to.
import { type ASTVisitor, GraphQLError, type SelectionSetNode, type ValidationContext } from 'graphql'

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include'])

export function unconditionalRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: ({ operation, selectionSet }) => {
      if (operation === 'subscription') check(selectionSet, new Set(), context)
    },
  }
}

/** Each fragment once: those that use each other are another rule's business. */
function check({ selections }: SelectionSetNode, seen: Set<unknown>, context: ValidationContext): void {
  for (const selection of selections) {
    const condition = selection.directives?.find(({ name }) => CONDITIONS.has(name.value))
    if (condition) {
      const message = `The field of a subscription cannot have @${condition.name.value}.`
      context.reportError(new GraphQLError(message, { nodes: [condition] }))
    }
    if (selection.kind === 'Field') continue
    const inner = selection.kind === 'InlineFragment' ? selection : context.getFragment(selection.name.value)
    if (inner && !seen.has(inner)) check(inner.selectionSet, seen.add(inner), context)
  }
}
