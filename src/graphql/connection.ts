// Pages of files, cut from the whole list. A cursor is a position in the order (time and id), so it stays valid when its file is
// deleted.
import { compareNewest, type ListedFile, type Place, parseFileId } from '../file.js'

export type Connection = {
  readonly edges: readonly Edge[]
  readonly nodes: readonly ListedFile[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly totalCount: number
}

type Edge = { readonly cursor: string; readonly node: ListedFile }

/** `files` is the whole list, newest first. */
export function toConnection(
  files: readonly ListedFile[],
  first: number,
  after: Place | undefined,
): Connection {
  const start = after ? findAfter(files, after) : 0
  const nodes = files.slice(start, start + first)
  const edges = nodes.map((node) => ({ cursor: toCursor(node), node }))
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: start + nodes.length < files.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: files.length,
  }
}

/** The index of the first file after that place. */
function findAfter(files: readonly ListedFile[], place: Place): number {
  let [low, high] = [0, files.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const file = files[middle]
    if (file && compareNewest(file, place) > 0) high = middle
    else low = middle + 1
  }
  return low
}

function toCursor({ createdAtMs, id }: Place): string {
  return Buffer.from(`${createdAtMs ?? ''}/${id}`).toString('base64url')
}

/** `undefined` for anything that is not a cursor of this server. */
export function parseCursor(cursor: string): Place | undefined {
  const [, time, digits] = /^(\d{0,15})\/(\d{1,19})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  const id = parseFileId(digits)
  return id && { id, createdAtMs: time ? Number(time) : null }
}
