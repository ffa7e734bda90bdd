// Uploads files that are dropped anywhere on the page, or chosen, and shows their progress.
import { type ChangeEvent, useState } from 'react'
import { toSizeText } from './answer.js'
import { Icon } from './icon.js'
import { UPLOADED } from './purposes.js'
import { useDrop } from './use-drop.js'
import { type UploadState, useUploads } from './use-uploads.js'

type UploadsProps = {
  readonly token: string
  /** What an upload costs; empty if nothing. */
  readonly notice: string
  readonly onUploaded: () => void
  readonly onFile: (id: string) => void
}

export function Uploads({ token, notice, onUploaded, onFile }: UploadsProps) {
  const [purpose, setPurpose] = useState('')
  const { uploads, start } = useUploads(token, onUploaded)
  const isOver = useDrop((files) => {
    for (const file of files) start(file, purpose)
  })

  function choose({ currentTarget }: ChangeEvent<HTMLInputElement>): void {
    for (const file of currentTarget.files ?? []) start(file, purpose)
    currentTarget.value = ''
  }

  return (
    <section className={isOver ? 'upload over' : 'upload'} aria-label="Upload">
      <label className="drop">
        <Icon name="upload" />
        <span>
          Drop files here, or <u>choose</u>
        </span>
        <input type="file" multiple onChange={choose} />
      </label>
      <label className="purpose">
        Purpose
        <select value={purpose} onChange={({ target }) => setPurpose(target.value)}>
          <option value="">by file extension</option>
          {UPLOADED.map(({ word, title }) => (
            <option key={word} value={word}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {notice && <p className="empty">{notice}</p>}
      <ul className="uploads">
        {uploads.map((each) => (
          <UploadRow key={each.key} upload={each} onFile={onFile} />
        ))}
      </ul>
    </section>
  )
}

function UploadRow({
  upload: { file, part, id, fault, stop },
  onFile,
}: {
  readonly upload: UploadState
  readonly onFile: UploadsProps['onFile']
}) {
  const isUnderWay = id === undefined && fault === undefined
  return (
    <li>
      <span className="name">{file.name}</span>
      {isUnderWay && (
        <>
          <progress value={part} aria-label={`Upload of ${file.name}`} />
          <span className="facts">
            {part < 1
              ? `${toSizeText(file.size * part)} of ${toSizeText(file.size)}`
              : 'Waiting for the answer…'}
          </span>
          <button type="button" onClick={stop}>
            Stop
          </button>
        </>
      )}
      {id !== undefined && (
        <button type="button" onClick={() => onFile(id)}>
          Uploaded: show it
        </button>
      )}
      {fault !== undefined && (
        <span className="wrong" role="alert">
          {fault}
        </span>
      )}
    </li>
  )
}
