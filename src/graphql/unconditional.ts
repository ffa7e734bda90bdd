// The root field of a subscription must not have `@skip` or `@include`, as the specification says. GraphQL's own rule misses some of
// them, and throws if the condition is not a literal, which would look like a fault of ours. So this is checked before validation.
import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql'
import { DOCUMENT_LIMITS } from './limits.js'
import { chooseStatus } from './media.js'

const CONDITIONS: ReadonlySet<string> = new Set(['skip', 'include'])

/** Throws for a document in which any subscription has such a condition. */
export function checkUnconditional(text: unknown, mediaType: string): void {
  const document = mayBeConditional(text) ? parseSafely(text) : undefined
  const condition = document && findCondition(document)
  if (condition === undefined) return
  const extensions = { code: 'GRAPHQL_VALIDATION_FAILED' }
  throw new GraphQLError(`The field of a subscription cannot have @${condition.name.value}.`, {
    nodes: [condition],
    extensions: {
      ...extensions,
      http: { status: chooseStatus(mediaType, 400, [{ message: '', extensions }]) },
    },
  })
}

function findCondition({ definitions }: DocumentNode): DirectiveNode | undefined {
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  )
  const subscriptions = definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION && each.operation === 'subscription' ? [each] : [],
  )
  const seen = new Set<unknown>()
  const find = ({ selections }: SelectionSetNode): DirectiveNode | undefined => {
    for (const selection of selections) {
      const condition = selection.directives?.find(({ name }) => CONDITIONS.has(name.value))
      if (condition) return condition
      if (selection.kind === Kind.FIELD) continue
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
      if (!inner || seen.has(inner)) continue // fragments may use each other; another rule refuses that
      seen.add(inner)
      const found = find(inner.selectionSet)
      if (found) return found
    }
    return undefined
  }
  for (const { selectionSet } of subscriptions) {
    const found = find(selectionSet)
    if (found) return found
  }
  return undefined
}

/** Only documents with these words need to be parsed. */
function mayBeConditional(text: unknown): text is string {
  if (typeof text !== 'string' || !text.includes('subscription')) return false
  return text.includes('skip') || text.includes('include')
}

/** `undefined` if it is not a document, which Apollo Server reports. */
function parseSafely(text: string): DocumentNode | undefined {
  try {
    return parse(text, { maxTokens: DOCUMENT_LIMITS.tokens })
  } catch {
    return undefined
  }
}
