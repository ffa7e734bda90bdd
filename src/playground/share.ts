// Links that carry an operation in their fragment, which a browser sends to no server. They never carry headers, and
// what they carry is put into the editors, never run.
import type { Operation } from './operation.js'

/** As much as the server takes in a body, and more than people type. */
const MAX_FRAGMENT_LENGTH = 100_000

export function toShareLink(page: string, { query, variables }: Operation): string {
  const parameters = new URLSearchParams({ query })
  if (variables.trim() !== '') parameters.set('variables', variables)
  return `${page}#${parameters}`
}

/** `undefined` where the fragment holds no operation, or one that cannot be read. */
export function parseShareLink(fragment: string): Operation | undefined {
  if (fragment.length > MAX_FRAGMENT_LENGTH) return undefined
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''))
  const query = parameters.get('query') ?? ''
  const variables = parameters.get('variables') ?? ''
  return query.trim() === '' ? undefined : { query, variables }
}
