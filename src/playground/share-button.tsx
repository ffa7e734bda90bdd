// Makes a link of what is in the editors, headers left out.
import { ToolbarButton, useGraphiQL } from '@graphiql/react'
import { parseShareLink, toShareLink } from './share.js'

export function ShareButton({ onDone }: { readonly onDone: (message: string) => void }) {
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }))

  async function share(): Promise<void> {
    const query = queryEditor?.getValue() ?? ''
    const variables = variableEditor?.getValue() ?? ''
    const link = toShareLink(location.origin, { query, variables })
    if (parseShareLink(new URL(link).hash) === undefined)
      return onDone(query.trim() === '' ? 'There is nothing to share.' : 'That is too long for a link.')
    history.replaceState(null, '', link)
    // Browsers give the clipboard to pages on https and on loopback only.
    const copied = await navigator.clipboard?.writeText(link).then(
      () => true,
      () => false,
    )
    onDone(
      copied
        ? 'The link is copied. It holds no headers.'
        : 'The link is in the address bar. It holds no headers.',
    )
  }

  return (
    <ToolbarButton label="Share by a link" onClick={share}>
      <svg
        className="graphiql-toolbar-icon"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        aria-hidden="true"
      >
        <path d="M8.6 13.5l6.8 4M15.4 6.5l-6.8 4" strokeWidth="1.5" />
        <circle cx="18" cy="5" r="3" strokeWidth="1.5" />
        <circle cx="6" cy="12" r="3" strokeWidth="1.5" />
        <circle cx="18" cy="19" r="3" strokeWidth="1.5" />
      </svg>
    </ToolbarButton>
  )
}
