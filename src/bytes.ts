// The bytes of a file on their way: what is asked of them, and what comes.
import type { Readable } from 'node:stream'
import type { Call, FileId, Lookup } from './file.js'

export type BytesCall = Call & {
  /** Range, If-Range and conditions, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Only what is said of the bytes is wanted. */
  readonly isHead: boolean
  /** The client has left. */
  readonly signal: AbortSignal
}

export type Bytes = {
  /** 200 and 206 have a body that must be read or destroyed; of the others nothing is to be read. */
  readonly status: 200 | 206 | 304 | 412 | 416
  /** What may be passed on: length, range, validators and the like, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Closed early, with an error, if not all of it comes. */
  readonly body: Readable
  /** The first bytes: so many, or all of them where there are fewer. They stay to be read. Rejects with a `FileError`. */
  peek(bytes: number): Promise<Buffer>
}

/** Rejects with a `FileError`, and with nothing else. */
export type BytesSource<T> = (of: T, call: BytesCall) => Promise<Bytes>

/** The same for what is paid for: `lookup` is its way to the head of the answer. */
export type ContentSource = (id: FileId, call: BytesCall, lookup: Lookup) => Promise<Bytes>
