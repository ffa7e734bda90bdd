// The one field of a subscription has no conditions, as the specification has it. GraphQL's own rule lets some of them pass, and
// throws at those that are not plain literals, which would look like a fault of ours. So it is checked before Apollo Server validates.
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

/** Throws for a document that has a condition there, whichever of its operations is to run. */
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
      if (!inner || seen.has(inner)) continue // each once: those that use each other are another rule's business
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

/** Few documents need to be parsed for it. */
function mayBeConditional(text: unknown): text is string {
  if (typeof text !== 'string' || !text.includes('subscription')) return false
  return text.includes('skip') || text.includes('include')
}

/** Nothing for what is no document, which Apollo Server says. */
function parseSafely(text: string): DocumentNode | undefined {
  try {
    return parse(text, { maxTokens: DOCUMENT_LIMITS.tokens })
  } catch {
    return undefined
  }
}
