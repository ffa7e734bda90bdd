// The editors of a tab: the document, and below it the variables or the headers.
import type { GraphQLSchema } from 'graphql'
import { useState } from 'react'
import { Editor } from './editor.js'
import type { Tab } from './tabs.js'

type WorkProps = {
  readonly tab: Tab
  readonly schema: GraphQLSchema | undefined
  readonly onType: (change: Partial<Tab>) => void
  readonly onRun: () => void
}

const PARTS = { variables: 'Variables', headers: 'Headers' } as const
type Part = keyof typeof PARTS

export function Work({ tab, schema, onType, onRun }: WorkProps) {
  const [part, setPart] = useState<Part>('variables')
  return (
    <section className="work" aria-label="Operation">
      <Editor
        key={tab.id}
        label="Operation, in GraphQL"
        language="graphql"
        text={tab.query}
        revision={tab.revision}
        schema={schema}
        onChange={(query) => onType({ query })}
        onRun={onRun}
      />
      <div className="parts">
        {(Object.keys(PARTS) as Part[]).map((name) => (
          <button key={name} type="button" aria-pressed={part === name} onClick={() => setPart(name)}>
            {PARTS[name]}
          </button>
        ))}
      </div>
      <Editor
        key={`${tab.id} ${part}`}
        label={`${PARTS[part]}, in JSON`}
        language="json"
        text={tab[part]}
        revision={tab.revision}
        onChange={(text) => onType({ [part]: text })}
        onRun={onRun}
      />
    </section>
  )
}
