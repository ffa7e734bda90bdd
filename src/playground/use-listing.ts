// The listing of the account's files, page by page.
import { useCallback, useRef, useState } from 'react'
import { query } from './api.js'
import type { ListedFile } from './file-row.js'

type Page = {
  readonly totalCount: number
  readonly nodes: readonly ListedFile[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

export type ListingState = {
  readonly page: Page | undefined
  /** Why the latest listing failed. */
  readonly fault: string | undefined
  /** Lists the files of one purpose, or of all if it is empty. */
  readonly load: (purpose: string) => void
  /** Adds the next page. */
  readonly loadMore: () => void
  readonly forget: (id: string) => void
}

const LIST = `query ListFiles($purpose: FilePurpose, $after: String) {
  files(purpose: $purpose, first: 50, after: $after) {
    totalCount
    nodes { id filename bytes purpose }
    pageInfo { hasNextPage endCursor }
  }
}`

export function useListing(token: string): ListingState {
  const [page, setPage] = useState<Page>()
  const [fault, setFault] = useState<string>()
  const count = useRef(0)
  /** The purpose of the files shown; another may be selected by now. */
  const listed = useRef('')

  const loadFrom = useCallback(
    async (purpose: string, after: string | null) => {
      const asked = ++count.current
      const answer = await query<{ files: Page }>(token, LIST, { purpose: purpose || null, after }).catch(
        (error: Error) => error,
      )
      // A newer request has replaced this one.
      if (asked !== count.current) return
      if (answer instanceof Error) return setFault(answer.message)
      const { files } = answer
      setFault(undefined)
      listed.current = purpose
      setPage((before) => ({
        ...files,
        nodes: [...(after === null ? [] : (before?.nodes ?? [])), ...files.nodes],
      }))
    },
    [token],
  )

  const forget = (deleted: string) =>
    setPage(
      (before) =>
        before && {
          ...before,
          totalCount: before.totalCount - 1,
          nodes: before.nodes.filter(({ id }) => id !== deleted),
        },
    )

  const load = useCallback((purpose: string) => loadFrom(purpose, null), [loadFrom])
  const loadMore = () => loadFrom(listed.current, page?.pageInfo.endCursor ?? null)
  return { page, fault, load, loadMore, forget }
}
