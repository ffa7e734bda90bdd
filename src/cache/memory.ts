// The memory tier: the answers of this process, bounded in number and in bytes.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.js'
import type { FileId } from '../file.js'
import type { Outcome } from './outcome.js'

/** An answer and until when it may be reused, in Unix ms: as it is, and while the upstream fails. */
export type Kept = Omit<Outcome, 'origin'>

export type Memory = {
  /** A fresh answer. */
  getFresh(id: FileId): Kept | undefined
  /** An answer that may be served at least while the upstream fails. */
  get(id: FileId): Kept | undefined
  /** Replaces the entry of the id. An outcome that may not be reused only removes it. */
  set(id: FileId, outcome: Outcome): void
  delete(id: FileId): void
}

/**
 * Ends are in wall-clock time, since a link expires when its signature says. `aheadMs`: how far the monotonic clock was ahead of
 * the wall clock when the answer came. If it is further ahead now, the wall clock was set back, and ends come sooner by as much.
 */
type Entry = Kept & { readonly aheadMs: number }

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
      const kept = entry && toKept(entry, clock)
      return kept && kept.freshUntilMs > clock.nowMs() ? kept : undefined
    },
    get: (id) => {
      const entry = entries.get(id)
      const kept = entry && toKept(entry, clock)
      if (kept && kept.staleUntilMs > clock.nowMs()) return kept
      entries.delete(id)
      return undefined
    },
    set: (id, { answer, freshUntilMs, staleUntilMs }) => {
      if (staleUntilMs <= clock.nowMs()) return void entries.delete(id)
      entries.set(id, { answer, freshUntilMs, staleUntilMs, aheadMs: toAheadMs(clock) })
    },
    delete: (id) => void entries.delete(id),
  }
}

function toAheadMs({ nowMs, monotonicMs }: Clock): number {
  return monotonicMs() - nowMs()
}

/** The entry with its ends in the wall clock's time of now. */
function toKept({ answer, freshUntilMs, staleUntilMs, aheadMs }: Entry, clock: Clock): Kept {
  const setBackMs = Math.max(0, toAheadMs(clock) - aheadMs)
  return { answer, freshUntilMs: freshUntilMs - setBackMs, staleUntilMs: staleUntilMs - setBackMs }
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
