// Links with an operation in their fragment, which browsers do not send to servers. They never contain headers. Opening one
// fills the editors and runs nothing.
import type { Operation } from './operation.js'

/** The server's limit for a body, and more than people type. */
const MAX_FRAGMENT_LENGTH = 100_000

export function toShareLink(page: string, { query, variables }: Operation): string {
  const parameters = new URLSearchParams({ query })
  if (variables.trim() !== '') parameters.set('variables', variables)
  return `${page}#${parameters}`
}

/** `undefined` if the fragment contains no operation, or one that cannot be read. */
export function parseShareLink(fragment: string): Operation | undefined {
  if (fragment.length > MAX_FRAGMENT_LENGTH) return undefined
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''))
  const query = parameters.get('query') ?? ''
  const variables = parameters.get('variables') ?? ''
  return query.trim() === '' ? undefined : { query, variables }
}
