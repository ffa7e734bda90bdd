// The state of the page: the open tabs, the access token, and the runs.
import { useEffect, useReducer, useState } from 'react'
import { toExamples } from './examples.js'
import type { Facts } from './facts.js'
import type { Operation } from './operation.js'
import { useRuns } from './runs.js'
import { keepTabs, keepToken, readTabs, readToken } from './session.js'
import { changeTabs, findActive, findSame, type Tabs, toTab } from './tabs.js'

export function useDesk(facts: Facts, shared: Operation | undefined) {
  const [token, setToken] = useState(readToken)
  const [isRefused, setRefused] = useState(false)
  const [tabs, change] = useReducer(changeTabs, undefined, () => toFirstTabs(facts, shared))
  const runs = useRuns(({ status }, request) => {
    // A token that was typed under Headers was refused then, not the one in the form.
    if (!/"authorization"/i.test(request.headers)) setRefused(status === 401)
  })
  useEffect(() => keepTabs(facts.upstream, tabs), [facts, tabs])

  function changeToken(next: string): void {
    keepToken(next)
    setRefused(false)
    setToken(next)
  }

  const open = (operation: Operation) => change({ kind: 'open', operation, id: createId() })

  /** Uses the tab that has this query already, if there is one. */
  function ask(operation: Operation, isRun: boolean): void {
    const id = findSame(tabs, operation.query)?.id ?? createId()
    change({ kind: 'ask', operation, id })
    if (isRun) runs.start(id, { ...operation, headers: '', token, operationName: undefined })
  }

  function close(id: string): void {
    runs.forget(id)
    change({ kind: 'close', id })
  }

  const tab = findActive(tabs)
  const run = (operationName?: string) => runs.start(tab.id, { ...tab, token, operationName })
  return { tabs, tab, change, open, ask, close, runs, run, token, changeToken, isRefused }
}

const createId = () => crypto.getRandomValues(new Uint32Array(2)).join('-')

/** The tabs of the last visit, or the examples; a shared operation comes first. */
function toFirstTabs(facts: Facts, shared: Operation | undefined): Tabs {
  const kept = readTabs(facts.upstream)
  const list = kept?.list ?? toExamples(facts).map((operation, at) => toTab(operation, `example-${at}`))
  if (!shared) return { list, activeId: kept?.activeId ?? list[0]?.id ?? '' }
  return { list: [toTab(shared, 'shared'), ...list.filter(({ id }) => id !== 'shared')], activeId: 'shared' }
}
