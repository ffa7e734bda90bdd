// The sandbox's files, and the ids that fail on request: each opens in a tab of its own.
import { type GraphiQLPlugin, useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { toOneFile } from './examples.js'
import type { SampleFile } from './facts.js'

const FAILURES = [
  { id: '1002', note: 'a MiniMax code: asked too often' },
  { id: '1004', note: 'a MiniMax code: the key is not valid' },
  { id: '1008', note: 'a MiniMax code: out of funds' },
  { id: '503', note: 'an HTTP status; any from 400 to 524' },
  { id: '1', note: 'the connection is reset' },
  { id: '2', note: 'no answer at all' },
  { id: '4', note: 'a page instead of JSON' },
  { id: '8', note: 'fails twice, then answers' },
]

export function createFilesPlugin(files: readonly SampleFile[]): GraphiQLPlugin {
  return { title: 'Files of the sandbox', icon: FilesIcon, content: () => <Files files={files} /> }
}

function Files({ files }: { readonly files: readonly SampleFile[] }) {
  return (
    <section className="files">
      <h2>Files of the sandbox</h2>
      <p>An id opens in a new tab.</p>
      <List items={files} />
      <h2>Ids that fail on request</h2>
      <List items={FAILURES} />
    </section>
  )
}

type Item = { readonly id: string; readonly filename?: string; readonly note: string }

function List({ items }: { readonly items: readonly Item[] }) {
  const open = useOpen()
  return (
    <ul>
      {items.map(({ id, filename, note }) => (
        <li key={id}>
          <button type="button" onClick={() => open(id)}>
            {id}
          </button>
          {filename}
          <small>{note}</small>
        </li>
      ))}
    </ul>
  )
}

/** Opens a tab that asks for a file. It does not run it. */
function useOpen(): (id: string) => void {
  const { addTab } = useGraphiQLActions()
  const editors = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }))
  return (id) => {
    const { query, variables } = toOneFile(id)
    addTab()
    editors.queryEditor?.setValue(query)
    editors.variableEditor?.setValue(variables)
  }
}

function FilesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M5 3h9l5 5v13H5z" strokeLinejoin="round" />
      <path d="M14 3v5h5M10 12v5l4-2.5z" strokeLinejoin="round" />
    </svg>
  )
}
