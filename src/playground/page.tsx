// The page: the tabs with their editors, the answer with its files, and the panel at the side.
import { useEffect, useState } from 'react'
import { Bar } from './bar.js'
import { toExamples, toOneFile } from './examples.js'
import type { Facts } from './facts.js'
import type { Operation } from './operation.js'
import { Panel } from './panel.js'
import { Result } from './result.js'
import { TabStrip } from './tab-strip.js'
import { toFollowing } from './task-examples.js'
import { Toolbar } from './toolbar.js'
import { useDesk } from './use-desk.js'
import { useSchema } from './use-schema.js'
import { Work } from './work.js'

type PageProps = {
  readonly facts: Facts
  /** The operation in the link that was opened. */
  readonly shared: Operation | undefined
  /** Whether the link could not be read. */
  readonly isBroken: boolean
}

/** How long a message stays on the page. */
const MESSAGE_MS = 8000

export function Page({ facts, shared, isBroken }: PageProps) {
  const [message, setMessage] = useMessage(
    isBroken ? 'This link contains no operation that can be read.' : '',
  )
  const desk = useDesk(facts, shared)
  const { tab, tabs, change, open, ask, runs, run, token } = desk
  const isFree = facts.upstream === 'sandbox'
  const canAsk = token !== '' || !facts.needsToken
  const schema = useSchema(facts, token)
  const edit = (part: Partial<Operation>) => change({ kind: 'edit', change: part })
  return (
    <>
      <Bar
        facts={facts}
        token={token}
        isRefused={desk.isRefused}
        onToken={desk.changeToken}
        message={message}
      />
      <div className="columns">
        <Panel
          facts={facts}
          token={token}
          schema={schema}
          onFile={(id) => ask(toOneFile(id), isFree && canAsk)}
          onOpen={open}
          onDone={setMessage}
        />
        <main>
          <TabStrip
            tabs={tabs}
            onShow={(id) => change({ kind: 'show', id })}
            onClose={desk.close}
            onOpen={() => open({ query: '', variables: '' })}
          />
          <Toolbar
            operation={tab}
            isRunning={runs.find(tab.id).isRunning}
            needsToken={facts.needsToken}
            schema={schema}
            onRun={run}
            onStop={() => runs.stop(tab.id)}
            onEdit={edit}
            onDone={setMessage}
          />
          <Work
            tab={tab}
            schema={schema}
            onType={(part) => change({ kind: 'type', change: part })}
            onRun={run}
          />
          <Result
            key={tab.id}
            run={runs.find(tab.id)}
            isFree={isFree}
            examples={tab.query.trim() === '' ? toExamples(facts) : []}
            onExample={edit}
            onFollow={(task) => ask(toFollowing(task), true)}
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
