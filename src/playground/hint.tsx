// Shown while there is no answer: how to get one.
import { type Operation, toTitle } from './operation.js'

type HintProps = {
  /** Empty if the editor contains an operation. */
  readonly examples: readonly Operation[]
  readonly onOpen: (example: Operation) => void
}

export function Hint({ examples, onOpen }: HintProps) {
  if (examples.length > 0)
    return (
      <div className="hint">
        <p>Type an operation, or begin with an example:</p>
        <ul className="examples">
          {examples.map((example) => (
            <li key={example.query}>
              <button type="button" onClick={() => onOpen(example)}>
                {toTitle(example.query)}
              </button>
            </li>
          ))}
        </ul>
      </div>
    )
  return (
    <div className="hint">
      <p>
        Press <strong>Run</strong>, or <kbd>Ctrl</kbd> <kbd>Enter</kbd>, to send the operation in the editor.
      </p>
      <ul>
        <li>Each tab is an example that can be changed.</li>
        <li>Videos, pictures and sounds of an answer are shown below it.</li>
        <li>Upload, list and delete files in the Files panel.</li>
        <li>
          Type in the editor, or press <kbd>Ctrl</kbd> <kbd>Space</kbd>: it knows the schema.
        </li>
      </ul>
    </div>
  )
}
