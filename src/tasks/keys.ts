// Idempotency keys: what was begun under a key is not begun again within a day, whoever comes with the key, as often as they come.
// A creation that was refused frees its key; one whose outcome is unknown keeps it.
import { FileError } from '../errors.js'
import type { Created } from '../task.js'

/** What a key stands for: its name, which tells whose it is too, and a digest of the input that it came with. */
export type Key = { readonly name: string; readonly digest: string }

export type Keys = {
  /**
   * The outcome of what was begun under the key, or of `start`. Rejects with `INVALID_INPUT` where the key stands for another
   * input.
   */
  once(key: Key, start: () => Promise<Created>): Promise<Created>
}

/** What processes share of it. */
export type SharedKeys = Keys['once']

type Entry = { readonly digest: string; readonly outcome: Promise<Created>; readonly untilMs: number }

/** For so long a key stands for what it was first used with. */
export const KEY_LIFE_MS = 86_400_000
/** Each stands for a task that was paid for, so there are never more in a day by accident. */
const MAX_KEYS = 10_000

export function createKeys(monotonicMs: () => number, shared: SharedKeys = (_, start) => start()): Keys {
  const entries = new Map<string, Entry>()

  function begin({ name, digest }: Key, start: () => Promise<Created>): Promise<Created> {
    const outcome = shared({ name, digest }, start)
    const entry = { digest, outcome, untilMs: monotonicMs() + KEY_LIFE_MS }
    entries.delete(name)
    entries.set(name, entry)
    const [oldest] = entries.keys()
    if (entries.size > MAX_KEYS && oldest !== undefined) entries.delete(oldest)
    outcome.catch((error: unknown) => {
      if (frees(error) && entries.get(name) === entry) entries.delete(name)
    })
    return outcome
  }

  return {
    once: (key, start) => {
      const known = entries.get(key.name)
      if (known === undefined || known.untilMs <= monotonicMs()) return begin(key, start)
      return known.digest === key.digest ? known.outcome : Promise.reject(toReused())
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
