// What one process knows of a task, and who wants to know more.

import type { Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { Asker } from '../file.js'
import type { Task, TaskId, TaskKind } from '../task.js'
import type { Follower } from './follower.js'
import { isOver, type State, toTask } from './state.js'
import { KEEP_MS } from './turns.js'

/** While asking fails, what was known before is told for so long. */
const MAX_STALE_MS = 600_000

export class Record {
  readonly kind: TaskKind
  readonly id: TaskId
  readonly followers = new Set<Follower>()
  state: State | undefined
  /** How asking ended last, if it failed. */
  failure: FileError | undefined
  /** On the monotonic clock, from when on there may be something new. */
  dueMs = Number.NEGATIVE_INFINITY
  /** Of a poll that is under way: when it has ended. */
  polling: Promise<void> | undefined
  /** Ends what that waits for, where that can end early. */
  stop: (() => void) | undefined
  /** Has it look at once whether another process has found something out, where it waits for that. */
  wake: (() => void) | undefined
  /** Takes back the next poll for those who follow. */
  disarm = () => {}
  #waiting = 0
  readonly #clock: Clock

  constructor(kind: TaskKind, id: TaskId, clock: Clock) {
    this.kind = kind
    this.id = id
    this.#clock = clock
  }

  get key(): string {
    return toKey(this.kind, this.id)
  }

  /** Nobody wants to know. */
  get isAbandoned(): boolean {
    return this.#waiting === 0 && this.followers.size === 0
  }

  /** Whether asking would tell nothing new. */
  get isKnown(): boolean {
    return this.#clock.monotonicMs() < this.dueMs
  }

  /** There is nothing new for so long; if it has ended, for a day. */
  rest(ms: number): void {
    const isEnd = this.state !== undefined && isOver(this.state)
    this.dueMs = this.#clock.monotonicMs() + (isEnd ? KEEP_MS : ms)
  }

  /** Throws the failure where that is what there is to tell. */
  toTask(): Task {
    const { nowMs, monotonicMs } = this.#clock
    const { state, failure } = this
    const leftMs = Math.max(0, this.dueMs - monotonicMs())
    const isOutdated = state === undefined || nowMs() - state.reportedAtMs > MAX_STALE_MS
    if (failure && (isOutdated || !failure.retryable)) throw toLater(failure, leftMs)
    if (state === undefined) throw new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
    return toTask(this.kind, this.id, state, nowMs() + leftMs)
  }

  /** Until the poll that is under way has ended, or whoever asks has left. */
  wait(polling: Promise<void>, asker: Asker): Promise<void> {
    this.#waiting++
    return new Promise<void>((resolve, reject) => {
      const leave = () => reject(toLeft())
      const end = () => asker.offLeave(leave)
      asker.onLeave(leave)
      polling.then(resolve, reject).finally(end)
    }).finally(() => {
      this.#waiting--
      this.letGo()
    })
  }

  /** Ends what nobody wants any more. */
  letGo(): void {
    if (!this.isAbandoned) return
    this.disarm()
    this.stop?.()
  }
}

/** The failure of whoever has left, which nobody reads. */
export function toLeft(): FileError {
  return new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
}

export function toKey(kind: TaskKind, id: TaskId): string {
  return `${kind}:${id}`
}

/** The failure with the time after which asking makes sense. One that is not kept here says so itself. */
function toLater(failure: FileError, leftMs: number): FileError {
  const { code, upstream, retryable, retryAfterSeconds, refused, cause } = failure
  const seconds = retryable && leftMs > 0 ? Math.ceil(leftMs / 1000) : retryAfterSeconds
  return new FileError(code, { upstream, refused, cause, retryAfterSeconds: seconds })
}
