// Builds the HTTP request of an operation. Variables are sent as they were typed: as a JavaScript number, an id beyond 2^53
// would become the id of another file.
import { findOperations, type Operation } from './operation.js'

export type Request = Operation & {
  /** JSON, as typed. Its headers take precedence over the token. */
  readonly headers: string
  readonly token: string
  readonly operationName: string | undefined
}

/** Throws an `Error` that says what is wrong with the variables. */
export function toBody({ query, variables, operationName }: Omit<Request, 'headers' | 'token'>): string {
  readRecord(variables, 'Variables')
  const names = findOperations(query).map(({ name }) => name)
  const name = operationName !== undefined && names.includes(operationName) ? operationName : names[0]
  return [
    `{"query":${JSON.stringify(query)}`,
    ...(name === undefined ? [] : [`,"operationName":${JSON.stringify(name)}`]),
    ...(variables.trim() === '' ? [] : [`,"variables":${variables}`]),
    '}',
  ].join('')
}

/** Names are case-insensitive, as in HTTP: the last of two equal ones is used. */
export function toHeaders({ headers: typed, token }: Pick<Request, 'headers' | 'token'>): Headers {
  const headers = new Headers({ accept: 'application/json' })
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  for (const [name, value] of Object.entries(readRecord(typed, 'Headers'))) {
    try {
      headers.set(name, String(value))
    } catch {
      throw new Error(`Headers: ${JSON.stringify(name)} cannot be sent.`)
    }
  }
  headers.set('content-type', 'application/json')
  return headers
}

function readRecord(text: string, what: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${what}: not valid JSON. ${error instanceof Error ? error.message : ''}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${what}: a JSON object is needed, {"name": value}.`)
  return value as Record<string, unknown>
}
