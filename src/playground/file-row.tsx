// One file of the listing. A press opens it; deleting it asks for confirmation.
import { useState } from 'react'
import { toSizeText } from './answer.js'
import { query } from './api.js'
import { Icon } from './icon.js'
import { toPurposeTitle } from './purposes.js'
import { toLook } from './seen.js'

export type ListedFile = {
  readonly id: string
  readonly filename: string | null
  readonly bytes: number | null
  readonly purpose: string | null
}

type FileRowProps = {
  readonly file: ListedFile
  readonly note: string | undefined
  readonly canDelete: boolean
  readonly token: string
  readonly onFile: (id: string) => void
  readonly onDeleted: (message: string) => void
}

const DELETE = `mutation DeleteFile($id: ID!) {
  deleteFile(id: $id) { __typename ... on FileError { message } }
}`

export function FileRow({ file, note, canDelete, token, onFile, onDeleted }: FileRowProps) {
  const [isAsking, setAsking] = useState(false)
  const [fault, setFault] = useState('')
  const { id, filename, bytes, purpose } = file
  const name = filename ?? id

  async function remove(): Promise<void> {
    setAsking(false)
    try {
      const { deleteFile } = await query<{ deleteFile: { message?: string } }>(token, DELETE, { id })
      if (deleteFile.message) setFault(deleteFile.message)
      else onDeleted(`${name} is deleted.`)
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
    }
  }

  return (
    <li>
      <button type="button" className="open" onClick={() => onFile(id)} title={note ?? id}>
        <Icon name={toLook({ filename: filename ?? undefined, purpose: purpose ?? undefined })} />
        <span className="name">{name}</span>
        <span className="facts">
          {[purpose && toPurposeTitle(purpose), bytes !== null && toSizeText(bytes)]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </button>
      {canDelete && !isAsking && (
        <button
          type="button"
          className="plain"
          aria-label={`Delete ${name}`}
          title="Delete"
          onClick={() => setAsking(true)}
        >
          <Icon name="trash" />
        </button>
      )}
      {isAsking && (
        <p className="question" role="alert">
          <span>Delete {name} for good?</span>
          <button type="button" className="danger" onClick={remove}>
            Delete
          </button>
          {/* biome-ignore lint/a11y/noAutofocus: the question stands where the button was that was pressed */}
          <button type="button" autoFocus onClick={() => setAsking(false)}>
            Keep
          </button>
        </p>
      )}
      {fault && (
        <p className="question wrong" role="alert">
          {fault}
        </p>
      )}
    </li>
  )
}
