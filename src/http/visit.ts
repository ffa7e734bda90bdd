// One request while it is here: who waits for its answer, and what its log line tells.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Asker } from '../file.js'
import type { Caller } from '../graphql/context.js'
import type { Summary } from '../graphql/server.js'

/** Takes note of a fault of ours, which the client sees masked. */
export type Report = (fault: unknown, requestId: string) => void

export class Visit implements Asker, Caller {
  readonly startMs = performance.now()
  /** Nobody waits for its answer any more, or nobody may. */
  hasLeft = false
  /** Whether it may change anything, and who asks, as far as its token tells. Settled before it is read. */
  mayWrite = false
  name: string | null = null
  /** Of its answer, while they have not gone out. */
  unsentBytes = 0
  /** What it runs, and what that did once it is known. */
  operation: Promise<{ readonly summary: Summary }> | undefined
  summary: Summary | undefined
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

  /** It is this that waits. */
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

  report(fault: unknown): void {
    this.#report(fault, this.requestId)
  }
}
