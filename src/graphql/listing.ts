// The account's files as a connection, and the links of a listed file, which the listing does not have.
import { GraphQLError, type GraphQLResolveInfo } from 'graphql'
import { FileError } from '../errors.js'
import type { File, ListedFile, Place } from '../file.js'
import { toPurposeName } from '../purposes.js'
import { type Connection, parseCursor, toConnection } from './connection.js'
import type { Context } from './context.js'
import { orThrow } from './failure.js'
import type { QueryFilesArgs, RequireFields } from './generated.js'
import { weigh } from './weight.js'

const MAX_FIRST = 200

type Arguments = RequireFields<QueryFilesArgs, 'first'>

export function listFiles(args: Arguments, context: Context, info: GraphQLResolveInfo): Promise<Connection> {
  return orThrow(list(args, context, info), context)
}

async function list(
  { purpose, first, after }: Arguments,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Connection> {
  if (first < 1 || first > MAX_FIRST) throw toInputError(`"first" takes 1 to ${MAX_FIRST}`)
  if (purpose === 'OTHER') throw new FileError('INVALID_INPUT', { rule: 'PURPOSE_OTHER' })
  const place = after == null ? undefined : readCursor(after)
  const turn = context.charge(1, first * weigh(info))
  const files = await context.list(purpose ? toPurposeName(purpose) : undefined)
  context.reuse.served(0) // files come and go: nobody keeps this
  await turn()
  return toConnection(files, first, place)
}

function readCursor(cursor: string): Place {
  const place = parseCursor(cursor)
  if (place === undefined) throw toInputError('"after" takes a cursor as this server gives them')
  return place
}

function toInputError(problem: string): GraphQLError {
  return new GraphQLError(`The argument ${problem}.`, { extensions: { code: 'BAD_USER_INPUT' } })
}

/** At once for a file that was looked up; a listed one is looked up for it. */
export function ofLinks<T>(file: ListedFile, context: Context, pick: (file: File) => T): T | Promise<T> {
  if (isLookedUp(file)) return pick(file)
  return orThrow(context.files.load(file.id), context).then((answer) => pick(answer.file))
}

function isLookedUp(file: ListedFile): file is File {
  return 'downloadUrl' in file
}
