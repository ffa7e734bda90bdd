// GraphiQL, with what this server adds to it: where the files come from, what each answer cost, links to share, and a
// place for the access token.
import { explorerPlugin } from '@graphiql/plugin-explorer'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { useEffect, useMemo, useState } from 'react'
import { Bar } from './bar.js'
import { type Example, toExamples } from './examples.js'
import type { Facts } from './facts.js'
import { createFetcher } from './fetcher.js'
import { createFilesPlugin } from './files.js'
import { Footer } from './footer.js'
import { createTabStorage, isFresh, keepToken, readToken } from './session.js'
import { ShareButton } from './share-button.js'

type PageProps = {
  readonly facts: Facts
  /** What the address carried. */
  readonly shared: Example | undefined
  /** It carried something, but nothing that could be read. */
  readonly isBroken: boolean
}

/** What variables may hold, where GraphiQL would take it for a text or a number: a router's representations. */
const SCALARS = { _Any: { type: 'object' } }

/** How long what has just happened stays on the page. */
const MESSAGE_MS = 8000

export function Page({ facts, shared, isBroken }: PageProps) {
  const [token, setToken] = useState(readToken)
  const [isRefused, setRefused] = useState(false)
  const [message, setMessage] = useState(isBroken ? 'This link carries no operation that could be read.' : '')
  const fetcher = useMemo(() => createFetcher({ token, onAccess: setRefused }), [token])
  const fixed = useMemo(() => toFixedProps(facts, shared), [facts, shared])

  useEffect(() => {
    if (message === '') return undefined
    const timer = setTimeout(() => setMessage(''), MESSAGE_MS)
    return () => clearTimeout(timer)
  }, [message])

  function changeToken(next: string): void {
    keepToken(next)
    setRefused(false)
    setToken(next)
  }

  const canIntrospect = facts.introspection && (token !== '' || !facts.needsToken)
  return (
    <>
      <Bar facts={facts} token={token} isRefused={isRefused} onToken={changeToken} message={message} />
      <GraphiQL
        {...fixed}
        fetcher={fetcher}
        customScalarSchemas={SCALARS}
        {...(canIntrospect ? {} : { schema: null })}
        defaultEditorToolsVisibility="variables"
        showPersistHeadersSettings={false}
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>{null}</GraphiQL.Logo>
        <GraphiQL.Toolbar>
          {({ prettify, copy, merge }) => (
            <>
              {prettify}
              {merge}
              {copy}
              <ShareButton onDone={setMessage} />
            </>
          )}
        </GraphiQL.Toolbar>
        <GraphiQL.Footer>
          <Footer />
        </GraphiQL.Footer>
      </GraphiQL>
    </>
  )
}

/** What GraphiQL reads once. Its first tab is what the editors hold, so both must say the same. */
function toFixedProps(facts: Facts, shared: Example | undefined) {
  const storage = createTabStorage(facts.upstream)
  const examples = toExamples(facts)
  const initial = shared ?? (isFresh(storage) ? examples[0] : undefined)
  const plugins = [HISTORY_PLUGIN, explorerPlugin()]
  return {
    storage,
    plugins: facts.files.length > 0 ? [createFilesPlugin(facts.files), ...plugins] : plugins,
    defaultTabs: shared ? [shared, ...examples] : examples,
    ...(initial && { initialQuery: initial.query, initialVariables: initial.variables }),
  }
}
