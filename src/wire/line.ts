// One connection to the upstream, opened when needed and kept alive between requests. The only user of undici's client. The
// deadlines are in exchange.ts; undici's own timers are only a second safeguard behind them.
import { buildConnector, Client, type Dispatcher } from 'undici'
import type { Carrier, Exchange } from './exchange.js'
import { withoutContinue } from './interim.js'

export type LineOptions = {
  /** The headers of every request: names and values in turn. */
  readonly headers: readonly string[]
  readonly attemptTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly connect?: buildConnector.BuildOptions | buildConnector.connector | undefined
}

// undici's timers tick twice a second, so they are set far enough behind ours that ours always come first.
const SECOND_FENCE_MS = 1000
// A POST has no time of its own: it ends with the call.
const NO_FENCE = { headersTimeout: 0, bodyTimeout: 0 } as const

// Below the idle timeout of common load balancers (60 to 75 s). A shorter one in the answer's headers takes precedence.
const KEEP_ALIVE_MS = 30_000

// Node's own default, whatever --max-http-header-size says.
const MAX_HEADER_BYTES = 16_384

/** Carries one exchange at a time. */
export class Line implements Carrier {
  isUsed = false
  readonly #client: Client
  readonly #headers: string[]
  readonly #postHeaders: string[]
  readonly #onFree: (line: Line) => void
  #exchange: Exchange | undefined

  constructor(origin: string, options: LineOptions, onFree: (line: Line) => void) {
    const connect = withoutContinue(toConnector(options), () => this.#exchange?.isAwaited === true)
    this.#client = createClient(origin, options, connect)
    this.#headers = [...options.headers]
    this.#postHeaders = [...options.headers, 'content-type', 'application/json']
    this.#onFree = onFree
    this.#client.on('connect', () => {
      this.isUsed = false
    })
  }

  carry(exchange: Exchange): void {
    this.#exchange = exchange
    const { target: path, body } = exchange
    const request: Dispatcher.DispatchOptions =
      body === undefined
        ? { method: 'GET', path, headers: this.#headers }
        : { method: 'POST', path, headers: this.#postHeaders, body, ...NO_FENCE }
    this.#client.dispatch(request, exchange)
  }

  free(isAnswered: boolean): void {
    if (isAnswered) this.isUsed = true
    this.#onFree(this)
  }

  async destroy(): Promise<void> {
    await this.#client.destroy()
  }
}

function toConnector({ connect, connectTimeoutMs }: LineOptions): buildConnector.connector {
  if (typeof connect === 'function') return connect
  return buildConnector({ timeout: connectTimeoutMs + SECOND_FENCE_MS, ...connect })
}

function createClient(
  origin: string,
  { attemptTimeoutMs }: LineOptions,
  connect: buildConnector.connector,
): Client {
  return new Client(origin, {
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    connect,
    headersTimeout: attemptTimeoutMs + SECOND_FENCE_MS,
    bodyTimeout: attemptTimeoutMs + SECOND_FENCE_MS,
  })
}
