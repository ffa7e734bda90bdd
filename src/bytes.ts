// The content of a file as a stream: the request for it, and the answer.
import type { Readable } from 'node:stream'
import type { Call, FileId, Lookup } from './file.js'

export type BytesCall = Call & {
  /** Range and conditional headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Only the head of the answer is wanted, as for HEAD. */
  readonly isHead: boolean
  /** The client has left. */
  readonly signal: AbortSignal
}

export type Bytes = {
  /** 200 and 206 have a body, which must be read or destroyed. Other statuses have none. */
  readonly status: 200 | 206 | 304 | 412 | 416
  /** The headers that may be passed on, such as length, range and validators; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Destroyed with an error if it ends early. */
  readonly body: Readable
  /** The first bytes: so many, or all if there are fewer. They can still be read from the body. Rejects with a `FileError`. */
  peek(bytes: number): Promise<Buffer>
}

/** Rejects with a `FileError`, and with nothing else. */
export type BytesSource<T> = (of: T, call: BytesCall) => Promise<Bytes>

/** The same for what is paid for: `lookup` is its way to the head of the answer. */
export type ContentSource = (id: FileId, call: BytesCall, lookup: Lookup) => Promise<Bytes>
