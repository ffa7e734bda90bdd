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

/** What a listing says of a file. `null` means that the upstream did not say, or not usably. */
export type ListedFile = {
  readonly id: FileId
  readonly filename: string | null
  /** Size in bytes, at least 1. The upstream's 0 means "unknown" (generated files), and is `null` here. */
  readonly bytes: number | null
  /** Unix time in milliseconds. */
  readonly createdAtMs: number | null
  /** The upstream's own word, such as `video_generation`. */
  readonly purposeName: string | null
}

/** A file as a look-up describes it. */
export type File = ListedFile & {
  readonly downloadUrl: string | null
  /** Unix time in milliseconds at which `downloadUrl` dies, read from its signature. */
  readonly downloadUrlExpiresAtMs: number | null
  readonly backupDownloadUrl: string | null
  readonly backupDownloadUrlExpiresAtMs: number | null
}

/** Newest first; those of one time, and those of unknown time at the end, by their ids, which grow with time. */
export function compareNewest(a: Place, b: Place): number {
  const older = (b.createdAtMs ?? -1) - (a.createdAtMs ?? -1)
  if (older !== 0) return older
  if (a.id.length !== b.id.length) return b.id.length - a.id.length
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

/** Where a file stands in a listing. */
export type Place = Pick<ListedFile, 'id' | 'createdAtMs'>

/** Counts the requests that one operation made us send upstream. Each costs the price of a call. */
export type Meter = { sent(): void }

/** Who waits for answers, until it leaves. One for each HTTP request. */
export type Asker = {
  readonly hasLeft: boolean
  /** Calls back once, when it leaves. */
  onLeave(callback: () => void): void
  offLeave(callback: () => void): void
}

/** What the look-ups of one operation share. */
export type Call = { readonly asker: Asker; readonly meter: Meter }

/** A file and the Unix time in milliseconds until which the answer may be handed out again. */
export type FileAnswer = { readonly file: File; readonly freshUntilMs: number }

/** Where operations ask for files. */
export type Files = {
  /** Rejects with a `FileError`, and with nothing else. */
  find(id: FileId, call: Call): Promise<FileAnswer>
  /** What can be answered at once, since it is fresh in this process. Counts as a look-up. */
  peek(id: FileId): FileAnswer | undefined
  /** What this process knows of a file, though it may not be fresh any more. Its links are live. */
  recall(id: FileId): File | undefined
  /**
   * What is known of a file that was uploaded here and has not been looked up since: all but its links, for which a look-up is
   * made once somebody asks for them.
   */
  unlinked(id: FileId): ListedFile | undefined
  /** As `find`, but asks anew whatever is known: what was known has proved wrong. */
  refresh(id: FileId, call: Call): Promise<FileAnswer>
  /**
   * All files, newest first, or those of a purpose, in the upstream's own word. Rejects with a `FileError`, and with nothing
   * else.
   */
  list(purposeName: string | undefined, call: Call): Promise<readonly ListedFile[]>
  /**
   * Deletes it for good; with a purpose, in the upstream's own word, only if it is of that, as far as is known. Resolves to
   * what is known of what was deleted. Rejects with a `FileError`, and with nothing else.
   */
  delete(id: FileId, purposeName: string | undefined, call: Call): Promise<Pick<ListedFile, 'bytes'>>
}

/**
 * A look-up on its way upstream. It is made once, however many wait for it, and handed down from room to room. What has
 * been sent may be billed, so it runs to its end whoever leaves; before that, it ends with the last one who waits.
 */
export type Lookup = {
  readonly meter: Meter
  /** On the monotonic clock: when it must have ended. */
  readonly deadlineMs: number
  /** Nobody waits for it at the moment: nothing more is sent for it. */
  readonly isAbandoned: boolean
  /** It is to show whether the upstream is back: one attempt is enough. */
  isProbe: boolean
  /** Called with it right before each request would be sent. Throws the `FileError` that it would end in, if that is known. */
  check: ((lookup: Lookup) => void) | undefined
  /** Ends what it waits for now. There while that may end early: in a queue, in a pause, on the way to a connection. */
  stop: (() => void) | undefined
}

/**
 * The seam between the rooms below: the client is one, the guard takes one and returns one. It rejects with a
 * `FileError` and with nothing else.
 */
export type FileSource = (id: FileId, lookup: Lookup) => Promise<File>

/** The same for all files, or those of a purpose, in the upstream's own word; in no order. */
export type ListSource = (purposeName: string | undefined, lookup: Lookup) => Promise<readonly ListedFile[]>

/** The same for what deletes one file. Some upstreams want to be told its purpose. */
export type DeleteSource = (id: FileId, purposeName: string | undefined, lookup: Lookup) => Promise<void>
