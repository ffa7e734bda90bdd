// An editor. At first it is a text area, which the code editor replaces once it has loaded, with the same selection.
import type { GraphQLSchema } from 'graphql'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { CodeEditor } from './codemirror.js'

type EditorProps = {
  readonly label: string
  readonly language: 'graphql' | 'json'
  readonly text: string
  /** Changes when something other than typing has changed the text. */
  readonly revision: number
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  readonly schema?: GraphQLSchema | undefined
}

export function Editor(props: EditorProps) {
  const { label, text, revision, schema, onChange } = props
  const place = useRef<HTMLDivElement>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const latest = useRef(props)
  latest.current = props
  const [editor, setEditor] = useState<CodeEditor>()

  useEffect(() => {
    let isGone = false
    let made: CodeEditor | undefined
    void import('./codemirror.js').then(({ createCodeEditor }) => {
      if (isGone || !place.current) return
      made = createCodeEditor({
        ...toStart(latest.current, area.current),
        parent: place.current,
        onChange: (changed) => latest.current.onChange(changed),
        onRun: () => latest.current.onRun(),
      })
      if (document.activeElement === area.current) made.focus()
      setEditor(made)
    }, ignoreMissing)
    return () => {
      isGone = true
      made?.destroy()
    }
  }, [])
  // Not at every change of `text`: it follows the typing with a delay, and would undo what was typed since.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` triggers it
  useEffect(() => editor?.setText(latest.current.text), [editor, revision])
  useEffect(() => editor?.setSchema(schema), [editor, schema])

  function runByKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    latest.current.onRun()
  }

  return (
    <div className="editor" ref={place}>
      {editor === undefined && (
        <textarea
          ref={area}
          aria-label={label}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={runByKey}
          spellCheck={false}
        />
      )}
    </div>
  )
}

function toStart({ label, language, text }: EditorProps, area: HTMLTextAreaElement | null) {
  const { selectionStart = 0, selectionEnd = 0 } = area ?? {}
  return { label, language, text, selection: [selectionStart, selectionEnd] as const }
}

/** If the code editor cannot be loaded, the text area stays, and all else works. */
function ignoreMissing(): void {}
