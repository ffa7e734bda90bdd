// One timer for all deadlines: checking all of them now and then is cheaper than a timer per request.

/** Something with a deadline. `endMs` is on the monotonic clock, and may be changed. */
export type Ending = {
  readonly endMs: number
  /** Among those that are under way. */
  place: number
  end(): void
}

export type Deadlines<T extends Ending> = {
  add(ending: T): void
  /** Once for each that was added. */
  delete(ending: T): void
  /** Those that were added and not deleted. */
  pending(): readonly T[]
}

/** A deadline may be noticed so much too late. */
const TICK_MS = 10

/** Calls `end` of each within one tick after its `endMs`. The timer runs only while there are deadlines. */
export function createDeadlines<T extends Ending>(monotonicMs: () => number): Deadlines<T> {
  // A `Set` that is added to and deleted from all the time leaves its old tables behind, each of which holds the next one
  // and what was in it: once one of them is old to the garbage collector, so is every request after it.
  const pending: T[] = []
  let isWaiting = false
  const look = () => {
    isWaiting = false
    const nowMs = monotonicMs()
    for (const ending of [...pending]) if (ending.endMs <= nowMs) ending.end()
    if (pending.length > 0) wait()
  }
  const wait = () => {
    if (isWaiting) return
    isWaiting = true
    setTimeout(look, TICK_MS)
  }
  return {
    add: (ending) => {
      ending.place = pending.push(ending) - 1
      wait()
    },
    delete: (ending) => {
      const last = pending.pop()
      if (last === undefined || last === ending) return
      pending[ending.place] = last
      last.place = ending.place
    },
    pending: () => [...pending],
  }
}
