// Files that were uploaded by this process: known at once, but for their links.
import { LRUCache } from 'lru-cache'
import type { FileId, ListedFile } from '../file.js'
import type { Tombstones } from './tombstones.js'

export type Uploaded = {
  add(file: ListedFile): void
  get(id: FileId): ListedFile | undefined
}

type UploadedDependencies = {
  readonly monotonicMs: () => number
  readonly tombstones: Pick<Tombstones, 'onLoss'>
}

export type UploadedOptions = {
  /** For how long each is reused. */
  readonly keepMs: number
  readonly max?: number
}

export function createUploaded(
  { monotonicMs, tombstones }: UploadedDependencies,
  { keepMs, max = 10_000 }: UploadedOptions,
): Uploaded {
  const files = new LRUCache<FileId, { readonly file: ListedFile; readonly untilMs: number }>({ max })
  tombstones.onLoss((ids) => {
    for (const id of ids) files.delete(id)
  })
  return {
    add: (file) => void files.set(file.id, { file, untilMs: monotonicMs() + keepMs }),
    get: (id) => {
      const known = files.get(id)
      return known && known.untilMs > monotonicMs() ? known.file : undefined
    },
  }
}
