// How long an answer may be reused: not beyond what its links are valid for.
import { FileError } from '../errors.js'
import type { File, FileSource } from '../file.js'
import type { Outcome, OutcomeSource } from './outcome.js'

export type Lifetimes = {
  /** The longest a file is reused. 0: nothing is ever reused. */
  readonly ttlMs: number
  /** The same for "no such file". */
  readonly notFoundMs: number
  /** How long a link must still be valid when its answer is reused. */
  readonly linkMinValidityMs: number
}

/** Taken for a link that does not show its expiry: the shortest lifetime that MiniMax documents. */
const UNSIGNED_LINK_MS = 3_600_000
/** The longest that an answer may be stale. Only files without a link reach it. */
const MAX_STALE_MS = 86_400_000

/** Gives each answer of `source` its lifetime. `FILE_NOT_FOUND` becomes an answer; other failures pass. */
export function withLifetime(
  source: FileSource,
  { nowMs }: { readonly nowMs: () => number },
  lifetimes: Lifetimes,
): OutcomeSource {
  return (id, lookup, anew) =>
    source(id, lookup).then(
      (file) => toFound(file, nowMs(), lifetimes),
      (error: unknown) => {
        if (error instanceof FileError && error.code === 'FILE_NOT_FOUND')
          return toMissing(error, nowMs(), anew === 'expected' ? { ...lifetimes, notFoundMs: 0 } : lifetimes)
        throw error
      },
    )
}

function toFound(file: File, nowMs: number, { ttlMs, linkMinValidityMs }: Lifetimes): Outcome {
  const linksEndMs = toLinksEndMs(file, nowMs) - linkMinValidityMs
  const freshUntilMs = Math.min(nowMs + ttlMs, linksEndMs)
  const staleUntilMs = ttlMs === 0 ? freshUntilMs : Math.min(nowMs + ttlMs + MAX_STALE_MS, linksEndMs)
  return { answer: file, freshUntilMs, staleUntilMs, origin: 'upstream' }
}

function toMissing(error: FileError, nowMs: number, { ttlMs, notFoundMs }: Lifetimes): Outcome {
  const untilMs = nowMs + Math.min(ttlMs, notFoundMs)
  return { answer: error, freshUntilMs: untilMs, staleUntilMs: untilMs, origin: 'upstream' }
}

/** When the first of its links expires; `Infinity` for a file without one. */
function toLinksEndMs(file: File, nowMs: number): number {
  return Math.min(
    toLinkEndMs(file.downloadUrl, file.downloadUrlExpiresAtMs, nowMs),
    toLinkEndMs(file.backupDownloadUrl, file.backupDownloadUrlExpiresAtMs, nowMs),
  )
}

function toLinkEndMs(link: string | null, expiresAtMs: number | null, nowMs: number): number {
  return link === null ? Number.POSITIVE_INFINITY : (expiresAtMs ?? nowMs + UNSIGNED_LINK_MS)
}
