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
  /** An answer that may be given again as it is, and until when by now: Unix ms. */
  getFresh(id: FileId): { readonly answer: Outcome['answer']; readonly freshUntilMs: number } | undefined
  /** An answer that may be served at least while the upstream fails. Its times are of now. */
  get(id: FileId): Outcome | undefined
  /** Keeps an outcome in place of the one before; one that may not be reused only takes that away. */
  set(id: FileId, outcome: Outcome): void
  delete(id: FileId): void
}

/** Ages run on the monotonic clock and links end by the wall clock, so each end is there twice, and the earlier counts. */
type Entry = Outcome & { readonly freshMonotonicMs: number; readonly staleMonotonicMs: number }

/** An entry with two links of the usual length and its place in the tables takes about this. */
const MEAN_ENTRY_BYTES = 2048
const OVERHEAD_BYTES = 512
/** Two links and a name of the greatest length: room for one such, however few entries there may be. */
const MAX_ENTRY_BYTES = 48 * 1024

export function createMemory(clock: Clock, { maxEntries }: { readonly maxEntries: number }): Memory {
  const entries = new LRUCache<FileId, Entry>({
    max: maxEntries,
    maxSize: Math.max(maxEntries * MEAN_ENTRY_BYTES, MAX_ENTRY_BYTES),
    sizeCalculation: toBytes,
  })
  return {
    getFresh: (id) => {
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      const nowMs = clock.nowMs()
      const freshUntilMs = Math.min(entry.freshUntilMs, entry.freshMonotonicMs - clock.monotonicMs() + nowMs)
      return freshUntilMs > nowMs ? { answer: entry.answer, freshUntilMs } : undefined
    },
    get: (id) => {
      const entry = entries.get(id)
      if (entry === undefined) return undefined
      const outcome = toCurrent(entry, clock)
      if (outcome.staleUntilMs > clock.nowMs()) return outcome
      entries.delete(id)
      return undefined
    },
    set: (id, outcome) => {
      const { answer, freshUntilMs, staleUntilMs, origin } = outcome
      if (staleUntilMs <= clock.nowMs()) return void entries.delete(id)
      const aheadMs = clock.monotonicMs() - clock.nowMs()
      const freshMonotonicMs = freshUntilMs + aheadMs
      const staleMonotonicMs = staleUntilMs + aheadMs
      entries.set(id, { answer, freshUntilMs, staleUntilMs, origin, freshMonotonicMs, staleMonotonicMs })
    },
    delete: (id) => void entries.delete(id),
  }
}

function toCurrent(entry: Entry, { nowMs, monotonicMs }: Clock): Outcome {
  const aheadMs = monotonicMs() - nowMs()
  return {
    answer: entry.answer,
    freshUntilMs: Math.min(entry.freshUntilMs, entry.freshMonotonicMs - aheadMs),
    staleUntilMs: Math.min(entry.staleUntilMs, entry.staleMonotonicMs - aheadMs),
    origin: entry.origin,
  }
}

/** Only what may be long is measured. A string of other than Latin letters takes two bytes a character. */
function toBytes({ answer }: Entry): number {
  if (answer instanceof Error) return OVERHEAD_BYTES
  const { filename, purposeName, downloadUrl, backupDownloadUrl } = answer
  const length =
    (filename?.length ?? 0) +
    (purposeName?.length ?? 0) +
    (downloadUrl?.length ?? 0) +
    (backupDownloadUrl?.length ?? 0)
  return OVERHEAD_BYTES + 2 * length
}
