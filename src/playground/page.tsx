// The page: the tabs and their editors, the answer with its files, and the panel beside them.
import { useEffect, useReducer, useState } from 'react'
import { Bar } from './bar.js'
import { toExamples, toOneFile } from './examples.js'
import type { Facts } from './facts.js'
import type { Operation } from './operation.js'
import { Panel } from './panel.js'
import { Result } from './result.js'
import { useRuns } from './runs.js'
import { keepTabs, keepToken, readTabs, readToken } from './session.js'
import { TabStrip } from './tab-strip.js'
import { changeTabs, findActive, type Tabs, toTab } from './tabs.js'
import { toFollowing } from './task-examples.js'
import { Toolbar } from './toolbar.js'
import { useSchema } from './use-schema.js'
import { Work } from './work.js'

type PageProps = {
  readonly facts: Facts
  /** What the address carried. */
  readonly shared: Operation | undefined
  /** It carried something, but nothing that could be read. */
  readonly isBroken: boolean
}

/** How long what has just happened stays on the page. */
const MESSAGE_MS = 8000

export function Page({ facts, shared, isBroken }: PageProps) {
  const [token, setToken] = useState(readToken)
  const [isRefused, setRefused] = useState(false)
  const [message, setMessage] = useMessage(
    isBroken ? 'This link carries no operation that could be read.' : '',
  )
  const [tabs, change] = useReducer(changeTabs, undefined, () => toFirstTabs(facts, shared))
  const schema = useSchema(facts, token)
  const isFree = facts.upstream === 'sandbox'
  const runs = useRuns(({ status }, request) => {
    // What is refused for a token typed among the headers says nothing of the one in the form.
    if (!/"authorization"/i.test(request.headers)) setRefused(status === 401)
  })
  const tab = findActive(tabs)
  useEffect(() => keepTabs(facts.upstream, tabs), [facts, tabs])

  function changeToken(next: string): void {
    keepToken(next)
    setRefused(false)
    setToken(next)
  }

  function open(operation: Operation, isRun = false): void {
    const id = crypto.getRandomValues(new Uint32Array(2)).join('-')
    change({ kind: 'open', operation, id })
    if (isRun) runs.start(id, { ...operation, headers: '', token, operationName: undefined })
  }

  const run = (operationName?: string) => runs.start(tab.id, { ...tab, token, operationName })
  const isUsable = token !== '' || !facts.needsToken
  return (
    <>
      <Bar facts={facts} token={token} isRefused={isRefused} onToken={changeToken} message={message} />
      <div className="columns">
        <Panel
          facts={facts}
          token={token}
          schema={schema}
          onFile={(id) => open(toOneFile(id), isFree && isUsable)}
          onOpen={open}
          onDone={setMessage}
        />
        <main>
          <TabStrip
            tabs={tabs}
            onShow={(id) => change({ kind: 'show', id })}
            onClose={(id) => {
              runs.stop(id)
              change({ kind: 'close', id })
            }}
            onOpen={() => open({ query: '', variables: '' })}
          />
          <Toolbar
            operation={tab}
            isRunning={runs.find(tab.id).isRunning}
            needsToken={facts.needsToken}
            schema={schema}
            onRun={run}
            onStop={() => runs.stop(tab.id)}
            onEdit={(part) => change({ kind: 'edit', change: part })}
            onDone={setMessage}
          />
          <Work
            tab={tab}
            schema={schema}
            onEdit={(part) => change({ kind: 'edit', change: part })}
            onRun={run}
          />
          <Result
            key={tab.id}
            run={runs.find(tab.id)}
            isFree={isFree}
            onFollow={(task) => open(toFollowing(task), true)}
            onDone={setMessage}
          />
        </main>
      </div>
    </>
  )
}

function useMessage(first: string) {
  const [message, setMessage] = useState(first)
  useEffect(() => {
    if (message === '') return undefined
    const timer = setTimeout(() => setMessage(''), MESSAGE_MS)
    return () => clearTimeout(timer)
  }, [message])
  return [message, setMessage] as const
}

/** Those of the last visit, or the examples; what the address carried comes first. */
function toFirstTabs(facts: Facts, shared: Operation | undefined): Tabs {
  const kept = readTabs(facts.upstream)
  const list = kept?.list ?? toExamples(facts).map((operation, at) => toTab(operation, `example-${at}`))
  if (shared)
    return {
      list: [toTab(shared, 'shared'), ...list.filter(({ id }) => id !== 'shared')],
      activeId: 'shared',
    }
  return { list, activeId: kept?.activeId ?? list[0]?.id ?? '' }
}
