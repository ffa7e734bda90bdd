// One request and its answer, from our queue to the last byte: all the ways in which it can end. undici calls it back.
import type { Dispatcher } from 'undici'
import { Answer, type RawHeaders, type WireResponse } from './answer.js'
import type { Deadlines, Ending } from './deadlines.js'
import { type Progress, toWireError, WireError, type WireFailure } from './fault.js'

/** What a caller says of its request, and is told. */
export type WireCall = {
  /** On the monotonic clock: when it must have ended. */
  readonly deadlineMs: number
  /** Ends the call. The wire sets it, and takes it away when the request is written. */
  stop: (() => void) | undefined
  /** Called when a connection is free for it, and when that is made. What it throws ends the call, and nothing is sent. */
  onTurn(): void
  /** Called at most once, right before the request is written to a socket: from here on it may be billed. */
  onSent(): void
}

/** The connection that carries it. */
export type Carrier = {
  /** Its socket has served a request before. */
  readonly isUsed: boolean
  /** It can take the next request: later than the end of the exchange where that was cut off. */
  free(isAnswered: boolean): void
}

export type ExchangeOptions = {
  /** From leaving the queue to writing the request: name look-up, TCP and TLS. */
  readonly connectTimeoutMs: number
  /** From writing the request to the last byte of the answer. */
  readonly attemptTimeoutMs: number
  readonly maxBytes: number
  readonly monotonicMs: () => number
  readonly deadlines: Deadlines<Exchange>
  /** Told when it has ended. */
  readonly onEnd: (exchange: Exchange) => void
}

/** What a request has beyond a target. */
export type WireExtras = {
  /** JSON: with it the request is a POST. */
  readonly body?: string
  /** Of its answer, where that may be larger than others. */
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

  /** Nothing of its answer has come. */
  get isAwaited(): boolean {
    return this.#progress.sent && !this.#progress.answered
  }

  /** Whether it may have this connection, which is free. If not, it has ended. */
  take(carrier: Carrier): boolean {
    if (!this.#hasTurn()) return false
    this.#carrier = carrier
    this.#limit(this.#options.connectTimeoutMs)
    return true
  }

  /** It is time. While it waited for a connection that others had, that says nothing of the upstream. */
  end(): void {
    this.fail(this.#carrier ? 'timeout' : 'expired')
  }

  /** Ends it early. What was sent is cut off, and its connection with it. */
  fail(failure: WireFailure): void {
    const error = new WireError(failure, { sent: this.isSent })
    this.#end(error)
    this.#controller?.abort(error)
  }

  // What a callback throws makes undici call onResponseError with it, and destroy the socket once something was sent.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Ended while it waited for the connection, which stays good for the next.
    if (this.#isOver || !this.#hasTurn()) throw new WireError('aborted')
    this.#controller = controller
    this.#progress.sent = true
    this.#progress.reused = this.#carrier?.isUsed === true
    this.#call.stop = undefined
    this.#limit(this.#options.attemptTimeoutMs)
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
    // Not at once: undici has not got over the error yet.
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

  /** Once: what comes later, such as the error of a connection that was cut off, is no news. */
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
