// The account's files: uploaded by drop, listed by purpose, deleted after a question; and the sandbox's ids that fail.
import { useCallback, useEffect, useState } from 'react'
import { query } from './api.js'
import type { Facts } from './facts.js'
import { FileRow, type ListedFile } from './file-row.js'
import { PURPOSES } from './purposes.js'
import { Trials } from './trials.js'
import { Uploads } from './uploads.js'

type FilesPanelProps = {
  readonly facts: Facts
  readonly token: string
  readonly onFile: (id: string) => void
  readonly onDone: (message: string) => void
}

type Page = {
  readonly totalCount: number
  readonly nodes: readonly ListedFile[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const LIST = `query ListFiles($purpose: FilePurpose, $after: String) {
  files(purpose: $purpose, first: 50, after: $after) {
    totalCount
    nodes { id filename bytes purpose }
    pageInfo { hasNextPage endCursor }
  }
}`

export function FilesPanel({ facts, token, onFile, onDone }: FilesPanelProps) {
  const isFree = facts.upstream === 'sandbox'
  const { page, fault, load } = useListing(token)
  const [purpose, setPurpose] = useState('')
  const canAsk = token !== '' || !facts.needsToken
  useEffect(() => {
    if (isFree && canAsk) load('')
  }, [isFree, canAsk, load])

  return (
    <div className="files">
      {facts.writes && (
        <Uploads
          token={token}
          notice={isFree ? '' : `Each upload costs $${facts.pricePerCallUsd}.`}
          onUploaded={() => page && load(purpose)}
          onFile={onFile}
        />
      )}
      <form
        className="list-bar"
        onSubmit={(event) => {
          event.preventDefault()
          load(purpose)
        }}
      >
        <select
          aria-label="Purpose of the files listed"
          value={purpose}
          onChange={({ target }) => {
            setPurpose(target.value)
            if (isFree || page) load(target.value)
          }}
        >
          <option value="">All purposes</option>
          {PURPOSES.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
        <button type="submit">{page ? 'Refresh' : 'List'}</button>
      </form>
      {!page && !fault && !isFree && (
        <p className="empty">A listing costs ${facts.pricePerCallUsd}. It is reused for some seconds.</p>
      )}
      {fault && (
        <p className="empty wrong" role="alert">
          {fault}
        </p>
      )}
      {page && (
        <p className="empty">
          {page.totalCount === 1 ? '1 file' : `${page.totalCount} files`}. Press one to see it.
        </p>
      )}
      <ul className="rows">
        {page?.nodes.map((file) => (
          <FileRow
            key={file.id}
            file={file}
            note={facts.files.find(({ id }) => id === file.id)?.note}
            canDelete={facts.writes}
            token={token}
            onFile={onFile}
            onDeleted={(message) => {
              onDone(message)
              load(purpose)
            }}
          />
        ))}
      </ul>
      {page?.pageInfo.hasNextPage && (
        <button type="button" onClick={() => load(purpose, page.pageInfo.endCursor)}>
          Show more
        </button>
      )}
      {isFree && <Trials onFile={onFile} />}
    </div>
  )
}

/** The files listed so far. Of answers that overtake each other the last that was asked for counts. */
function useListing(token: string) {
  const [page, setPage] = useState<Page>()
  const [fault, setFault] = useState<string>()
  const load = useCallback(
    (purpose: string, after: string | null = null) => {
      query<{ files: Page | null }>(token, LIST, { purpose: purpose || null, after })
        .then(({ files }) => {
          if (!files) throw new Error('The files could not be listed.')
          setFault(undefined)
          setPage((before) =>
            after === null ? files : { ...files, nodes: [...(before?.nodes ?? []), ...files.nodes] },
          )
        })
        .catch((error: Error) => setFault(error.message))
    },
    [token],
  )
  return { page, fault, load }
}
