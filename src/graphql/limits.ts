// How large an operation may be, checked before it runs. How many files it may look up is checked in the loader.
import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/**
 * Large enough for what people and routers write, introspection included, but not for documents that cost far more to answer than
 * to send. A router's list of representations is a variable, which none of these limits counts.
 */
export const DOCUMENT_LIMITS = {
  tokens: 1000,
  depth: 10,
  aliases: 30,
  directives: 30,
  /** Fields and fragments. Those of a fragment count at each use. */
  selections: 1000,
  validationErrors: 3,
  coercionErrors: 3,
} as const

type Size = { readonly depth: number; readonly aliases: number; readonly directives: number }

const NOTHING: Size = { depth: 0, aliases: 0, directives: 0 }

/** Refuses operations with too much depth, too many aliases or directives. Those of a fragment count at each use. */
export function limitRule(context: ValidationContext): ASTVisitor {
  const measure = createMeasure(context)
  const refuse = (node: OperationDefinitionNode, validationErrorCode: string, message: string) =>
    context.reportError(new GraphQLError(message, { nodes: [node], extensions: { validationErrorCode } }))
  return {
    OperationDefinition: (node) => {
      const { depth, aliases, directives } = measure(node)
      if (depth > DOCUMENT_LIMITS.depth)
        refuse(
          node,
          'MAX_DEPTH_EXCEEDED',
          `An operation may be at most ${DOCUMENT_LIMITS.depth} fields deep.`,
        )
      if (aliases > DOCUMENT_LIMITS.aliases)
        refuse(
          node,
          'MAX_ALIASES_EXCEEDED',
          `An operation may have at most ${DOCUMENT_LIMITS.aliases} aliases.`,
        )
      if (directives > DOCUMENT_LIMITS.directives)
        refuse(
          node,
          'MAX_DIRECTIVES_EXCEEDED',
          `An operation may have at most ${DOCUMENT_LIMITS.directives} directives.`,
        )
    },
  }
}

/** Each fragment is measured once, however often it is used, so the time is linear in the document. */
function createMeasure(context: ValidationContext) {
  const fragments = new Map<string, Size>()

  function measureFragment(name: string): Size {
    const known = fragments.get(name)
    if (known) return known
    fragments.set(name, NOTHING) // ends the recursion of a fragment cycle, which another rule refuses
    const fragment = context.getFragment(name)
    const size = fragment ? measureNode(fragment) : NOTHING
    fragments.set(name, size)
    return size
  }

  function measureSelection(node: SelectionNode): Size {
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      return add(measureFragment(node.name.value), { ...NOTHING, directives: count(node.directives) })
    }
    const { depth, aliases, directives } = measureNode(node)
    if (node.kind === Kind.INLINE_FRAGMENT) return { depth, aliases, directives }
    // Introspection is deeper by nature. If it is on, a rule of GraphQL itself limits it.
    return {
      depth: isIntrospection(node) ? 1 : depth + 1,
      aliases: aliases + (node.alias ? 1 : 0),
      directives,
    }
  }

  function measureNode({ directives, selectionSet }: Sized): Size {
    const own = { ...NOTHING, directives: count(directives) }
    return (selectionSet?.selections ?? []).map(measureSelection).reduce(add, own)
  }

  return measureNode
}

type Sized = {
  readonly directives?: readonly unknown[] | undefined
  readonly selectionSet?: SelectionSetNode | undefined
}

function add(a: Size, b: Size): Size {
  return {
    depth: Math.max(a.depth, b.depth),
    aliases: a.aliases + b.aliases,
    directives: a.directives + b.directives,
  }
}

function count(list: readonly unknown[] = []): number {
  return list.length
}

function isIntrospection({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type'
}
