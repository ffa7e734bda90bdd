// Sends operations to our own GraphQL: queries and mutations for one answer, subscriptions for a stream of events.
import { createClient } from 'graphql-sse'
import { type ShownAnswer, toAnswer, toFault } from './answer.js'
import { toUrl } from './here.js'
import { isSubscription } from './operation.js'
import { type Request, toBody, toHeaders } from './request.js'

export type Sink = {
  readonly next: (answer: ShownAnswer) => void
  /** Called when it ends without being stopped. */
  readonly end: () => void
}

const UNREACHABLE = 'The server cannot be reached. Is it still running?'
/** How many times a broken stream is opened again before the failure is shown. */
const RETRIES = 3
const RETRY_MS = 1000

/** Returns a function that stops it, after which `sink` is not called any more. */
export function send(request: Request, sink: Sink): () => void {
  const left = new AbortController()
  const isStream = isSubscription(request.query, request.operationName)
  const run = isStream ? follow : ask
  run(request, sink.next, left.signal)
    .catch((reason: unknown) => {
      if (!left.signal.aborted) sink.next(toFault(reason instanceof Error ? reason.message : String(reason)))
    })
    .finally(() => {
      if (!left.signal.aborted) sink.end()
    })
  return () => left.abort()
}

type Next = Sink['next']

async function ask(request: Request, next: Next, signal: AbortSignal): Promise<void> {
  const init: RequestInit = { method: 'POST', credentials: 'omit', signal }
  const body = toBody(request)
  const headers = toHeaders(request)
  const startMs = performance.now()
  const response = await fetch(toUrl('graphql'), { ...init, headers, body }).catch(() => {
    throw new Error(UNREACHABLE)
  })
  const text = await response.text()
  next(toAnswer({ text, status: response.status, ms: performance.now() - startMs }))
}

/** Follows one subscription on a connection of its own. A refusal is shown, and not retried. */
async function follow(request: Request, next: Next, signal: AbortSignal): Promise<void> {
  const body = toBody(request)
  const headers = toHeaders(request)
  headers.set('accept', 'text/event-stream')
  const startMs = performance.now()
  let refused: Response | undefined
  let status = 0
  let events = 0
  const client = createClient({
    url: toUrl('graphql').href,
    retryAttempts: RETRIES,
    retry: async () => {
      if (refused) throw refused
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    },
    fetchFn: async (url: string, init: RequestInit) => {
      const response = await fetch(url, { ...init, credentials: 'omit', headers, body })
      status = response.status
      if (!response.ok) refused = response.clone()
      return response
    },
  })
  signal.addEventListener('abort', () => client.dispose())
  await new Promise<void>((resolve, reject) =>
    client.subscribe(
      { query: request.query },
      {
        next: (event) => {
          events += 1
          next({
            ...toAnswer({ text: JSON.stringify(event), status, ms: performance.now() - startMs }),
            events,
          })
        },
        complete: resolve,
        error: reject,
      },
    ),
  ).catch(async () => {
    if (!refused) throw new Error(events > 0 ? 'The stream broke off. Run it again to go on.' : UNREACHABLE)
    next(toAnswer({ text: await refused.text(), status, ms: performance.now() - startMs }))
  })
}
