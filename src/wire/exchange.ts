// One request and its answer, from our queue to the last byte, and all the ways in which it can end. A handler for undici.
import type { Dispatcher } from 'undici'
import type { Deadlines, Ending } from './deadlines.js'
import { type Progress, toWireError, WireError, type WireFailure } from './fault.js'
import { Answer, type RawHeaders, type WireResponse } from './response.js'

/** What the caller of a request sets, and what it is told. */
export type WireCall = {
  /** Its deadline, on the monotonic clock. */
  readonly deadlineMs: number
  /** Ends the call. Set by the wire until the request is written. */
  stop: (() => void) | undefined
  /** Called when a connection is free, and when a new one is made. If it throws, the call ends with that and nothing is sent. */
  onTurn(): void
  /** Called at most once, right before the request is written to a socket: from here on it may be billed. */
  onSent(): void
}

/** The connection that carries it. */
export type Carrier = {
  /** Whether its socket has served a request before. */
  readonly isUsed: boolean
  /** Called when it can take the next request: later than the end of the exchange if that was cut off. */
  free(isAnswered: boolean): void
}

export type ExchangeOptions = {
  /** From leaving the queue to writing the request: DNS, TCP and TLS. */
  readonly connectTimeoutMs: number
  /** From writing the request to the last byte of the answer. */
  readonly attemptTimeoutMs: number
  readonly maxBytes: number
  readonly monotonicMs: () => number
  readonly deadlines: Deadlines<Exchange>
  /** Told when it has ended. */
  readonly onEnd: (exchange: Exchange) => void
}

/** Options of a request. */
export type WireExtras = {
  /** JSON: with it the request is a POST. */
  readonly body?: string
  /** The limit for its answer, if not the usual one. */
  readonly maxBytes?: number
}

export class Exchange implements Dispatcher.DispatchHandler, Ending {
  readonly target: string
  /** Of a POST. */
  readonly body: string | undefined
  readonly response: Promise<WireResponse>
  endMs: number
  place = 0
  readonly #call: WireCall
  readonly #options: ExchangeOptions
  readonly #answer: Answer
  readonly #progress: Progress = { sent: false, reused: false, answered: false, headed: false }
  #carrier: Carrier | undefined
  #controller: Dispatcher.DispatchController | undefined
  #resolve!: (response: WireResponse | Promise<WireResponse>) => void
  #reject!: (error: unknown) => void
  #isOver = false

  constructor(target: string, call: WireCall, options: ExchangeOptions, extras?: WireExtras) {
    this.target = target
    this.body = extras?.body
    this.endMs = call.deadlineMs
    this.#call = call
    this.#options = options
    this.#answer = new Answer(extras?.maxBytes ?? options.maxBytes)
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Never `call.stop = () => …`: V8 takes what is written so for a part of the program, and what it holds grows old with it.
    const stop = () => this.fail('aborted')
    call.stop = stop
    options.deadlines.add(this)
  }

  get isSent(): boolean {
    return this.#progress.sent
  }

  /** Whether nothing of the answer has arrived yet. */
  get isAwaited(): boolean {
    return this.#progress.sent && !this.#progress.answered
  }

  /** Offers a free connection. `false` if the exchange has ended instead of taking it. */
  take(carrier: Carrier): boolean {
    if (!this.#hasTurn()) return false
    this.#carrier = carrier
    this.#limit(this.#options.connectTimeoutMs)
    return true
  }

  /** The deadline has passed. If it was still waiting for a busy connection, the upstream is not to blame. */
  end(): void {
    this.fail(this.#carrier ? 'timeout' : 'expired')
  }

  /** Ends it early. If the request was sent, its connection is destroyed. */
  fail(failure: WireFailure): void {
    const error = new WireError(failure, { sent: this.isSent })
    this.#end(error)
    this.#controller?.abort(error)
  }

  // If a callback throws, undici calls onResponseError with the error, and destroys the socket if something was sent.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // It ended while it waited for the connection, which the next exchange can use.
    if (this.#isOver || !this.#hasTurn()) throw new WireError('aborted')
    this.#controller = controller
    this.#progress.sent = true
    this.#progress.reused = this.#carrier?.isUsed === true
    this.#call.stop = undefined
    // What is written is not sent again, so it has all the time that is left.
    if (this.body === undefined) this.#limit(this.#options.attemptTimeoutMs)
    else this.endMs = this.#call.deadlineMs
    this.#call.onSent()
  }

  onResponseStarted(): void {
    this.#progress.answered = true
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return
    this.#progress.headed = true
    this.#answer.head(status, headers)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#answer.add(chunk)
  }

  onResponseEnd(): void {
    this.#end(undefined)
    this.#carrier?.free(true)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(toWireError(error, this.#progress))
    // Not at once: undici is still handling the error.
    queueMicrotask(() => this.#carrier?.free(false))
  }

  #hasTurn(): boolean {
    try {
      this.#call.onTurn()
      return true
    } catch (error) {
      this.#end(error)
      return false
    }
  }

  #limit(timeoutMs: number): void {
    this.endMs = Math.min(this.#options.monotonicMs() + timeoutMs, this.#call.deadlineMs)
  }

  /** Only the first end counts. Later events, such as the error of the destroyed connection, are ignored. */
  #end(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#call.stop = undefined
    this.#options.deadlines.delete(this)
    if (error === undefined) this.#resolve(this.#answer.read())
    else this.#reject(error)
    this.#options.onEnd(this)
  }
}
