// A body that is made of a beginning, bytes that come from somewhere else, and an end. The end is given out only once the
// bytes are known to be right: without it the body is never complete.
import { Readable } from 'node:stream'

type FramedSource = {
  /** Begins to give the bytes. Called once. `fail` is called if not all of them will come; or they are closed early. */
  open(fail: (error: unknown) => void): Readable
  /** All have come. Resolves if they are what they should be. */
  verify(): Promise<void>
}

export type Frame = {
  readonly head: Buffer
  readonly tail: Buffer
  readonly source: FramedSource
  /** How many the source has. */
  readonly bytes: number
}

/** Enough for the next bytes to come while those before are taken. */
const MAX_BUFFERED_BYTES = 2 ** 17

export class Framed extends Readable {
  /** The end was given out: the receiver may have the whole body. */
  isComplete = false
  /** What was wrong with the bytes. */
  fault: unknown
  readonly #frame: Frame
  #isBegun = false
  #isReleased = false
  #isWanted = false
  #bytes: Readable | undefined
  #left: number

  constructor(frame: Frame) {
    super({ highWaterMark: MAX_BUFFERED_BYTES })
    this.#frame = frame
    this.#left = frame.bytes
    this.on('error', () => {}) // the receiver hears of it by its closing early
  }

  /** There is a receiver. Before that, none of the bytes is asked for. */
  release(): void {
    this.#isReleased = true
    if (this.#isWanted && !this.destroyed) this.#open()
  }

  override _read(): void {
    if (this.#bytes) this.#bytes.resume()
    else if (!this.#isBegun) {
      this.#isBegun = true
      this.push(this.#frame.head)
    } else if (this.#isReleased) this.#open()
    else this.#isWanted = true
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#bytes?.pause()
    callback(error)
  }

  #open(): void {
    const bytes = this.#frame.source.open((error) => this.#fail(error))
    this.#bytes = bytes
    let hasEnded = false
    bytes.on('data', (chunk: Buffer) => {
      this.#left -= chunk.length
      if (this.#left < 0) this.#fail(new Error('More bytes came than were announced.'))
      else if (!this.push(chunk)) bytes.pause()
    })
    bytes.once('end', () => {
      hasEnded = true
      this.#verify()
    })
    bytes.once('error', (error) => this.#fail(error))
    bytes.once('close', () => {
      if (!hasEnded) this.#fail(new Error('Not all of the bytes came.'))
    })
  }

  #verify(): void {
    this.#frame.source.verify().then(
      () => {
        if (this.#left > 0) this.#fail(new Error('Fewer bytes came than were announced.'))
        if (this.destroyed) return
        this.isComplete = true
        this.push(this.#frame.tail)
        this.push(null)
      },
      (error: unknown) => this.#fail(error),
    )
  }

  #fail(error: unknown): void {
    if (this.destroyed) return
    this.fault = error
    this.destroy(error instanceof Error ? error : new Error('The bytes are not right.'))
  }
}
