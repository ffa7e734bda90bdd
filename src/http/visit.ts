// One request while it is served: who waits for its answer, and what its log line shows.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Asker } from '../file.js'
import type { Caller } from '../graphql/context.js'
import type { Summary } from '../graphql/server.js'

/** Logs a fault of ours, which the client sees masked. */
export type Report = (fault: unknown, requestId: string) => void

export class Visit implements Asker, Caller {
  readonly startMs = performance.now()
  /** When its answer was out, or its connection closed. */
  endMs: number | undefined
  /** Nobody waits for its answer any more, or the server stops. */
  hasLeft = false
  /** Whether the caller may write, and its name for the log. Set before the body is read. */
  mayWrite = false
  name: string | null = null
  /** Unix ms at which its token ends. */
  untilMs = Number.POSITIVE_INFINITY
  /** The bytes of its answer that have not been sent yet. */
  unsentBytes = 0
  /** Its operation, which resolves to a summary for the log. */
  operation: Promise<{ readonly summary: Summary }> | undefined
  summary: Summary | undefined
  /** Of a file's bytes, to its client. */
  sentBytes = 0
  readonly requestId: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly #report: Report
  #waiting: (() => void)[] = []

  constructor(request: FastifyRequest, reply: FastifyReply, report: Report) {
    this.requestId = request.id
    this.request = request
    this.reply = reply
    this.#report = report
  }

  /** This visit is the asker. */
  get asker(): Asker {
    return this
  }

  /** Called once when it leaves, unless it has left before. */
  onLeave(callback: () => void): void {
    this.#waiting.push(callback)
  }

  offLeave(callback: () => void): void {
    const place = this.#waiting.indexOf(callback)
    if (place >= 0) this.#waiting.splice(place, 1)
  }

  leave(): void {
    if (this.hasLeft) return
    this.hasLeft = true
    const waiting = this.#waiting
    this.#waiting = []
    for (const callback of waiting) callback()
  }

  /** Of its answer, once that is out; `left` if its client did not wait for it. */
  get status(): number | 'left' {
    const { raw } = this.reply
    return raw.writableFinished ? raw.statusCode : 'left'
  }

  /** Calls back with what it did, once that is known: at once, unless its client did not wait. */
  settle(callback: (summary: Summary | undefined) => void): void {
    if (this.summary !== undefined || this.operation === undefined) callback(this.summary)
    // An operation that failed as a whole has had its line, with the fault.
    else
      this.operation
        .then(
          ({ summary }) => summary,
          () => undefined,
        )
        .then(callback)
  }

  report(fault: unknown): void {
    this.#report(fault, this.requestId)
  }
}
