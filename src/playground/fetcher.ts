// Sends operations to our own `/graphql`. Stopping one, or leaving its tab, aborts its request.
import type { Fetcher, FetcherParams } from '@graphiql/toolkit'

export type FetcherOptions = {
  /** Sent along unless the header editor says otherwise. */
  readonly token: string
  /** The server asked for another token. */
  readonly onUnauthenticated: () => void
}

type Observer = {
  readonly next: (value: object) => void
  readonly error?: (reason: unknown) => void
  readonly complete?: () => void
}

export function createFetcher({ token, onUnauthenticated }: FetcherOptions): Fetcher {
  return (operation, { headers = {} } = {}) => ({
    subscribe: (given?: Observer | Observer['next']) => {
      const observer = typeof given === 'function' ? { next: given } : given
      const left = new AbortController()
      const init = {
        method: 'POST',
        headers: toHeaders(headers, token),
        body: JSON.stringify(toBody(operation)),
        signal: left.signal,
      }
      send(init, onUnauthenticated)
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

async function send(init: RequestInit, onUnauthenticated: () => void): Promise<object> {
  const response = await fetch('/graphql', { credentials: 'omit', ...init })
  if (response.status === 401) onUnauthenticated()
  try {
    return await response.json()
  } catch {
    throw new Error(`HTTP ${response.status}, and its body is no JSON.`)
  }
}

/**
 * GraphiQL looks for the operation's name a moment after a change, and says the one before until then. Where there is
 * one operation, it needs no name.
 */
function toBody({ operationName, ...rest }: FetcherParams): object {
  return operationName && rest.query.includes(operationName) ? { operationName, ...rest } : rest
}

/** Names are told apart without regard to case, as in HTTP: the last one wins. */
function toHeaders(edited: Readonly<Record<string, unknown>>, token: string): Headers {
  const headers = new Headers({ accept: 'application/json' })
  if (token !== '') headers.set('authorization', `Bearer ${token}`)
  for (const [name, value] of Object.entries(edited)) headers.set(name, String(value))
  headers.set('content-type', 'application/json')
  return headers
}
