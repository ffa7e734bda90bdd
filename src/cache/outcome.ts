// What passes between the tiers of the cache: an answer, and how long it may be reused.
import type { FileError } from '../errors.js'
import type { File, FileId, Lookup } from '../file.js'

/** What the upstream said of a file, and how long that may be reused. */
export type Outcome = {
  /** The file, or a `FILE_NOT_FOUND`: "no such file" is an answer too. */
  readonly answer: File | FileError
  /** Unix ms until which it may be reused. In the past: not at all. */
  readonly freshUntilMs: number
  /** Unix ms until which it may still be served while the upstream fails. At least `freshUntilMs`. */
  readonly staleUntilMs: number
  /** `shared`: another process had asked before. `joined`: another process was asking at the moment. */
  readonly origin: 'upstream' | 'shared' | 'joined'
}

/** What is kept is of no use: all of it, since it has proved wrong; or "no such file", since the file is expected to come. */
export type Anew = 'wrong' | 'expected'

/** Rejects with a `FileError` for every other failure. */
export type OutcomeSource = (id: FileId, lookup: Lookup, anew?: Anew) => Promise<Outcome>
