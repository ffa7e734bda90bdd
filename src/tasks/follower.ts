// One follower of a task, as an iterator over its states: the present one, then each change. A reader that is slow gets the newest
// state only, so that nothing piles up.
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

  /** `stop` is called once, when it stops following. */
  constructor(call: Call, stop: (follower: Follower) => void) {
    this.call = call
    this.#stop = stop
    call.asker.onLeave(this.#leave)
  }

  /** Gives the reader this state if it differs from the last one. After the state of an ended task it stops following. */
  tell(task: Task): void {
    const face = toFace(task)
    if (this.#hasStopped || face === this.#face) return
    this.#face = face
    this.#newest = task
    if (isEnded(task)) this.#end()
    this.#serve()
  }

  /** Stops following; the reader gets this error. */
  fail(error: unknown): void {
    if (this.#hasStopped) return
    this.#failure = { error }
    this.#end()
    this.#serve()
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiting?.resolve(END) // a reader waits for one state at a time
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
