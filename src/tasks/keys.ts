// Idempotency keys: a key is used for one creation a day, however many requests come with it. A creation that was refused frees its
// key. One whose outcome is unknown keeps it.
import { FileError } from '../errors.js'
import type { Created } from '../task.js'

/** `name` is a digest of the key and its owner, `digest` one of the input that the key came with. */
export type Key = { readonly name: string; readonly digest: string }

export type Keys = {
  /**
   * The outcome of the creation that was begun with this key; else calls `start` and begins one. Rejects with `INVALID_INPUT` if
   * the key came with another input before.
   */
  once(key: Key, start: () => Promise<Created>): Promise<Created>
}

/**
 * The same over all processes. Rejects with `Unheard` if another process has the key, and nothing says how its creation ended.
 * `isTaken`: that was so the last time. Then `start` is not called unless it is certain that the key is free.
 */
export type SharedKeys = (key: Key, start: () => Promise<Created>, isTaken: boolean) => Promise<Created>

/** The creation is another process's, which has not said how it ended. It may still do so: whoever asks next may be told. */
export class Unheard extends FileError {
  constructor() {
    super('TASK_OUTCOME_UNKNOWN')
  }
}

type Entry = {
  readonly digest: string
  readonly outcome: Promise<Created>
  readonly untilMs: number
  /** The outcome is `Unheard`. */
  isOpen: boolean
}

/** How long a key stands for the input that it first came with. */
export const KEY_LIFE_MS = 86_400_000
/** Each stands for a task that was paid for, so there are never more in a day by accident. */
const MAX_KEYS = 10_000

export function createKeys(monotonicMs: () => number, shared: SharedKeys = (_, start) => start()): Keys {
  const entries = new Map<string, Entry>()

  function begin({ name, digest }: Key, start: () => Promise<Created>, isTaken: boolean): Promise<Created> {
    const outcome = shared({ name, digest }, start, isTaken)
    const entry: Entry = { digest, outcome, untilMs: monotonicMs() + KEY_LIFE_MS, isOpen: false }
    entries.delete(name)
    entries.set(name, entry)
    const [oldest] = entries.keys()
    if (entries.size > MAX_KEYS && oldest !== undefined) entries.delete(oldest)
    outcome.catch((error: unknown) => {
      entry.isOpen = error instanceof Unheard
      if (frees(error) && entries.get(name) === entry) entries.delete(name)
    })
    return outcome
  }

  return {
    once: (key, start) => {
      const known = entries.get(key.name)
      if (known === undefined || known.untilMs <= monotonicMs()) return begin(key, start, false)
      if (known.digest !== key.digest) return Promise.reject(toReused())
      return known.isOpen ? begin(key, start, true) : known.outcome
    },
  }
}

/** Whether it is certain that nothing was created. */
export function frees(error: unknown): boolean {
  return error instanceof FileError && error.code !== 'TASK_OUTCOME_UNKNOWN'
}

export function toReused(): FileError {
  return new FileError('INVALID_INPUT', { rule: 'KEY_REUSED' })
}
