// A file for a field: by whatever was sent for an id, through the operation's one loader, with its failure in either shape.
import { FileError } from '../errors.js'
import { type ListedFile, parseFileId } from '../file.js'
import { toPurpose } from '../purposes.js'
import type { Context } from './context.js'
import { type Failure, toFailure, toGraphQLError } from './failure.js'
import type { FilePurpose } from './generated.js'

type Purpose = FilePurpose | null | undefined

/**
 * The file, or a `FileError`. The representation of an entity may hold anything for an id, so it is `unknown`.
 */
async function find(id: unknown, purpose: Purpose, context: Context): Promise<ListedFile> {
  const fileId = parseFileId(id)
  if (fileId === undefined) throw new FileError('INVALID_FILE_ID')
  // It stands for purposes that this schema does not know, so no file can be expected to be of it.
  if (purpose === 'OTHER') throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_OTHER' })
  const unlinked = context.unlinked(fileId)
  const { file, freshUntilMs } = unlinked
    ? { file: unlinked, freshUntilMs: 0 } // its links come with the next answer
    : await context.files.load(fileId)
  context.reuse.served(freshUntilMs)
  if (purpose && toPurpose(file.purposeName) !== purpose) throw new FileError('PURPOSE_MISMATCH')
  return file
}

/** With the failure as an entry in `errors`. Async, since a reference resolver that throws at once nulls them all. */
export async function findOrThrow(id: unknown, purpose: Purpose, context: Context): Promise<ListedFile> {
  try {
    return await find(id, purpose, context)
  } catch (error) {
    throw toGraphQLError(error, context)
  }
}

/** With the failure as data. */
export async function findOrFail(
  id: unknown,
  purpose: Purpose,
  context: Context,
): Promise<ListedFile | Failure> {
  try {
    return await find(id, purpose, context)
  } catch (error) {
    context.reuse.failed()
    return toFailure(error, context)
  }
}
