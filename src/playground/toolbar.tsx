// The buttons for the operation in the editors.
import type { GraphQLSchema } from 'graphql'
import { CopyMenu } from './copy-menu.js'
import { copy, toPageUrl } from './here.js'
import { Icon } from './icon.js'
import { findOperations, type Operation } from './operation.js'
import { parseShareLink, toShareLink } from './share.js'

type ToolbarProps = RunButtonsProps & {
  readonly needsToken: boolean
  readonly schema: GraphQLSchema | undefined
  readonly onEdit: (change: Partial<Operation>) => void
  readonly onDone: (message: string) => void
}

export function Toolbar({ needsToken, schema, onEdit, onDone, ...run }: ToolbarProps) {
  const { operation } = run

  async function prettify(): Promise<void> {
    try {
      const { format } = await import('./prettify.js')
      onEdit(await format(operation))
    } catch {
      onDone('The operation cannot be formatted, since it is not valid.')
    }
  }

  async function share(): Promise<void> {
    const link = toShareLink(toPageUrl(), operation)
    if (parseShareLink(new URL(link).hash) === undefined)
      return onDone(
        operation.query.trim() === ''
          ? 'There is nothing to share.'
          : 'This operation is too long for a link.',
      )
    history.replaceState(null, '', link)
    onDone(`The link is ${(await copy(link)) ? 'copied' : 'in the address bar'}. It holds no headers.`)
  }

  return (
    <div className="toolbar">
      <RunButtons {...run} />
      <button type="button" onClick={prettify}>
        Prettify
      </button>
      <CopyMenu operation={operation} needsToken={needsToken} schema={schema} onDone={onDone} />
      <button type="button" onClick={share}>
        Share
      </button>
    </div>
  )
}

type RunButtonsProps = {
  readonly operation: Operation
  readonly isRunning: boolean
  readonly onRun: (operationName?: string) => void
  readonly onStop: () => void
}

/** If the document has several operations, Run sends the first, and a list offers all. */
function RunButtons({ operation, isRunning, onRun, onStop }: RunButtonsProps) {
  const names = findOperations(operation.query).flatMap(({ name }) => name ?? [])
  if (isRunning)
    return (
      <button type="button" className="run" onClick={onStop}>
        <Icon name="stop" />
        Stop
      </button>
    )
  return (
    <>
      <button type="button" className="run" onClick={() => onRun()} title="Ctrl or ⌘ and Enter">
        <Icon name="run" />
        Run
      </button>
      {names.length > 1 && (
        <select aria-label="Run one of these" value="" onChange={({ target }) => onRun(target.value)}>
          <option value="">Run one of {names.length}…</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </>
  )
}
