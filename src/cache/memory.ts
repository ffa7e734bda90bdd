// The memory tier: the answers of this process, bounded in number and in bytes.
import { LRUCache } from 'lru-cache'
import type { FileId } from '../file.js'
import type { Outcome } from './outcome.js'

export type Clock = {
  /** Wall time in Unix ms. It jumps when the clock is set. */
  readonly nowMs: () => number
  /** Monotonic time in ms. It never jumps. */
  readonly monotonicMs: () => number
}

export type Memory = {
  /** An answer that is still fresh, and until when: Unix ms by the current wall clock. */
  getFresh(id: FileId): { readonly answer: Outcome['answer']; readonly freshUntilMs: number } | undefined
  /** An answer that may be served at least while the upstream fails. Its times are by the current wall clock. */
  get(id: FileId): Outcome | undefined
  /** Replaces the stored outcome. One that must not be reused only deletes it. */
  set(id: FileId, outcome: Outcome): void
  delete(id: FileId): void
}

/**
 * Each end is stored twice, and the earlier counts. By the monotonic clock, an answer that is 15 minutes old is so even if the
 * wall clock was set back. By the wall clock, a link expires when its signature says, even if the clock was set forward.
 */
type Entry = Outcome & { readonly freshMonotonicMs: number; readonly staleMonotonicMs: number }

/** About what an entry with two links of the usual length takes. */
const MEAN_ENTRY_BYTES = 2048
const OVERHEAD_BYTES = 512
/** An entry with the longest name and links. There is room for one, however small `maxEntries` is. */
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

/** Counts only texts that may be long, at two bytes a character, as V8 stores any text beyond Latin-1. */
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
