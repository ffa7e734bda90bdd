// An operation as it is in the editors, and what can be found in its text without a parser, even while it is incomplete.

export type Operation = {
  readonly query: string
  /** JSON; empty for none. */
  readonly variables: string
}

export function toOperation(query: string, variables: unknown): Operation {
  return { query, variables: JSON.stringify(variables, null, 2) }
}

type Definition = { readonly kind: string; readonly name: string | undefined }

const withoutComments = (query: string) => query.replace(/#.*/g, '')

/** The operations of a document, in order. An anonymous query without the keyword is not found. */
export function findOperations(query: string): Definition[] {
  const found = withoutComments(query).matchAll(/^\s*(query|mutation|subscription)\b\s*(\w+)?/gm)
  return [...found].map(([, kind = '', name]) => ({ kind, name }))
}

/** The title of a tab: the operation's name as words, or its first field. */
export function toTitle(query: string): string {
  const name = findOperations(query)[0]?.name
  if (name !== undefined) return toWords(name)
  return /\{\s*(?:\w+\s*:\s*)?(\w+)/.exec(withoutComments(query))?.[1] ?? 'New tab'
}

function toWords(name: string): string {
  const words = name
    .replace(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+/g, ' ')
    .trim()
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Whether the selected operation is a subscription, which is answered by a stream of events. */
export function isSubscription(query: string, operationName: string | undefined): boolean {
  const operations = findOperations(query)
  const chosen = operations.find(({ name }) => name === operationName) ?? operations[0]
  return chosen?.kind === 'subscription'
}
