// Failures of the routes for bytes: JSON in the shape of GraphQL's, under a status that says much the same.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FileError, type FileErrorCode } from '../../errors.js'
import type { Refuse } from '../refusal.js'
import { NoMember } from './member.js'

type Code = FileErrorCode | 'MEMBER_NOT_FOUND'

const statuses: Readonly<Partial<Record<Code, number>>> = {
  INVALID_FILE_ID: 400,
  INVALID_INPUT: 400,
  DIGEST_MISMATCH: 400,
  FORBIDDEN: 403,
  FILE_NOT_FOUND: 404,
  MEMBER_NOT_FOUND: 404,
  FILE_TOO_LARGE: 413,
  UNSUPPORTED_FILE_FORMAT: 415,
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

/** What is wrong with the request itself, before it is about any file. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  /** In words for the client, if there are better ones than those of the status. */
  readonly words: string | undefined

  constructor(status: number, words?: string) {
    super(words)
    this.status = status
    this.words = words
  }
}

/** As the answer, the log and the metrics have it. */
export function toCode(error: unknown): Code | 'BAD_REQUEST' {
  if (error instanceof Refused) return 'BAD_REQUEST'
  return toFailure(error).code
}

/** Answers with any failure. What is not known here is a fault of ours: reported, and masked. */
export function createFailureReply(refuse: Refuse) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply, cost: unknown): void => {
    if (error instanceof Refused) {
      if (error.status === 408) reply.header('connection', 'close')
      refuse(request, reply, error.status, error.words)
    } else sendFailure(error, request, reply, cost)
  }
}

function sendFailure(
  error: unknown,
  { id: requestId, visit }: FastifyRequest,
  reply: FastifyReply,
  cost: unknown,
): void {
  const failure = toFailure(error)
  if (failure === MASKED) visit.report(error)
  const { code, message, retryable, retryAfterSeconds, upstream } = failure
  if (retryAfterSeconds !== null) reply.header('retry-after', retryAfterSeconds)
  reply.code(statuses[code] ?? BAD_GATEWAY).header('cache-control', 'no-store')
  const extensions = { code, retryable, retryAfterSeconds, requestId, upstream }
  reply.send({ errors: [{ message, extensions }], extensions: { cost } })
}

const MASKED = new FileError('INTERNAL_SERVER_ERROR')

function toFailure(error: unknown): FileError | typeof NO_MEMBER {
  if (error instanceof FileError) return error
  return error instanceof NoMember ? NO_MEMBER : MASKED
}
