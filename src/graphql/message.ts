// The parts of a GraphQL message that may be left out: some clients send them as empty texts instead.
const OPTIONAL: ReadonlySet<string> = new Set(['operationName', 'variables', 'extensions'])

/** In a query string, JSON parameters may be `null` as well. */
const NOTHING = /[?&](?:operationName=|(?:variables|extensions)=(?:null)?)(?=&|$)/

/** The body without the parts that are empty texts. */
export function withoutBlanks(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  const entries = Object.entries(body)
  const isBlank = ([name, value]: [string, unknown]) => value === '' && OPTIONAL.has(name)
  return entries.some(isBlank) ? Object.fromEntries(entries.filter((entry) => !isBlank(entry))) : body
}

/** The same for a query string with its `?`. */
export function withoutBlankParameters(search: string): string {
  if (!NOTHING.test(search)) return search
  const parameters = [...new URLSearchParams(search)]
  const isNothing = ([name, value]: [string, string]) =>
    OPTIONAL.has(name) && (value === '' || (value === 'null' && name !== 'operationName'))
  return `?${new URLSearchParams(parameters.filter((each) => !isNothing(each)))}`
}
