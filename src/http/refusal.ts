// Answers to requests that never become a GraphQL operation, in the shape that GraphQL clients can read.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** What is wrong with a request, by HTTP status. Fixed words: a parser's own message may quote the body. */
const messages: Readonly<Record<number, string>> = {
  400: 'The request could not be read: send JSON such as {"query": "{ __typename }"}.',
  401: 'Send an access token that is valid here, as "Authorization: Bearer …".',
  404: 'There is nothing here. GraphQL is at /graphql.',
  405: 'Use POST, or GET for queries.',
  413: 'The request body is too large.',
  414: 'The URL is too long.',
  415: 'Send the request body as application/json.',
}

const codes: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 503: 'SERVICE_UNAVAILABLE' }

/** When to come back after a 503: what is wrong then passes by itself. */
const RETRY_AFTER_SECONDS = 1

/** Answers with this status, and with the words that go with it unless there are better ones. */
export type Refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  message?: string,
) => FastifyReply

/** Makes refusals that carry the request's id and, as every GraphQL response, what it cost: nothing. */
export function createRefuse(cost: unknown): Refuse {
  return (request, reply, status, message = toMessage(status)) => {
    const retry = status === 503 && { retryable: true, retryAfterSeconds: RETRY_AFTER_SECONDS }
    if (retry) reply.header('retry-after', RETRY_AFTER_SECONDS)
    const error = { message, extensions: { code: toCode(status), ...retry, requestId: request.id } }
    reply.code(status).header('cache-control', 'no-store')
    return reply.send({ errors: [error], extensions: { cost } })
  }
}

function toMessage(status: number): string {
  return messages[status] ?? (status >= 500 ? 'Something went wrong on our side.' : 'Bad request.')
}

function toCode(status: number): string {
  return codes[status] ?? (status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST')
}

/** Fastify's own refusals keep their status; anything else is a fault of ours. */
export function toStatus(error: FastifyError): number {
  const { statusCode = 500 } = error
  return statusCode >= 400 && statusCode < 500 ? statusCode : 500
}
