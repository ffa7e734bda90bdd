// Entries of the shared store, and their keys. They are decoded as carefully as answers of the network: anything unusual counts as
// absent.
import { createHash } from 'node:crypto'
import { decodeFailure, encodeFailure, FileError } from '../errors.js'
import { type File, type FileId, parseFileId } from '../file.js'
import { fail, orNull, toCount, toMembers, toText } from '../narrow.js'
import type { Outcome } from './outcome.js'

/** Part of every key and entry, so that a new version ignores what older processes wrote. */
const VERSION = 1
/** A file with two links and a name of the greatest length takes less than 100 KiB. */
export const MAX_ENTRY_BYTES = 128 * 1024
/** How every entry begins, as a Lua pattern. It captures for how long the entry is stale before it expires. */
export const ENTRY_START = `^{"v":${VERSION},"staleMs":(%d+),`

/** An answer, or a failure, which is only shown to those who wait for it. */
export type Entry = Pick<Outcome, 'answer' | 'freshUntilMs' | 'staleUntilMs'>

export type EntryOptions = {
  /** The id that was asked for. */
  readonly id: FileId
  /** Whether a link may be handed out. */
  readonly isLink: (link: string) => boolean
}

/**
 * What all the keys of one account begin with: a fingerprint of whatever makes it another account. The parts
 * themselves, a credential among them, are in no key.
 */
export function toPrefix(...parts: readonly unknown[]): string {
  const fingerprint = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
  return `mff:${VERSION}:${fingerprint}`
}

/** Where the entry of a file is kept. */
export function toEntryKey(prefix: string, id: FileId): string {
  return `${prefix}:${id}`
}

/** The key that exists while the file may have been deleted. */
export function toDoubtKey(prefix: string, id: FileId): string {
  return `${toEntryKey(prefix, id)}:doubt`
}

export function encodeEntry({ answer, freshUntilMs, staleUntilMs }: Entry): string {
  const times = { v: VERSION, staleMs: staleUntilMs - freshUntilMs, freshUntilMs, staleUntilMs }
  if (!(answer instanceof FileError)) return JSON.stringify({ ...times, file: answer })
  return JSON.stringify({ ...times, error: encodeFailure(answer) })
}

/** The entry, or `undefined` for what is none, for one of another version, and for one of another file. */
export function decodeEntry(text: string, options: EntryOptions): Entry | undefined {
  try {
    const raw = toMembers(JSON.parse(text))
    const [staleMs, freshUntilMs, staleUntilMs] = [raw.staleMs, raw.freshUntilMs, raw.staleUntilMs].map(
      toCount,
    )
    if (raw.v !== VERSION || freshUntilMs === undefined || staleUntilMs === undefined) return undefined
    if (staleMs !== staleUntilMs - freshUntilMs) return undefined
    const answer = raw.error === undefined ? toFile(raw.file, options) : decodeFailure(raw.error)
    return { answer, freshUntilMs, staleUntilMs }
  } catch {
    return undefined
  }
}

function toFile(value: unknown, { id, isLink }: EntryOptions): File {
  const raw = toMembers(value)
  const toLink = (link: unknown) => (isLink(toText(link)) ? toText(link) : fail())
  return {
    id: parseFileId(raw.id) === id ? id : fail(),
    filename: orNull(raw.filename, toText),
    bytes: orNull(raw.bytes, toCount),
    createdAtMs: orNull(raw.createdAtMs, toCount),
    purposeName: orNull(raw.purposeName, toText),
    downloadUrl: orNull(raw.downloadUrl, toLink),
    downloadUrlExpiresAtMs: orNull(raw.downloadUrlExpiresAtMs, toCount),
    backupDownloadUrl: orNull(raw.backupDownloadUrl, toLink),
    backupDownloadUrlExpiresAtMs: orNull(raw.backupDownloadUrlExpiresAtMs, toCount),
  }
}
