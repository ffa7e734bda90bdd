// The memory tier: answers of this process, bounded by number and by size, whatever clocks do.
import { LRUCache } from 'lru-cache'
import type { FileId } from '../file.js'
import type { Outcome } from './outcome.js'

export type Clock = {
  /** Unix ms; may jump when it is set. */
  readonly nowMs: () => number
  /** Never goes back. */
  readonly monotonicMs: () => number
}

export type Memory = {
  /** An answer that may still be served, at least while the upstream fails. Its times are of now. */
  get(id: FileId): Outcome | undefined
  /** Keeps an outcome in place of the one before; one that may not be reused only takes that away. */
  set(id: FileId, outcome: Outcome): void
}

type Entry = { readonly outcome: Outcome; readonly freshUntilMs: number; readonly staleUntilMs: number }

/** An entry with two links of the usual length and its place in the tables takes about this. */
const MEAN_ENTRY_BYTES = 2048
const OVERHEAD_BYTES = 512

export function createMemory(clock: Clock, { maxEntries }: { readonly maxEntries: number }): Memory {
  const entries = new LRUCache<FileId, Entry>({
    max: maxEntries,
    maxSize: maxEntries * MEAN_ENTRY_BYTES,
    sizeCalculation: toBytes,
  })
  return {
    get: (id) => {
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      const outcome = toCurrent(entry, clock)
      if (outcome.staleUntilMs > clock.nowMs()) return outcome
      entries.delete(id)
      return undefined
    },
    set: (id, outcome) => {
      const aheadMs = clock.monotonicMs() - clock.nowMs()
      const { freshUntilMs, staleUntilMs } = outcome
      if (staleUntilMs <= clock.nowMs()) return void entries.delete(id)
      entries.set(id, {
        outcome,
        freshUntilMs: freshUntilMs + aheadMs,
        staleUntilMs: staleUntilMs + aheadMs,
      })
    },
  }
}

/** Ages run on the monotonic clock and links end by the wall clock, so the earlier of both ends counts. */
function toCurrent({ outcome, ...ends }: Entry, { nowMs, monotonicMs }: Clock): Outcome {
  const aheadMs = monotonicMs() - nowMs()
  return {
    ...outcome,
    freshUntilMs: Math.min(outcome.freshUntilMs, ends.freshUntilMs - aheadMs),
    staleUntilMs: Math.min(outcome.staleUntilMs, ends.staleUntilMs - aheadMs),
  }
}

/** Only what may be long is measured. A string of other than Latin letters takes two bytes a character. */
function toBytes({ outcome: { answer } }: Entry): number {
  if (answer instanceof Error) return OVERHEAD_BYTES
  const { filename, purposeName, downloadUrl, backupDownloadUrl } = answer
  const texts = [filename, purposeName, downloadUrl, backupDownloadUrl]
  return texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0), OVERHEAD_BYTES)
}
