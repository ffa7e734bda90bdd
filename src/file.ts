// The domain: what a file is, how one is asked for. Imports nothing, so every room may import it.

declare const fileIdBrand: unique symbol

/** An exact int64 in its one canonical decimal form: `1` to `9223372036854775807`, no sign, no leading zero. */
export type FileId = string & { readonly [fileIdBrand]: true }

const MAX_INT64 = '9223372036854775807'

/**
 * The id, or `undefined` for anything that is not one. A number is taken only where a double holds it
 * exactly; leading zeros are refused, so that one file has one id in every cache.
 */
export function parseFileId(value: unknown): FileId | undefined {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof text !== 'string' || !/^[1-9][0-9]{0,18}$/.test(text)) return undefined
  if (text.length === MAX_INT64.length && text > MAX_INT64) return undefined
  return text as FileId
}

/** A file as the upstream describes it. `null` means that the upstream did not say, or not usably. */
export type File = {
  readonly id: FileId
  readonly filename: string | null
  /** Size in bytes, at least 1. The upstream's 0 means "unknown" (generated files), and is `null` here. */
  readonly bytes: number | null
  /** Unix time in milliseconds. */
  readonly createdAtMs: number | null
  /** The upstream's own word, such as `video_generation`. */
  readonly purposeName: string | null
  readonly downloadUrl: string | null
  /** Unix time in milliseconds at which `downloadUrl` dies, read from its signature. */
  readonly downloadUrlExpiresAtMs: number | null
  readonly backupDownloadUrl: string | null
  readonly backupDownloadUrlExpiresAtMs: number | null
}

/** Counts the requests that one operation made us send upstream. Each costs the price of a call. */
export type Meter = { sent(): void }

/** What the asker brings along. */
export type Call = {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  readonly meter: Meter
  /** On the monotonic clock: when the whole look-up must have ended, where it has begun further up. */
  readonly deadlineMs?: number | undefined
  /** It is to show whether the upstream is back: one attempt is enough. */
  readonly isProbe?: boolean | undefined
  /** Called right before each request would be sent. Throws the `FileError` that it would end in, if that is known. */
  readonly onTurn?: (() => void) | undefined
}

/** A file and the Unix time in milliseconds until which the answer may be handed out again. */
export type FileAnswer = { readonly file: File; readonly freshUntilMs: number }

/** Where operations ask for files. */
export type Files = {
  /** Rejects with a `FileError`, and with nothing else. */
  find(id: FileId, call: Call): Promise<FileAnswer>
  /** What can be answered at once, since it is fresh in this process. Counts as a look-up. */
  peek(id: FileId): FileAnswer | undefined
}

/**
 * The seam between the rooms: the client is one, the cache takes one and returns one, the loader takes
 * one. It rejects with a `FileError` and with nothing else.
 */
export type FileSource = (id: FileId, call: Call) => Promise<FileAnswer>
