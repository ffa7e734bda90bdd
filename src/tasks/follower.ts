// Somebody who follows a task: told of its present state, then of each other one. Whoever is slow to read is told of the
// newest only, so that nothing piles up.
import type { Call } from '../file.js'
import { isEnded, type Task } from '../task.js'
import { toFace } from './state.js'

type Step = IteratorResult<Task, undefined>
type Waiting = { readonly resolve: (step: Step) => void; readonly reject: (error: unknown) => void }

const END: Step = { done: true, value: undefined }

export class Follower implements AsyncIterableIterator<Task, undefined> {
  readonly call: Call
  readonly #stop: (follower: Follower) => void
  #waiting: Waiting | undefined
  #newest: Task | undefined
  #face: string | undefined
  #failure: { readonly error: unknown } | undefined
  #hasStopped = false

  /** `stop` is called once, when it does not follow any more. */
  constructor(call: Call, stop: (follower: Follower) => void) {
    this.call = call
    this.#stop = stop
    call.asker.onLeave(this.#leave)
  }

  /** Says what the task is like now. With one that has ended it follows no more. */
  tell(task: Task): void {
    const face = toFace(task)
    if (this.#hasStopped || face === this.#face) return
    this.#face = face
    this.#newest = task
    if (isEnded(task)) this.#end()
    this.#serve()
  }

  /** It follows no more, and its reader is told why. */
  fail(error: unknown): void {
    if (this.#hasStopped) return
    this.#failure = { error }
    this.#end()
    this.#serve()
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiting?.resolve(END) // nobody asks twice at a time
      this.#waiting = { resolve, reject }
      this.#serve()
    })
  }

  return(): Promise<Step> {
    this.#leave()
    return Promise.resolve(END)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #leave = (): void => {
    this.#newest = undefined
    this.#failure = undefined
    this.#end()
    this.#serve()
  }

  #end(): void {
    if (this.#hasStopped) return
    this.#hasStopped = true
    this.call.asker.offLeave(this.#leave)
    this.#stop(this)
  }

  #serve(): void {
    const { resolve, reject } = this.#waiting ?? {}
    const [task, failure] = [this.#newest, this.#failure]
    if (!resolve || !reject || !(task || failure || this.#hasStopped)) return
    this.#waiting = undefined
    this.#newest = undefined
    if (task) resolve({ done: false, value: task })
    else if (failure) reject(failure.error)
    else resolve(END)
    if (!task) this.#failure = undefined
  }
}
