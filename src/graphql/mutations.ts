// Mutations. Every failure is data, since routers hide `errors`; only GraphQL itself refuses values of a wrong type. A deletion or a
// creation that was begun leaves a line in the log.
import { FileError } from '../errors.js'
import { type FileId, parseFileId } from '../file.js'
import { toPurposeName } from '../purposes.js'
import type { Context } from './context.js'
import { createSpeech, createVideo } from './creations.js'
import { toFailure } from './failure.js'
import type { FilePurpose, Resolvers } from './generated.js'
import { createUpload } from './upload.js'

export const mutations: Pick<
  Resolvers,
  'Mutation' | 'CreateUploadResult' | 'DeleteFileResult' | 'CreateVideoResult' | 'CreateSpeechResult'
> = {
  Mutation: {
    createVideo: (_, { input }, context) => createVideo(input, context),
    createSpeech: (_, { input }, context) => createSpeech(input, context),
    createUpload: (_, { input }, context) => {
      try {
        return { __typename: 'UploadTicket', ...createUpload(input, context) }
      } catch (error) {
        return toFailure(error, context)
      }
    },
    deleteFile: async (_, { id, purpose }, context) => {
      try {
        if (!context.mayWrite) throw new FileError('FORBIDDEN')
        const fileId = parseFileId(id)
        if (fileId === undefined) throw new FileError('INVALID_FILE_ID')
        await deleteFile(fileId, purpose, context)
        return { __typename: 'DeletedFile', id: fileId }
      } catch (error) {
        return toFailure(error, context)
      }
    },
  },
  CreateUploadResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'UploadTicket') },
  CreateVideoResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'VideoTask') },
  CreateSpeechResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'SpeechTask') },
  DeleteFileResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'DeletedFile') },
}

async function deleteFile(
  id: FileId,
  purpose: FilePurpose | null | undefined,
  context: Context,
): Promise<void> {
  if (purpose === 'OTHER') throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_OTHER' })
  const microUsdBefore = context.meter.microUsd
  const note = (code: string, bytes: number | null) =>
    context.audit({ what: 'delete', id, bytes, microUsd: context.meter.microUsd - microUsdBefore, code })
  try {
    const { bytes } = await context.delete(id, purpose ? toPurposeName(purpose) : undefined)
    note('OK', bytes)
  } catch (error) {
    note(error instanceof FileError ? error.code : 'INTERNAL_SERVER_ERROR', null)
    throw error
  }
}
