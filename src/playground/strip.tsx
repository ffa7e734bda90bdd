// The strip below an answer: its tasks, and its files, each shown or played, with the time until its link expires.
import { useEffect, useState } from 'react'
import { toSizeText } from './answer.js'
import { copy, toUrl } from './here.js'
import { Icon } from './icon.js'
import { Preview } from './preview.js'
import { toPurposeTitle } from './purposes.js'
import { isSpeech, type SeenFile, type SeenTask, toLeftText, toLook } from './seen.js'

type StripProps = {
  readonly files: readonly SeenFile[]
  readonly tasks: readonly SeenTask[]
  /** On the sandbox all files are shown without a press. */
  readonly isFree: boolean
  /** Whether a subscription is already following the tasks. */
  readonly isFollowed: boolean
  readonly onFollow: (task: SeenTask) => void
  readonly onDone: (message: string) => void
}

/** Further files wait for a press, since each is a request. */
const MAX_SHOWN_AT_ONCE = 12

export function Strip({ files, tasks, isFree, isFollowed, onFollow, onDone }: StripProps) {
  const nowMs = useNow(files.some(({ expiresMs }) => expiresMs !== undefined))
  return (
    <ul className="strip" aria-label="Files and tasks of the answer">
      {tasks.map((task) => (
        <li key={task.id} className="task">
          <Icon name={task.kind === 'video' ? 'video' : 'sound'} />
          <span>
            {task.kind === 'video' ? 'Video' : 'Speech'}: <strong>{task.status.toLowerCase()}</strong>
          </span>
          {!task.isOver && !isFollowed && (
            <button type="button" onClick={() => onFollow(task)}>
              Follow it
            </button>
          )}
        </li>
      ))}
      {files.map((file, at) => (
        <li key={file.id ?? file.ticket ?? at} className="card">
          <Preview
            key={file.ticket}
            file={file}
            isShownAtOnce={at < MAX_SHOWN_AT_ONCE && (isFree || file.downloadUrl !== undefined)}
          />
          <p className="name" title={file.filename}>
            {file.filename ?? file.id ?? 'A file'}
          </p>
          <p className="facts">{toFacts(file).join(' · ')}</p>
          <LinkEnd file={file} nowMs={nowMs} />
          <Actions file={file} onDone={onDone} />
        </li>
      ))}
    </ul>
  )
}

function toFacts({ bytes, purpose }: SeenFile): string[] {
  return [
    ...(bytes === undefined ? [] : [toSizeText(bytes)]),
    ...(purpose === undefined ? [] : [toPurposeTitle(purpose)]),
  ]
}

function LinkEnd({
  file: { expiresMs, downloadUrl },
  nowMs,
}: {
  readonly file: SeenFile
  readonly nowMs: number
}) {
  if (expiresMs === undefined)
    return <p className="end">{downloadUrl ? 'The link has no known expiry' : ''}</p>
  const leftMs = expiresMs - nowMs
  return (
    <p className={leftMs > 0 ? 'end' : 'end wrong'}>
      {leftMs > 0 ? `Link expires in ${toLeftText(leftMs)}` : 'The link has expired'}
    </p>
  )
}

function Actions({ file, onDone }: { readonly file: SeenFile; readonly onDone: (message: string) => void }) {
  const { ticket, downloadUrl, filename } = file
  const content = ticket && toUrl(`content/${ticket}`).href
  const link = downloadUrl ?? content
  if (!link)
    return <p className="actions">{toLook(file) === 'other' ? '' : 'Select contentUrl to see it.'}</p>
  const copyLink = async () =>
    onDone((await copy(link)) ? 'The link is copied.' : 'This browser does not let the page copy.')
  return (
    <p className="actions">
      {content && (
        <a href={isSpeech(file) ? `${content}?member=audio` : content} target="_blank" rel="noreferrer">
          Open
        </a>
      )}
      <button type="button" onClick={copyLink}>
        Copy link
      </button>
      {content && (
        <a href={content} download={filename ?? ''}>
          Download
        </a>
      )}
    </p>
  )
}

/** The current time, updated every second while `isNeeded`. */
function useNow(isNeeded: boolean): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    if (!isNeeded) return undefined
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isNeeded])
  return nowMs
}
