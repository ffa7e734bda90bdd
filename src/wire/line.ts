// One connection to the upstream, made when needed and kept alive between requests. The only user of undici's
// client. Knows no deadlines but those it is told by a signal; undici's own timers are a second fence behind.

import { type buildConnector, Client, type Dispatcher } from 'undici'
import { createAnswer, type WireResponse } from './answer.js'
import { type Progress, toWireError, WireError } from './fault.js'

export type LineOptions = {
  readonly attemptTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxBytes: number
  readonly connect?: buildConnector.BuildOptions | buildConnector.connector | undefined
}

type LineCall = {
  /** Aborted with the reason 'timeout' when a deadline has passed, with any other when the caller has gone. */
  readonly signal: AbortSignal
  /** Called once, right before the request is written to a socket. */
  readonly onSent: () => void
  /** Called once, when the line can take the next request: later than the rejection if that came by signal. */
  readonly onFree: () => void
}

/** Takes one request at a time. */
export type Line = {
  exchange(target: string, headers: Readonly<Record<string, string>>, call: LineCall): Promise<WireResponse>
  destroy(): Promise<void>
}

// undici's timers tick twice a second, so they are set far enough behind ours never to win by accident.
const SECOND_FENCE_MS = 1000

// Below the idle timeout of common front ends (60 to 75 s). A shorter one in the answer's headers goes first.
const KEEP_ALIVE_MS = 30_000

// What Node itself takes; undici would follow --max-http-header-size.
const MAX_HEADER_BYTES = 16_384

function createClient(origin: string, options: LineOptions): Client {
  const { attemptTimeoutMs, connectTimeoutMs, connect } = options
  return new Client(origin, {
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connectTimeout: connectTimeoutMs + SECOND_FENCE_MS,
    headersTimeout: attemptTimeoutMs + SECOND_FENCE_MS,
    bodyTimeout: attemptTimeoutMs + SECOND_FENCE_MS,
    ...(connect && { connect }),
  })
}

export function createLine(origin: string, options: LineOptions): Line {
  const client = createClient(origin, options)
  let used = false
  client.on('connect', () => {
    used = false
  })

  const exchange: Line['exchange'] = (target, headers, { signal, onSent, onFree }) =>
    new Promise((resolve, reject) => {
      const answer = createAnswer(options.maxBytes)
      const progress: Progress = { sent: false, reused: false, answered: false, headed: false }
      let controller: Dispatcher.DispatchController | undefined

      const toStopError = () =>
        new WireError(signal.reason === 'timeout' ? 'timeout' : 'aborted', { sent: progress.sent })
      const stop = () => {
        const error = toStopError()
        reject(error)
        controller?.abort(error)
      }
      const finish = () => {
        signal.removeEventListener('abort', stop)
        onFree()
      }
      signal.addEventListener('abort', stop)

      // What a callback throws makes undici destroy the socket and call onResponseError with it.
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(started) {
          // Stopped while it waited for the connection, which stays good for the next request.
          if (signal.aborted) throw toStopError()
          controller = started
          Object.assign(progress, { sent: true, reused: used })
          onSent()
        },
        onResponseStarted() {
          progress.answered = true
        },
        onResponseStart(_, status, rawHeaders) {
          if (status < 200) return
          progress.headed = true
          answer.head(status, rawHeaders)
        },
        onResponseData(_, chunk) {
          answer.add(chunk)
        },
        onResponseEnd() {
          used = true
          resolve(answer.read())
          finish()
        },
        onResponseError(_, error) {
          reject(toWireError(error, progress))
          finish()
        },
      }
      const identity = { ...headers, 'accept-encoding': 'identity' }
      client.dispatch({ method: 'GET', path: target, headers: identity }, handler)
    })

  return { exchange, destroy: () => client.destroy() }
}
