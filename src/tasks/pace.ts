// Spaces out queries of speech tasks: the upstream takes ten a second, for all tasks of an account together.
import type { After, Clock } from '../clock.js'
import { FileError } from '../errors.js'

/** Eight queries a second leave room for second attempts. */
export const SPACING_MS = 125

export type PaceDependencies = Pick<Clock, 'monotonicMs'> & {
  readonly after: After
  /** The queue of all processes. If it does not answer, the process keeps its own pace. */
  readonly queue?: Queue | undefined
}

/** How long until the next free turn. It is taken if that is less than `mostMs`. `undefined` without an answer. */
export type Queue = (mostMs: number) => Promise<number | undefined>

/** Resolves when it is the caller's turn. Rejects at once if that would be after the deadline. */
export function createPace({
  monotonicMs,
  after,
  queue,
}: PaceDependencies): (deadlineMs: number) => Promise<void> {
  let nextMs = Number.NEGATIVE_INFINITY

  async function wait(ms: number, leftMs: number): Promise<void> {
    if (ms >= leftMs)
      throw new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: Math.ceil(ms / 1000), refused: true })
    if (ms > 0) await new Promise<void>((resolve) => after(ms, resolve))
  }

  return async (deadlineMs) => {
    const nowMs = monotonicMs()
    const turnMs = Math.max(nowMs, nextMs)
    if (turnMs < deadlineMs) nextMs = turnMs + SPACING_MS
    await wait(turnMs - nowMs, deadlineMs - nowMs)
    if (queue === undefined) return
    const waitMs = (await queue(deadlineMs - monotonicMs())) ?? 0
    await wait(waitMs, deadlineMs - monotonicMs())
  }
}
