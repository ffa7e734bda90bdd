// Copies the operation as code, in one of three forms.
import type { GraphQLSchema } from 'graphql'
import { useRef } from 'react'
import { toCurl, toFetch, toTypeScript } from './copy-as.js'
import { copy, toUrl } from './here.js'
import type { Operation } from './operation.js'

type CopyMenuProps = {
  readonly operation: Operation
  readonly needsToken: boolean
  readonly schema: GraphQLSchema | undefined
  readonly onDone: (message: string) => void
}

const FORMS = { curl: toCurl, fetch: toFetch, TypeScript: toTypeScript }
type Form = keyof typeof FORMS

export function CopyMenu({ operation, needsToken, schema, onDone }: CopyMenuProps) {
  const menu = useRef<HTMLDetailsElement>(null)
  const close = () => menu.current?.removeAttribute('open')

  async function copyAs(form: Form): Promise<void> {
    close()
    const types =
      schema && form === 'TypeScript'
        ? (await import('./types.js')).toTypes(schema, operation.query)
        : undefined
    const code = FORMS[form](operation, { url: toUrl('graphql').href, needsToken, types })
    onDone(
      (await copy(code)) ? `Copied as ${form}, without headers.` : 'This browser does not let the page copy.',
    )
  }

  return (
    <details
      className="menu"
      ref={menu}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) close()
      }}
      onKeyDown={({ key }) => {
        if (key === 'Escape') close()
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
  )
}
