// The Files panel: uploads, the listing by purpose, and the sandbox's ids that fail.
import { useEffect, useState } from 'react'
import type { Facts } from './facts.js'
import { FileRow } from './file-row.js'
import { PURPOSES } from './purposes.js'
import { Trials } from './trials.js'
import { Uploads } from './uploads.js'
import { type ListingState, useListing } from './use-listing.js'

type FilesPanelProps = {
  readonly facts: Facts
  readonly token: string
  readonly onFile: (id: string) => void
  readonly onDone: (message: string) => void
}

export function FilesPanel({ facts, token, onFile, onDone }: FilesPanelProps) {
  const { upstream, pricePerCallUsd, needsToken, writes } = facts
  const isFree = upstream === 'sandbox'
  const listing = useListing(token)
  const { load } = listing
  const [purpose, setPurpose] = useState('')
  const canAsk = token !== '' || !needsToken
  useEffect(() => {
    // With a real upstream a listing costs money, so it waits for a press.
    if (isFree && canAsk) load(purpose)
  }, [isFree, canAsk, load, purpose])

  return (
    <div className="files">
      {writes && (
        <Uploads
          token={token}
          notice={isFree ? '' : `Each upload costs $${pricePerCallUsd}.`}
          onUploaded={() => isFree && load(purpose)}
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
        <PurposeSelect value={purpose} onChange={setPurpose} />
        <button type="submit">{listing.page ? 'Refresh' : 'List'}</button>
      </form>
      <ListingStatus listing={listing} notice={isFree ? '' : `A listing costs $${pricePerCallUsd}.`} />
      <Rows listing={listing} facts={facts} token={token} onFile={onFile} onDone={onDone} />
      {listing.page?.pageInfo.hasNextPage && (
        <button type="button" onClick={listing.loadMore}>
          Show more
        </button>
      )}
      {isFree && <Trials onFile={onFile} />}
    </div>
  )
}

type PurposeSelectProps = { readonly value: string; readonly onChange: (purpose: string) => void }

function PurposeSelect({ value, onChange }: PurposeSelectProps) {
  return (
    <select
      aria-label="Purpose of the files listed"
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      <option value="">All purposes</option>
      {PURPOSES.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  )
}

type ListingStatusProps = { readonly listing: ListingState; readonly notice: string }

function ListingStatus({ listing: { page, fault }, notice }: ListingStatusProps) {
  if (fault)
    return (
      <p className="empty wrong" role="alert">
        {fault}
      </p>
    )
  if (!page) return <p className="empty">{notice}</p>
  const count = page.totalCount === 1 ? '1 file' : `${page.totalCount} files`
  return <p className="empty">{page.totalCount === 0 ? 'No files' : `${count}. Select one to see it.`}</p>
}

function Rows({
  listing,
  facts,
  token,
  onFile,
  onDone,
}: FilesPanelProps & { readonly listing: ListingState }) {
  return (
    <ul className="rows">
      {listing.page?.nodes.map((file) => (
        <FileRow
          key={file.id}
          file={file}
          note={facts.files.find(({ id }) => id === file.id)?.note}
          canDelete={facts.writes}
          token={token}
          onFile={onFile}
          onDeleted={(message) => {
            onDone(message)
            listing.forget(file.id)
          }}
        />
      ))}
    </ul>
  )
}
