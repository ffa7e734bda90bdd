// A deadline that is fair to the other side: while our own event loop is busy, nobody here listens for the answer.

/** The time is waited for in so many parts. However long our loop takes to notice the end of one, it counts as one. */
const PARTS = 4

/** How the work ended; `undefined` if it has not. */
export type Ending<T> = { readonly value: T } | { readonly error: unknown } | undefined

/**
 * Waits for work that can not be called back, for `deadlineMs` of listening. Never rejects. An answer that has arrived
 * by then is taken even if it has not been read yet: the loop looks at its sockets once more before it gives up.
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
