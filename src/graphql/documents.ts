// The two stores of documents that clients send: texts by their hash (persisted queries), and parsed ones, so that a
// document is parsed and validated once. What fills them comes from strangers, so both are bounded by what an entry
// really holds in memory. Apollo Server's own store of parsed documents is not: it counts a few hundred bytes for one
// whose text of a hundred thousand, all comment, stays in memory with it.
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache'
import type { DocumentNode } from 'graphql'

/** More than any set of clients has; a stranger who pushes theirs out makes them send their texts once more. */
const MAX_ENTRIES = 1000
const MAX_TEXT_BYTES = 4 * 1024 * 1024
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024

/** What a token and the nodes made of it take: at most 482 bytes was measured, for a field. */
const BYTES_PER_TOKEN = 512

/** Nothing expires: what nobody asks for is the first to go. */
export function createTextStore(): InMemoryLRUCache {
  return new InMemoryLRUCache({ max: MAX_ENTRIES, maxSize: MAX_TEXT_BYTES, sizeCalculation: toTextBytes })
}

export function createDocumentStore(): InMemoryLRUCache<DocumentNode> {
  return new InMemoryLRUCache<DocumentNode>({
    max: MAX_ENTRIES,
    maxSize: MAX_DOCUMENT_BYTES,
    sizeCalculation: toDocumentBytes,
  })
}

/** As V8 stores a text that is not all Latin-1. */
function toTextBytes(text: string): number {
  return 2 * text.length
}

function toDocumentBytes({ loc }: DocumentNode): number {
  let tokens = 0
  for (let token = loc?.startToken; token; token = token.next ?? undefined) tokens++
  return toTextBytes(loc?.source.body ?? '') + tokens * BYTES_PER_TOKEN + 1
}
