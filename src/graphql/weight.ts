// How much work it is to write one file of a list: estimated from its selected fields, before anything is looked up. Measured for
// each, by a plan and by Apollo Server: a field 0.1 and 0.6 µs, a signed link 0.8 and 1.6 µs, `contentUrl` 8 and 5 µs, since
// this server signs it. The largest weight that one operation may have by default is thus at most some 30 ms.
import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

/** A signed link takes as long as three to eight other fields; a `contentUrl` longer, which the limits allow for. */
const LINK_WEIGHT = 5
const LINKS: ReadonlySet<string> = new Set(['downloadUrl', 'backupDownloadUrl', 'contentUrl'])
/** The response name is repeated for each file, and an alias may be as long as a document. */
const NAME_LENGTH_PER_WEIGHT = 40

type Selected = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>

/** The weight, in fields of usual length. Fields of a fragment count at each use; their number is limited in limits.ts. */
export function weigh({ fieldNodes, fragments }: Selected): number {
  const weighSet = (set: SelectionSetNode | undefined): number =>
    (set?.selections ?? []).reduce((sum, node) => {
      if (node.kind === Kind.INLINE_FRAGMENT) return sum + weighSet(node.selectionSet)
      if (node.kind === Kind.FRAGMENT_SPREAD) return sum + weighSet(fragments[node.name.value]?.selectionSet)
      const key = node.alias ?? node.name
      const own = LINKS.has(node.name.value) ? LINK_WEIGHT : 1
      return sum + own + Math.floor(key.value.length / NAME_LENGTH_PER_WEIGHT) + weighSet(node.selectionSet)
    }, 0)
  return 1 + fieldNodes.reduce((sum, { selectionSet }) => sum + weighSet(selectionSet), 0)
}
