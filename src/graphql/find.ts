// The file of a field, by whatever the client sent as its id, through the operation's one loader.
import { FileError } from '../errors.js'
import { type ListedFile, parseFileId } from '../file.js'
import { toPurpose } from '../purposes.js'
import type { Context } from './context.js'
import { type Failure, orFail, orThrow } from './failure.js'
import type { FilePurpose } from './generated.js'

type Purpose = FilePurpose | null | undefined

/** Rejects with a `FileError`. Async, so that it never throws at once. The id of an entity's representation may be anything. */
async function find(id: unknown, purpose: Purpose, context: Context): Promise<ListedFile> {
  const fileId = parseFileId(id)
  if (fileId === undefined) throw new FileError('INVALID_FILE_ID')
  // OTHER stands for all purposes that this schema does not know, so no file can be expected to have it.
  if (purpose === 'OTHER') throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_OTHER' })
  const unlinked = context.unlinked(fileId)
  const { file, freshUntilMs } = unlinked
    ? { file: unlinked, freshUntilMs: 0 } // its links come with the next answer
    : await context.files.load(fileId)
  context.reuse.served(freshUntilMs)
  if (purpose && toPurpose(file.purposeName) !== purpose) throw new FileError('PURPOSE_MISMATCH')
  return file
}

/** The file; a failure is an entry in `errors`. */
export function findOrThrow(id: unknown, purpose: Purpose, context: Context): Promise<ListedFile> {
  return orThrow(find(id, purpose, context), context)
}

/** The file; a failure is data. */
export function findOrFail(id: unknown, purpose: Purpose, context: Context): Promise<ListedFile | Failure> {
  return orFail(find(id, purpose, context), context)
}
