// One answer that is read as it comes: its head as soon as it is there, its body as fast as whoever reads it takes it.
// undici calls it back.
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { type IdleOptions, watchIdle } from '../idle.js'
import { type Progress, toWireError, WireError, type WireFailure } from './fault.js'
import type { RawHeaders } from './response.js'

/** What a caller says of its request, and is told. */
export type TransferCall = {
  readonly headers: Readonly<Record<string, string>>
  /** Ends it, at any time. */
  readonly signal: AbortSignal
  /** Called at most once, right before the request is written: from here on it may be billed. What it throws ends it. */
  readonly onSend?: () => void
}

export type TransferResponse = {
  readonly status: number
  /** By its name in lower case; of several, the first. */
  header(name: string): string | undefined
  readonly body: TransferBody
}

/** What may wait here for its reader. It is also the most that `peek` can see. */
export const MAX_WAITING_BYTES = 2 ** 16

/** Who closes it ends the request, and closes its connection. */
export class TransferBody extends Readable {
  readonly #resume: () => void
  readonly #abort: () => void
  /** What came first, for `peek`: about as much as may wait here. */
  readonly #first: Buffer[] = []
  #firstBytes = 0
  #isComplete = false
  #look: (() => void) | undefined

  constructor({ resume, abort }: { readonly resume: () => void; readonly abort: () => void }) {
    super({ highWaterMark: MAX_WAITING_BYTES })
    this.#resume = resume
    this.#abort = abort
    this.on('error', () => {}) // whoever reads it hears of it by its closing early
  }

  /** It waits for its reader. */
  get isFull(): boolean {
    return this.readableLength >= this.readableHighWaterMark
  }

  /** Whether it takes more for now. */
  add(chunk: Buffer): boolean {
    if (this.#firstBytes < MAX_WAITING_BYTES) {
      this.#first.push(chunk)
      this.#firstBytes += chunk.length
      this.#look?.()
    }
    return this.push(chunk)
  }

  complete(): void {
    this.#isComplete = true
    this.push(null)
    this.#look?.()
  }

  /** Its first bytes: so many, or all of them where there are fewer. They stay to be read. To be asked before that. */
  peek(bytes: number): Promise<{ readonly head: Buffer; readonly isAll: boolean }> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#look = undefined
        this.off('close', fail)
      }
      const fail = () => {
        end()
        reject(this.errored ?? new WireError('aborted', { sent: true }))
      }
      const look = () => {
        if (this.#firstBytes < bytes && !this.#isComplete) return
        end()
        const isAll = this.#isComplete && this.#firstBytes < MAX_WAITING_BYTES && this.#firstBytes <= bytes
        resolve({ head: Buffer.concat(this.#first).subarray(0, bytes), isAll })
      }
      if (this.destroyed) return fail()
      this.once('close', fail)
      this.#look = look
      look()
    })
  }

  override _read(): void {
    this.#resume()
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#abort()
    callback(error)
  }
}

export class Transfer implements Dispatcher.DispatchHandler {
  readonly response: Promise<TransferResponse>
  readonly #call: TransferCall
  readonly #onEnd: (transfer: Transfer) => void
  readonly #progress: Progress = { sent: false, reused: false, answered: false, headed: false }
  readonly #stopWatch: () => void
  readonly #onAbort = () => this.fail('aborted')
  #controller: Dispatcher.DispatchController | undefined
  #body: TransferBody | undefined
  #resolve!: (response: TransferResponse) => void
  #reject!: (error: unknown) => void
  #bytes = 0
  #isOver = false

  /** While it `isSending`, it is not to be answered yet. */
  constructor(
    call: TransferCall,
    idle: IdleOptions,
    onEnd: (transfer: Transfer) => void,
    isSending: () => boolean = () => false,
  ) {
    this.#call = call
    this.#onEnd = onEnd
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#stopWatch = watchIdle(
      idle,
      () => (this.#body?.isFull || (!this.#body && isSending()) ? undefined : this.#bytes),
      () => this.fail('timeout'),
    )
    call.signal.addEventListener('abort', this.#onAbort)
  }

  /** The request was written, and nothing of its answer has come. */
  get isAwaited(): boolean {
    return this.#progress.sent && !this.#progress.answered
  }

  /** Ends it early. Its connection is closed with it. */
  fail(failure: WireFailure): void {
    const { sent, answered } = this.#progress
    this.#end(new WireError(failure, { sent, answered }))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (!this.#isOver) this.#begin()
    if (this.#isOver) throw new WireError('aborted')
    this.#controller = controller
    this.#progress.sent = true
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (status < 200) return
    this.#progress.answered = true
    this.#progress.headed = true
    const body = new TransferBody({
      resume: () => controller.resume(),
      abort: () => this.fail('aborted'),
    })
    this.#body = body
    this.#resolve({ status, header: (name) => [headers[name]].flat()[0], body })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#body?.add(chunk) === false) controller.pause()
  }

  onResponseEnd(): void {
    this.#release()
    this.#body?.complete()
  }

  onResponseError(_: unknown, error: Error): void {
    this.#end(toWireError(error, this.#progress))
  }

  #begin(): void {
    try {
      this.#call.onSend?.()
    } catch (error) {
      this.#end(error)
    }
  }

  #end(error: unknown): void {
    if (this.#isOver) return
    this.#release()
    this.#reject(error)
    if (!(error instanceof Error)) return // thrown before there was a connection
    this.#controller?.abort(error)
    this.#body?.destroy(error)
  }

  /** Lets go of everything that would call it back. */
  #release(): void {
    this.#isOver = true
    this.#stopWatch()
    this.#call.signal.removeEventListener('abort', this.#onAbort)
    this.#onEnd(this)
  }
}
