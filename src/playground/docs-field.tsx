// Shows one field of a type in the documentation.
import { type GraphQLField, type GraphQLInputField, type GraphQLType, getNamedType } from 'graphql'

type TypeLinkProps = { readonly type: GraphQLType; readonly onType: (name: string) => void }

export function TypeLink({ type, onType }: TypeLinkProps) {
  return (
    <button type="button" className="link type" onClick={() => onType(getNamedType(type).name)}>
      {String(type)}
    </button>
  )
}

type DocsFieldProps = Pick<TypeLinkProps, 'onType'> & {
  readonly field: GraphQLField<unknown, unknown> | GraphQLInputField
  /** Opens an operation for the field. */
  readonly onAsk?: () => void
}

export function DocsField({ field, onType, onAsk }: DocsFieldProps) {
  const args = 'args' in field ? field.args : []
  return (
    <li>
      <code>{field.name}</code>: <TypeLink type={field.type} onType={onType} />
      {onAsk && (
        <button type="button" className="ask" aria-label={`Open in a tab: ${field.name}`} onClick={onAsk}>
          Open in a tab
        </button>
      )}
      <Description text={field.description} />
      {args.length > 0 && (
        <ul className="fields">
          {args.map(({ name, type, description }) => (
            <li key={name}>
              <code>{name}</code>: <TypeLink type={type} onType={onType} />
              <Description text={description} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** A description; text between backticks is code. */
export function Description({ text }: { readonly text: string | null | undefined }) {
  if (!text) return null
  return (
    <p>
      {text.split('`').map((part, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: parts are never moved
        at % 2 === 1 ? <code key={at}>{part}</code> : part,
      )}
    </p>
  )
}
