// The panel beside the editors: the account's files, or the documentation of the schema.
import type { GraphQLSchema } from 'graphql'
import { lazy, Suspense, useState } from 'react'
import type { Facts } from './facts.js'
import { FilesPanel } from './files-panel.js'
import { Icon } from './icon.js'
import type { Operation } from './operation.js'

/** Loaded when it is opened: it needs the GraphQL library, and the page does not need it at first. */
const Docs = lazy(async () => ({ default: (await import('./docs.js')).Docs }))

type PanelProps = {
  readonly facts: Facts
  readonly token: string
  readonly schema: GraphQLSchema | undefined
  /** Opens the operation for a file; on the sandbox it also runs it. */
  readonly onFile: (id: string) => void
  readonly onOpen: (operation: Operation) => void
  readonly onDone: (message: string) => void
}

const PARTS = { files: 'Files', docs: 'Docs' } as const
type Part = keyof typeof PARTS

export function Panel({ facts, token, schema, onFile, onOpen, onDone }: PanelProps) {
  const [part, setPart] = useState<Part | undefined>('files')
  return (
    <aside className={part ? 'panel' : 'panel folded'} aria-label="Panel">
      <div className="parts">
        {(Object.keys(PARTS) as Part[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-expanded={part === name}
            onClick={() => setPart(part === name ? undefined : name)}
          >
            <Icon name={name === 'files' ? 'file' : 'book'} />
            {PARTS[name]}
          </button>
        ))}
      </div>
      {part === 'files' && <FilesPanel facts={facts} token={token} onFile={onFile} onDone={onDone} />}
      {part === 'docs' && (
        <Suspense fallback={<p className="empty">Loading…</p>}>
          {schema ? (
            <Docs schema={schema} onOpen={onOpen} />
          ) : (
            <p className="empty">
              The schema could not be read{facts.needsToken ? ': it needs the access token.' : '.'}
            </p>
          )}
        </Suspense>
      )}
    </aside>
  )
}
