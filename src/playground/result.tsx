// The answer of a tab: how it went, its text, and the files and tasks that it holds.
import { useEffect, useMemo, useRef } from 'react'
import { type Answer, toPieces, toSizeText, toTimeText } from './answer.js'
import { type CostBadge, readCost, toBadge } from './cost.js'
import type { Run } from './runs.js'
import { Scrollable } from './scrollable.js'
import { findFiles, findTasks, type SeenTask } from './seen.js'
import { Strip } from './strip.js'

type ResultProps = {
  readonly run: Run
  readonly isFree: boolean
  readonly onFollow: (task: SeenTask) => void
  readonly onDone: (message: string) => void
}

export function Result({ run: { answer, isRunning }, isFree, onFollow, onDone }: ResultProps) {
  const pieces = useMemo(() => (answer?.body === undefined ? undefined : toPieces(answer.text)), [answer])
  const files = useMemo(() => findFiles(answer?.body), [answer])
  const tasks = useMemo(() => findTasks(answer?.body), [answer])
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a phone it is below what can be seen.
    if (answer && matchMedia('(max-width: 800px)').matches) place.current?.scrollIntoView({ block: 'start' })
  }, [answer])
  return (
    <section className="result" aria-label="Answer" ref={place}>
      <p className="status" role="status">
        {isRunning && <span className="busy">{answer?.events ? 'Following…' : 'Running…'}</span>}
        {answer && (!isRunning || answer.events) ? <Status answer={answer} /> : !isRunning && 'No answer yet'}
      </p>
      {answer ? (
        <Scrollable label="Text of the answer">
          {pieces
            ? pieces.map(({ text, look }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces are never moved
                <span key={at} className={look}>
                  {text}
                </span>
              ))
            : answer.text}
        </Scrollable>
      ) : (
        <Hint />
      )}
      {(files.length > 0 || tasks.length > 0) && (
        <Strip
          files={files}
          tasks={tasks}
          isFree={isFree}
          isFollowed={isRunning}
          onFollow={onFollow}
          onDone={onDone}
        />
      )}
    </section>
  )
}

function Status({ answer: { body, status, ms, bytes, events } }: { readonly answer: Answer }) {
  const cost = readCost(body)
  if (status === 0) return <span className="wrong">Not answered</span>
  const badge: CostBadge | undefined = cost && toBadge(cost, status)
  return (
    <>
      <span className={status < 400 ? undefined : 'wrong'}>HTTP {status}</span>
      <span>{toTimeText(ms)}</span>
      <span>{events ? `event ${events}` : toSizeText(bytes)}</span>
      {badge && <span className={`pill ${badge.look}`}>{badge.text}</span>}
    </>
  )
}

/** For whoever is here for the first time. */
function Hint() {
  return (
    <div className="hint">
      <p>
        Press <strong>Run</strong>, or <kbd>Ctrl</kbd> <kbd>Enter</kbd>, to ask what stands in the editor.
      </p>
      <ul>
        <li>Each tab is an example that can be changed.</li>
        <li>Films, pictures and sounds of an answer play below it.</li>
        <li>Upload, list and delete files in the Files panel.</li>
        <li>
          Type in the editor, or press <kbd>Ctrl</kbd> <kbd>Space</kbd>: it knows the schema.
        </li>
      </ul>
    </div>
  )
}
