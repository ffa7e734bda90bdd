// The running operations and their answers: one answer for each tab, kept only in memory.
import { useRef, useState } from 'react'
import type { ShownAnswer } from './answer.js'
import type { Request } from './request.js'
import { send } from './send.js'

export type RunState = { readonly answer: ShownAnswer | undefined; readonly isRunning: boolean }

const NONE: RunState = { answer: undefined, isRunning: false }

export type Runs = {
  readonly find: (tabId: string) => RunState
  readonly start: (tabId: string, request: Request) => void
  readonly stop: (tabId: string) => void
  /** For a tab that was closed. */
  readonly forget: (tabId: string) => void
}

export function useRuns(onAnswer: (answer: ShownAnswer, request: Request) => void): Runs {
  const [runs, setRuns] = useState<Readonly<Record<string, RunState>>>({})
  const stops = useRef(new Map<string, () => void>())
  const change = (tabId: string, part: Partial<RunState>) =>
    setRuns((all) => ({ ...all, [tabId]: { ...NONE, ...all[tabId], ...part } }))

  function stop(tabId: string): void {
    stops.current.get(tabId)?.()
    change(tabId, { isRunning: false })
  }

  function forget(tabId: string): void {
    stops.current.get(tabId)?.()
    stops.current.delete(tabId)
    setRuns(({ [tabId]: _, ...others }) => others)
  }

  function start(tabId: string, request: Request): void {
    stop(tabId)
    change(tabId, { isRunning: true })
    const next = (answer: ShownAnswer) => {
      change(tabId, { answer })
      onAnswer(answer, request)
    }
    stops.current.set(tabId, send(request, { next, end: () => change(tabId, { isRunning: false }) }))
  }

  return { find: (tabId) => runs[tabId] ?? NONE, start, stop, forget }
}
