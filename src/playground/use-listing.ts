// The account's files as they were listed last, page by page.
import { useCallback, useRef, useState } from 'react'
import { query } from './api.js'
import type { ListedFile } from './file-row.js'

type Page = {
  readonly totalCount: number
  readonly nodes: readonly ListedFile[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

export type Listing = {
  readonly page: Page | undefined
  /** Why the last one could not be listed. */
  readonly fault: string | undefined
  /** Of one purpose, or of all where it is empty. */
  readonly load: (purpose: string) => void
  /** Adds the next page of what is there. */
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

export function useListing(token: string): Listing {
  const [page, setPage] = useState<Page>()
  const [fault, setFault] = useState<string>()
  const count = useRef(0)
  /** What the page is of, whatever is chosen by now. */
  const listed = useRef('')

  const loadFrom = useCallback(
    async (purpose: string, after: string | null) => {
      const asked = ++count.current
      const answer = await query<{ files: Page }>(token, LIST, { purpose: purpose || null, after }).catch(
        (error: Error) => error,
      )
      // Another one was asked for since.
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
