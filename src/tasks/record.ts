// What one process knows of a task, and who waits for it or follows it.
import type { Clock } from '../clock.js'
import { FileError } from '../errors.js'
import type { Asker } from '../file.js'
import type { Task, TaskId, TaskKind } from '../task.js'
import type { Follower } from './follower.js'
import { isOver, type State, toTask } from './state.js'
import { KEEP_MS } from './turns.js'

/** How long the last known state is shown while polls fail. */
const MAX_STALE_MS = 600_000

export class Record {
  readonly kind: TaskKind
  readonly id: TaskId
  readonly followers = new Set<Follower>()
  state: State | undefined
  /** Why the last poll failed, if it did. */
  failure: FileError | undefined
  /** When to poll again, on the monotonic clock. */
  dueMs = Number.NEGATIVE_INFINITY
  /** The poll that is under way. */
  polling: Promise<void> | undefined
  /** Ends the present wait of the poll. Set only while it waits for something that can be ended. */
  stop: (() => void) | undefined
  /** Makes the poll look into Redis at once. Set only while it waits for another process. */
  wake: (() => void) | undefined
  /** Cancels the timer of the next poll for the followers. */
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

  /** Nobody waits for it or follows it. */
  get isAbandoned(): boolean {
    return this.#waiting === 0 && this.followers.size === 0
  }

  /** Whether it is too early to poll again. */
  get isKnown(): boolean {
    return this.#clock.monotonicMs() < this.dueMs
  }

  /** The next poll is due after so long; if the task has ended, after a day. */
  rest(ms: number): void {
    const isEnd = this.state !== undefined && isOver(this.state)
    this.dueMs = this.#clock.monotonicMs() + (isEnd ? KEEP_MS : ms)
  }

  /** What clients are shown. Throws the failure if there is no state that is good enough. */
  toTask(): Task {
    const { nowMs, monotonicMs } = this.#clock
    const { state, failure } = this
    const leftMs = Math.max(0, this.dueMs - monotonicMs())
    const isOutdated = state === undefined || nowMs() - state.reportedAtMs > MAX_STALE_MS
    if (failure && (isOutdated || !failure.retryable)) throw toLater(failure, leftMs)
    if (state === undefined) throw new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
    return toTask(this.kind, this.id, state, nowMs() + leftMs)
  }

  /** Resolves when the poll has ended. Rejects when the asker leaves. */
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

  /** Ends the wait of a poll that nobody needs any more. */
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

/** The failure with the time until the next poll as `retryAfterSeconds`; with its own if a poll is due at once. */
function toLater(failure: FileError, leftMs: number): FileError {
  const { code, upstream, retryable, retryAfterSeconds, refused, cause } = failure
  const seconds = retryable && leftMs > 0 ? Math.ceil(leftMs / 1000) : retryAfterSeconds
  return new FileError(code, { upstream, refused, cause, retryAfterSeconds: seconds })
}
