// One switch for each behaviour of the real upstream that is unknown, so that a client can be tried with every possibility.
// The defaults are the best guess.

import type { Operation } from './operation.js'

export type Behaviour = {
  /** No order is documented. */
  readonly listOrder: 'inserted' | 'newest-first' | 'oldest-first'
  /** The most files that one listing returns. */
  readonly listCap: number
  /** The documents require a purpose; official clients leave it out. */
  readonly listNeedsPurpose: boolean
  readonly emptyList: 'empty' | 'absent' | 'null'

  /** The Content-Type of `retrieve_content`: a fixed one, none, or that of the file. */
  readonly contentType: 'application/octet-stream' | 'application/json' | 'none' | 'own'
  readonly contentRanges: boolean
  /** If false, HEAD is answered like an unknown path. */
  readonly contentHead: boolean

  /** Whether downloads by link honour range and conditional headers. */
  readonly objectRanges: boolean

  readonly deleteUnknown: 'refused' | 'success'
  /** A delete whose `purpose` is not the file's. */
  readonly deleteMismatch: 'refused' | 'success'
  /** How long a deleted file is still found. */
  readonly deleteLagMs: number

  /** Whether retrieve gives links to uploaded files. */
  readonly uploadLinks: boolean
  /** Whether uploads without a Content-Length are taken. */
  readonly chunkedUploads: boolean
  /** How fast an upload named `slow.…` is read. */
  readonly slowBytesPerSecond: number

  /** Whether each file operation must name the model, as at a gateway that routes and bills by it. */
  readonly needsModel: boolean
  /** The operations that the gateway offers. The others are answered as `unsold` says. */
  readonly sold: 'all' | readonly Operation[]
  readonly unsold: '404' | 'html' | 'redirect'

  /** How long a task takes. */
  readonly taskMs: number
  /** How long the file of the prompt `late file` is still not found after its task has succeeded. */
  readonly lateFileMs: number
}

export const usualBehaviour: Behaviour = {
  listOrder: 'inserted',
  listCap: Number.POSITIVE_INFINITY,
  listNeedsPurpose: false,
  emptyList: 'empty',
  contentType: 'application/octet-stream',
  contentRanges: false,
  contentHead: true,
  objectRanges: true,
  deleteUnknown: 'refused',
  deleteMismatch: 'refused',
  deleteLagMs: 0,
  uploadLinks: true,
  chunkedUploads: true,
  slowBytesPerSecond: 1_024,
  needsModel: false,
  sold: 'all',
  unsold: '404',
  taskMs: 8_000,
  lateFileMs: 20_000,
}
