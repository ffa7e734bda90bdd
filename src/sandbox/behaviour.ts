// What is unknown of the real upstream, one switch each, so that a client can be tried against both. What stands here by
// default is the best guess.

import type { Operation } from './operation.js'

export type Behaviour = {
  /** Nothing documents an order. */
  readonly listOrder: 'inserted' | 'newest-first' | 'oldest-first'
  /** The most files that one listing has. */
  readonly listCap: number
  /** The documents require a purpose; official clients leave it out. */
  readonly listNeedsPurpose: boolean
  readonly emptyList: 'empty' | 'absent' | 'null'

  /** The Content-Type of `retrieve_content`: a fixed one, none, or that of the file. */
  readonly contentType: 'application/octet-stream' | 'application/json' | 'none' | 'own'
  readonly contentRanges: boolean
  /** Without it HEAD is a path that does not exist. */
  readonly contentHead: boolean

  /** Whether downloads behind links take ranges and conditions. */
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
  /** How fast an upload named `slow` is read. */
  readonly slowBytesPerSecond: number

  /** Whether CometAPI's model must be named, as where it routes and bills by that. */
  readonly needsModel: boolean
  /** The operations there are; the others answer as `unsold` says. */
  readonly sold: 'all' | readonly Operation[]
  readonly unsold: '404' | 'html' | 'redirect'

  /** How long a task takes. */
  readonly taskMs: number
  /** How long after its task's success a `late file` is not found. */
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
