// What can be done with the operation in the editors.
import type { GraphQLSchema } from 'graphql'
import { useRef } from 'react'
import { toCurl, toFetch, toTypeScript } from './copy-as.js'
import { copy, toPageUrl, toUrl } from './here.js'
import { Icon } from './icon.js'
import { findOperations, type Operation } from './operation.js'
import { parseShareLink, toShareLink } from './share.js'

type ToolbarProps = {
  readonly operation: Operation
  readonly isRunning: boolean
  readonly needsToken: boolean
  readonly schema: GraphQLSchema | undefined
  readonly onRun: (operationName?: string) => void
  readonly onStop: () => void
  readonly onEdit: (change: Partial<Operation>) => void
  readonly onDone: (message: string) => void
}

const FORMS = { curl: toCurl, fetch: toFetch, TypeScript: toTypeScript }
type Form = keyof typeof FORMS

export function Toolbar({
  operation,
  isRunning,
  needsToken,
  schema,
  onRun,
  onStop,
  onEdit,
  onDone,
}: ToolbarProps) {
  const menu = useRef<HTMLDetailsElement>(null)
  const names = findOperations(operation.query).flatMap(({ name }) => name ?? [])

  async function prettify(): Promise<void> {
    try {
      const { format } = await import('./prettify.js')
      onEdit(await format(operation))
    } catch {
      onDone('This can not be formatted: it is not valid.')
    }
  }

  async function copyAs(form: Form): Promise<void> {
    menu.current?.removeAttribute('open')
    const types =
      schema && form === 'TypeScript'
        ? (await import('./types.js')).toTypes(schema, operation.query)
        : undefined
    const copied = await copy(FORMS[form](operation, { url: toUrl('graphql').href, needsToken, types }))
    onDone(copied ? `Copied as ${form}, without headers.` : 'This browser does not let the page copy.')
  }

  async function share(): Promise<void> {
    const link = toShareLink(toPageUrl(), operation)
    if (parseShareLink(new URL(link).hash) === undefined)
      return onDone(
        operation.query.trim() === '' ? 'There is nothing to share.' : 'That is too long for a link.',
      )
    history.replaceState(null, '', link)
    onDone(`The link is ${(await copy(link)) ? 'copied' : 'in the address bar'}. It holds no headers.`)
  }

  return (
    <div className="toolbar">
      {isRunning ? (
        <button type="button" className="run" onClick={onStop}>
          <Icon name="stop" />
          Stop
        </button>
      ) : (
        <button type="button" className="run" onClick={() => onRun()} title="Ctrl or ⌘ and Enter">
          <Icon name="run" />
          Run
        </button>
      )}
      {names.length > 1 && !isRunning && (
        <select aria-label="Run one of these" value="" onChange={(event) => onRun(event.target.value)}>
          <option value="">Run one of {names.length}…</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <button type="button" onClick={prettify}>
        Prettify
      </button>
      <details
        className="menu"
        ref={menu}
        onBlur={({ currentTarget, relatedTarget }) => {
          if (!currentTarget.contains(relatedTarget)) currentTarget.removeAttribute('open')
        }}
      >
        <summary>Copy as</summary>
        <div>
          {(Object.keys(FORMS) as Form[]).map((form) => (
            <button type="button" key={form} onClick={() => copyAs(form)}>
              {form}
            </button>
          ))}
        </div>
      </details>
      <button type="button" onClick={share}>
        Share
      </button>
    </div>
  )
}
