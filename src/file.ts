// The domain: what a file is, and how rooms ask for one. Imports nothing, so every room may import it.

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

/** What the list says of a file. `null` if the upstream did not say, or said something unusable. */
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
  /** When `downloadUrl` expires, in Unix ms, read from its signature. */
  readonly downloadUrlExpiresAtMs: number | null
  readonly backupDownloadUrl: string | null
  readonly backupDownloadUrlExpiresAtMs: number | null
}

/** Newest first, files of unknown time last. Files of the same time by id, since ids grow with time. */
export function compareNewest(a: Place, b: Place): number {
  const older = (b.createdAtMs ?? -1) - (a.createdAtMs ?? -1)
  if (older !== 0) return older
  if (a.id.length !== b.id.length) return b.id.length - a.id.length
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}

/** The position of a file in the list. */
export type Place = Pick<ListedFile, 'id' | 'createdAtMs'>

/** Counts the requests that one operation made us send upstream, and their prices in millionths of a US dollar. */
export type Meter = {
  sent(priceMicroUsd: number): void
  /** So much of a price was not charged, as the answer shows. */
  refunded(microUsd: number): void
}

/** Who waits for answers. There is one per HTTP request; it leaves when its client disconnects. */
export type Asker = {
  /** By which its log line is found; none where the server asks on its own behalf. */
  readonly requestId?: string
  readonly hasLeft: boolean
  /** Calls back once when it leaves. */
  onLeave(callback: () => void): void
  offLeave(callback: () => void): void
}

/** What the look-ups of one operation share. */
export type Call = { readonly asker: Asker; readonly meter: Meter }

/** A file and the Unix time in milliseconds until which the answer may be handed out again. */
export type FileAnswer = { readonly file: File; readonly freshUntilMs: number }

/** What operations ask for files. */
export type Files = {
  /** Rejects with a `FileError`, and with nothing else. */
  find(id: FileId, call: Call): Promise<FileAnswer>
  /** The answer if it is fresh in this process's memory. Counts as a look-up. */
  peek(id: FileId): FileAnswer | undefined
  /** What this process's memory has of a file, fresh or stale. Its links are still valid. */
  recall(id: FileId): File | undefined
  /**
   * What is known of a file that was uploaded here and has not been looked up since: all but its links, for which a look-up is
   * made once somebody asks for them.
   */
  unlinked(id: FileId): ListedFile | undefined
  /** Like `find`, but ignores cached answers, since they have proved wrong. */
  refresh(id: FileId, call: Call): Promise<FileAnswer>
  /**
   * Like `find`, but for a file that is to be there soon: "no such file" is not believed if it was remembered, and is not
   * remembered, here or by other processes.
   */
  await(id: FileId, call: Call): Promise<FileAnswer>
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
 * A look-up that is under way, passed down from room to room. However many wait for it, it exists once. Before its request is
 * sent it ends when the last one leaves; afterwards it continues to its end, since it may be billed.
 */
export type Lookup = {
  readonly meter: Meter
  /** Of whoever asked first, if anybody did. */
  readonly requestId: string | undefined
  /** Its deadline, on the monotonic clock. */
  readonly deadlineMs: number
  /** Nobody waits for it at the moment, so nothing more is sent for it. */
  readonly isAbandoned: boolean
  /** It probes whether the upstream is back, so it makes one attempt only. */
  isProbe: boolean
  /** Called with it right before each request would be sent. Throws the `FileError` that it would end in, if that is known. */
  check: ((lookup: Lookup) => void) | undefined
  /** Ends its present wait. Set only while it waits for something that can be ended: a queue, a pause, a connection. */
  stop: (() => void) | undefined
}

/**
 * The seam between the rooms below: the client is one, the guard takes one and returns one. It rejects with a
 * `FileError` and with nothing else.
 */
export type FileSource = (id: FileId, lookup: Lookup) => Promise<File>

/** The same for the list: all files, or those of a purpose (the upstream's name), in no order. */
export type ListSource = (purposeName: string | undefined, lookup: Lookup) => Promise<readonly ListedFile[]>

/** The same for deleting a file. Some upstreams require its purpose. */
export type DeleteSource = (id: FileId, purposeName: string | undefined, lookup: Lookup) => Promise<void>
