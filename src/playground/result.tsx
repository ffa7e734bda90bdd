// The answer of a tab: its status, its text, and its files and tasks.
import { useEffect, useMemo, useRef } from 'react'
import { type ShownAnswer, toPieces, toSizeText, toTimeText } from './answer.js'
import { type CostBadge, readCost, toBadge } from './cost.js'
import { Hint } from './hint.js'
import type { Operation } from './operation.js'
import type { RunState } from './runs.js'
import { Scrollable } from './scrollable.js'
import { findFiles, findTasks, type SeenTask } from './seen.js'
import { Strip } from './strip.js'

type ResultProps = {
  readonly run: RunState
  readonly isFree: boolean
  /** Offered while the editor is empty. */
  readonly examples: readonly Operation[]
  readonly onExample: (example: Operation) => void
  readonly onFollow: (task: SeenTask) => void
  readonly onDone: (message: string) => void
}

export function Result(props: ResultProps) {
  const { run, isFree, examples, onExample, onFollow, onDone } = props
  const { answer, isRunning } = run
  const pieces = useMemo(() => (answer?.body === undefined ? undefined : toPieces(answer.text)), [answer])
  const files = useMemo(() => findFiles(answer?.body), [answer])
  const tasks = useMemo(() => findTasks(answer?.body), [answer])
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a phone the answer is below the visible part of the page.
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
        <Hint examples={examples} onOpen={onExample} />
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

function Status({ answer: { body, status, ms, bytes, events } }: { readonly answer: ShownAnswer }) {
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
