// Mutations. Every failure is data, since routers hide `errors`; only GraphQL itself refuses values of a wrong type. A deletion or a
// creation that was begun leaves a line in the log.
import { FileError, toCode } from '../errors.js'
import { parseFileId } from '../file.js'
import { toPurposeName } from '../purposes.js'
import type { Context } from './context.js'
import { createSpeech, createVideo } from './creations.js'
import { orFail } from './failure.js'
import type { DeletedFile, FilePurpose, Resolvers } from './generated.js'
import { createUpload } from './upload.js'

export const mutations: Pick<
  Resolvers,
  'Mutation' | 'CreateUploadResult' | 'DeleteFileResult' | 'CreateVideoResult' | 'CreateSpeechResult'
> = {
  Mutation: {
    createVideo: (_, { input }, context) => orFail(createVideo(input, context), context),
    createSpeech: (_, { input }, context) => orFail(createSpeech(input, context), context),
    createUpload: (_, { input }, context) => orFail(createUpload(input, context), context),
    deleteFile: (_, { id, purpose }, context) => orFail(deleteFile(id, purpose, context), context),
  },
  CreateUploadResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'UploadTicket') },
  CreateVideoResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'VideoTask') },
  CreateSpeechResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'SpeechTask') },
  DeleteFileResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'DeletedFile') },
}

/** Rejects with a `FileError`. */
async function deleteFile(
  text: string,
  purpose: FilePurpose | null | undefined,
  context: Context,
): Promise<DeletedFile> {
  if (!context.mayWrite) throw new FileError('FORBIDDEN')
  const id = parseFileId(text)
  if (id === undefined) throw new FileError('INVALID_FILE_ID')
  if (purpose === 'OTHER') throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_OTHER' })
  const microUsdBefore = context.meter.microUsd
  const note = (code: string, bytes: number | null) =>
    context.audit({ what: 'delete', id, bytes, microUsd: context.meter.microUsd - microUsdBefore, code })
  try {
    const { bytes } = await context.delete(id, purpose ? toPurposeName(purpose) : undefined)
    note('OK', bytes)
  } catch (error) {
    note(toCode(error), null)
    throw error
  }
  return { id }
}
