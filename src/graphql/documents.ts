// Two stores of documents: texts by their hash (persisted queries), and parsed documents, so that each is parsed and validated once.
// Strangers fill them, so both are bounded by the memory that an entry really takes. Apollo Server's own store is not: it counts a
// few hundred bytes for a document whose text of 100 KB, all comment, stays in memory with it.
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache'
import type { DocumentNode } from 'graphql'

/** More than honest clients need. If a stranger pushes their documents out, they send the text once more. */
const MAX_ENTRIES = 1000
const MAX_TEXT_BYTES = 4 * 1024 * 1024
const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024

/** Memory per token and its nodes. The most measured was 482 bytes, for a field. */
const BYTES_PER_TOKEN = 512

/** Nothing expires; the least recently used goes first. */
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
