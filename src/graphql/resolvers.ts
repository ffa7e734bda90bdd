// The resolver of each field. Every look-up, by field or by entity, goes through the operation's one loader.
import type { GraphQLResolveInfo } from 'graphql'
import { toPurpose } from '../purposes.js'
import type { Context } from './context.js'
import { toGraphQLError } from './failure.js'
import { findOrFail, findOrThrow } from './find.js'
import type { Resolvers } from './generated.js'
import { listFiles, ofLinks } from './listing.js'
import { mutations } from './mutations.js'
import { scalars } from './scalars.js'
import { taskQueries, tasks } from './tasks.js'
import type { Turn } from './turn.js'
import { weigh } from './weight.js'

export const resolvers: Resolvers = {
  ...scalars,
  ...mutations,
  ...tasks,
  Query: {
    ...taskQueries,
    file: (_, { id, purpose }, context) => {
      context.reuse.tagRoot([id])
      return findOrThrow(id, purpose, context)
    },
    fileResult: (_, { id, purpose }, context) => {
      context.reuse.tagRoot([id])
      return findOrFail(id, purpose, context)
    },
    fileResults: async (_, { ids, purpose }, context, info) => {
      const turn = charge(ids.length, context, info)
      context.reuse.tagRoot(ids)
      const results = await Promise.all(ids.map((id) => findOrFail(id, purpose, context)))
      await turn()
      return results
    },
    files: (_, args, context, info) => listFiles(args, context, info),
  },
  File: {
    // A copy, since @apollo/subgraph adds `__typename` to what it gets, and the file may be shared.
    __resolveReference: async ({ id }, context) => ({ ...(await findOrThrow(id, null, context)) }),
    createdAt: ({ createdAtMs }) => toDate(createdAtMs),
    purpose: ({ purposeName }) => toPurpose(purposeName),
    contentUrl: ({ id }, _, context) => context.toContentUrl(id),
    downloadUrl: (file, _, context) => ofLinks(file, context, ({ downloadUrl }) => downloadUrl),
    backupDownloadUrl: (file, _, context) =>
      ofLinks(file, context, ({ backupDownloadUrl }) => backupDownloadUrl),
    downloadUrlExpiresAt: (file, _, context) =>
      ofLinks(file, context, ({ downloadUrlExpiresAtMs }) => toDate(downloadUrlExpiresAtMs)),
  },
  FileResult: { __resolveType: (result) => ('code' in result ? 'FileError' : 'File') },
}

/** Refuses a list that is far too long before anything is looked up. */
export function charge(lookups: number, context: Context, info: GraphQLResolveInfo): Turn {
  try {
    return context.charge(lookups, weigh(info))
  } catch (error) {
    throw toGraphQLError(error, context)
  }
}

function toDate(timeMs: number | null): Date | null {
  return timeMs === null ? null : new Date(timeMs)
}
