// Failures of the routes for bytes: JSON in the shape of GraphQL's, under a status that says much the same.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FileError, type FileErrorCode } from '../../errors.js'
import { NoMember } from './member.js'

type Code = FileErrorCode | 'MEMBER_NOT_FOUND'

const statuses: Readonly<Partial<Record<Code, number>>> = {
  INVALID_FILE_ID: 400,
  INVALID_INPUT: 400,
  FORBIDDEN: 403,
  FILE_NOT_FOUND: 404,
  MEMBER_NOT_FOUND: 404,
  SPEND_LIMIT_EXCEEDED: 429,
  UPSTREAM_UNSUPPORTED: 501,
  UPSTREAM_TIMEOUT: 504,
  INTERNAL_SERVER_ERROR: 500,
}

/** Whatever else the upstream failed in. */
const BAD_GATEWAY = 502

/** Not among the codes of a file's failure: the file is there. */
const NO_MEMBER = {
  code: 'MEMBER_NOT_FOUND',
  message: 'The file is not a tar archive, or has no such member.',
  retryable: false,
  retryAfterSeconds: null,
  upstream: null,
} as const

/** Answers with a failure; gives back its code. What is no `FileError` is a fault of ours: reported, and masked. */
export function sendFailure(
  error: unknown,
  { id: requestId, visit }: FastifyRequest,
  reply: FastifyReply,
  cost: unknown,
): string {
  const isKnown = error instanceof FileError || error instanceof NoMember
  if (!isKnown) visit.report(error)
  const failure =
    error instanceof FileError ? error : isKnown ? NO_MEMBER : new FileError('INTERNAL_SERVER_ERROR')
  const { code, message, retryable, retryAfterSeconds, upstream } = failure
  if (retryAfterSeconds !== null) reply.header('retry-after', retryAfterSeconds)
  reply.code(statuses[code] ?? BAD_GATEWAY).header('cache-control', 'no-store')
  const extensions = { code, retryable, retryAfterSeconds, requestId, upstream }
  reply.send({ errors: [{ message, extensions }], extensions: { cost } })
  return code
}
