// Sends operations to our own `/graphql`. Stopping one, or leaving its tab, aborts its request.
import type { Fetcher, FetcherParams } from '@graphiql/toolkit'

export type FetcherOptions = {
  /** Sent along unless the header editor says otherwise. */
  readonly token: string
  /** Told of each answer to the token, or to none: not of those to a token in the header editor. */
  readonly onAccess: (isRefused: boolean) => void
}

type Observer = {
  readonly next: (value: object) => void
  readonly error?: (reason: unknown) => void
  readonly complete?: () => void
}

export function createFetcher(options: FetcherOptions): Fetcher {
  return (operation, { headers = {} } = {}) => ({
    subscribe: (given?: Observer | Observer['next']) => {
      const observer = typeof given === 'function' ? { next: given } : given
      const left = new AbortController()
      send(operation, headers, options, left.signal)
        .then((answer) => {
          observer?.next(answer)
          observer?.complete?.()
        })
        .catch((reason: unknown) => {
          if (!left.signal.aborted) observer?.error?.(reason)
        })
      return { unsubscribe: () => left.abort() }
    },
  })
}

type Edited = Readonly<Record<string, unknown>>

/** Rejects with a `{ message }`: of an `Error`, GraphiQL would show the stack. */
async function send(
  operation: FetcherParams,
  edited: Edited,
  { token, onAccess }: FetcherOptions,
  signal: AbortSignal,
): Promise<object> {
  if (isRounded(operation.variables)) throw { message: ROUNDED }
  const headers = toHeaders(edited, token)
  const body = JSON.stringify(toBody(operation))
  const init: RequestInit = { method: 'POST', credentials: 'omit', headers, body, signal }
  const response = await fetch('/graphql', init).catch(() => {
    throw { message: 'The server can not be reached. Is it still running?' }
  })
  const isOwn = Object.keys(edited).every((name) => name.toLowerCase() !== 'authorization')
  if (isOwn) onAccess(response.status === 401)
  return response.json().catch(() => {
    throw { message: `HTTP ${response.status}, and its body is no JSON.` }
  })
}

const ROUNDED =
  'The variables have a whole number beyond 2^53, which GraphiQL has rounded to another. Write ids in quotes.'

/** GraphiQL reads the variables before they get here, as doubles: one that lost its last digits is another file's id. */
function isRounded(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(isRounded)
}

/**
 * GraphiQL looks for the operation's name a moment after a change, and says the one before until then. Where there is
 * one operation, it needs no name.
 */
function toBody({ operationName, ...rest }: FetcherParams): object {
  return operationName && rest.query.includes(operationName) ? { operationName, ...rest } : rest
}

/** Names are told apart without regard to case, as in HTTP: the last one wins. */
function toHeaders(edited: Edited, token: string): Headers {
  const headers = new Headers({ accept: 'application/json' })
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  for (const [name, value] of Object.entries(edited)) {
    try {
      headers.set(name, String(value))
    } catch {
      throw { message: `Headers: ${JSON.stringify(name)} can not be sent.` }
    }
  }
  headers.set('content-type', 'application/json')
  return headers
}
