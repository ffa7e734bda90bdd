// The code editor. It is loaded after the page; until then a plain text area takes its place.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json, jsonParseLinter } from '@codemirror/lang-json'
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { linter } from '@codemirror/lint'
import { EditorSelection, Prec } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { classHighlighter } from '@lezer/highlight'
import { graphql, updateSchema } from 'cm6-graphql'
import type { GraphQLSchema } from 'graphql'

export type EditorOptions = {
  readonly parent: HTMLElement
  readonly label: string
  readonly language: 'graphql' | 'json'
  readonly text: string
  readonly selection: readonly [start: number, end: number]
  readonly onChange: (text: string) => void
  readonly onRun: () => void
}

export type CodeEditor = {
  setText(text: string): void
  setSchema(schema: GraphQLSchema | undefined): void
  focus(): void
  destroy(): void
}

export function createCodeEditor(options: EditorOptions): CodeEditor {
  const { parent, label, language, text, selection, onChange, onRun } = options
  const run = () => {
    onRun()
    return true
  }
  const view = new EditorView({
    parent,
    doc: text,
    selection: EditorSelection.single(...selection),
    extensions: [
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
      lineNumbers(),
      history(),
      bracketMatching(),
      closeBrackets(),
      indentOnInput(),
      autocompletion(),
      syntaxHighlighting(classHighlighter),
      language === 'graphql' ? graphql() : [json(), linter(lintJson)],
      // Without a binding for Tab, which leaves the editor like any other field.
      keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label }),
      EditorView.updateListener.of(({ docChanged, state }) => {
        if (docChanged) onChange(state.doc.toString())
      }),
    ],
  })
  return {
    setText: (next) => {
      const { doc } = view.state
      if (doc.toString() !== next) view.dispatch({ changes: { from: 0, to: doc.length, insert: next } })
    },
    setSchema: (schema) => updateSchema(view, schema),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

const parseJson = jsonParseLinter()

/** An empty text is not an error: it means no variables, or no headers. */
function lintJson(view: EditorView): ReturnType<typeof parseJson> {
  return view.state.doc.toString().trim() === '' ? [] : parseJson(view)
}
