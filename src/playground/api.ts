// Sends the page's own operations, such as the listing.
import { toUrl } from './here.js'
import { findOperations } from './operation.js'

/** Rejects with an `Error` whose message can be shown. */
export async function query<Data>(token: string, text: string, variables: unknown = {}): Promise<Data> {
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(token !== '' && { authorization: `Bearer ${token}` }),
  }
  const body = JSON.stringify({ query: text, operationName: findOperations(text)[0]?.name, variables })
  const init: RequestInit = { method: 'POST', credentials: 'omit', headers, body }
  const response = await fetch(toUrl('graphql'), init).catch(() => {
    throw new Error('The server cannot be reached.')
  })
  const { data, errors } = await response.json().catch(() => ({}))
  if (!data || errors) throw new Error(toMessage(errors) ?? `The server answered HTTP ${response.status}.`)
  return data
}

/** The message of the first error; `undefined` if there is none. */
export function toMessage(errors: unknown): string | undefined {
  const message: unknown = Array.isArray(errors) ? errors[0]?.message : undefined
  return typeof message === 'string' ? message : undefined
}
