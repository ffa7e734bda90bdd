// Bounded requests to one origin. Knows bytes and time, not what answers mean. A request waits for a free line, then has a
// limited time to connect, and from the moment it is written a limited time for the whole answer.
import { setImmediate as turn } from 'node:timers/promises'
import type { buildConnector } from 'undici'
import { createDeadlines } from './deadlines.js'
import { Exchange, type ExchangeOptions, type WireCall, type WireExtras } from './exchange.js'
import { Line } from './line.js'
import type { WireResponse } from './response.js'

export type { WireCall } from './exchange.js'
export { WireError, type WireFailure } from './fault.js'
export type { WireResponse } from './response.js'

export type Wire = {
  /**
   * Sends one GET for `target` (path and query, appended to the origin) and reads the whole answer. It resolves for
   * every complete answer, redirects included, which are never followed; it rejects with a `WireError`, or with what
   * `onTurn` throws. It never tries twice. With `maxBytes` the answer may be larger than others.
   */
  get(target: string, call: WireCall, maxBytes?: number): Promise<WireResponse>
  /** The same for a POST whose body is JSON, and small. Once it is written it has until the deadline of the call. */
  post(target: string, body: string, call: WireCall): Promise<WireResponse>
  /** Ends what has not been sent, lets the rest finish for so long, and closes every connection. Later calls fail. */
  close(graceMs?: number): Promise<void>
}

/** Sockets to the upstream, and how many look-ups may wait for one. */
export const WIRE_LIMITS = { connections: 32, queued: 1000 } as const

export type WireOptions = {
  /** The headers of every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** From writing the request to the last byte of the answer; also from leaving our queue to writing the request. */
  readonly attemptTimeoutMs: number
  /** From leaving our queue to writing the request, if that is to be shorter. */
  readonly connectTimeoutMs?: number
  readonly maxBytes?: number
  readonly connections?: number
  /** How many may wait for a free connection. */
  readonly maxQueued?: number
  /** TLS and socket options, or a function that makes the sockets itself and calls back sooner or later. */
  readonly connect?: buildConnector.BuildOptions | buildConnector.connector
}

const monotonicMs = () => performance.now()

export function createWire(baseUrl: URL, options: WireOptions): Wire {
  const { attemptTimeoutMs, connectTimeoutMs = attemptTimeoutMs, maxBytes = 2 ** 20, connect } = options
  const { connections = WIRE_LIMITS.connections, maxQueued = WIRE_LIMITS.queued, headers = {} } = options
  // Compressed answers would only have to be inflated again.
  const rawHeaders = Object.entries({ ...headers, 'accept-encoding': 'identity' }).flat()
  const lines: Line[] = []
  // The last used line is taken first: its socket is the most likely to be open, and the others can time out.
  const idle: Line[] = []
  const waiting: Exchange[] = []
  const deadlines = createDeadlines<Exchange>(monotonicMs)
  let closed = false
  let onQuiet = () => {}

  const exchangeOptions: ExchangeOptions = {
    attemptTimeoutMs,
    connectTimeoutMs,
    maxBytes,
    monotonicMs,
    deadlines,
    onEnd: (exchange) => {
      const place = waiting.indexOf(exchange)
      if (place >= 0) waiting.splice(place, 1)
      if (closed && deadlines.pending().length === 0) onQuiet()
    },
  }

  function findLine(): Line | undefined {
    if (idle.length > 0 || lines.length >= connections) return idle.pop()
    const line = new Line(
      baseUrl.origin,
      { headers: rawHeaders, attemptTimeoutMs, connectTimeoutMs, connect },
      serve,
    )
    lines.push(line)
    return line
  }

  function run(exchange: Exchange, line: Line): boolean {
    if (!exchange.take(line)) return false
    line.carry(exchange)
    return true
  }

  /** First come, first served. */
  function serve(line: Line): void {
    for (;;) {
      const exchange = waiting.shift()
      if (exchange === undefined) return void idle.push(line)
      if (run(exchange, line)) return
    }
  }

  function send(target: string, call: WireCall, extras?: WireExtras): Promise<WireResponse> {
    const exchange = new Exchange(target, call, exchangeOptions, extras)
    const line = closed ? undefined : findLine()
    if (line) run(exchange, line) || serve(line)
    else if (closed) exchange.fail('aborted')
    else if (waiting.length >= maxQueued) exchange.fail('overloaded')
    else waiting.push(exchange)
    return exchange.response
  }

  const close: Wire['close'] = async (graceMs = 0) => {
    closed = true
    for (const exchange of deadlines.pending()) if (!exchange.isSent) exchange.fail('aborted')
    if (deadlines.pending().length > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs)
        onQuiet = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const exchange of deadlines.pending()) exchange.fail('aborted')
    await turn() // so that the last answers are delivered before the caller closes what they need
    await Promise.all(lines.map((line) => line.destroy()))
  }

  return {
    get: (target, call, maxBytes) => send(target, call, maxBytes === undefined ? undefined : { maxBytes }),
    post: (target, body, call) => send(target, call, { body }),
    close,
  }
}
