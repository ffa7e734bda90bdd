// One timer for all that has a deadline: a timer of its own for each request costs more than a look at them now and then.

/** What ends at a time. `endMs` is on the monotonic clock, and may be moved. */
export type Ending = { readonly endMs: number; end(): void }

export type Deadlines = {
  add(ending: Ending): void
  delete(ending: Ending): void
}

/** How late an end may come. */
const TICK_MS = 10

/** Calls `end` of each within a tick after its `endMs`. It runs only while there are some. */
export function createDeadlines(monotonicMs: () => number): Deadlines {
  const pending = new Set<Ending>()
  let isWaiting = false
  const look = () => {
    isWaiting = false
    const nowMs = monotonicMs()
    for (const ending of pending) if (ending.endMs <= nowMs) ending.end()
    if (pending.size > 0) wait()
  }
  const wait = () => {
    if (isWaiting) return
    isWaiting = true
    setTimeout(look, TICK_MS)
  }
  return {
    add: (ending) => {
      pending.add(ending)
      wait()
    },
    delete: (ending) => void pending.delete(ending),
  }
}
