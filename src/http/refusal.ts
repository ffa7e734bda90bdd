// Answers to requests that never become a GraphQL operation, in the shape that GraphQL clients can read.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** What is wrong with a request, by HTTP status. Fixed words: a parser's own message may quote the body. */
const messages: Readonly<Record<number, string>> = {
  400: 'The request could not be read: send JSON such as {"query": "{ __typename }"}.',
  404: 'There is nothing here. GraphQL is at /graphql.',
  405: 'Use POST, or GET for queries.',
  413: 'The request body is too large.',
  414: 'The URL is too long.',
  415: 'Send the request body as application/json.',
}

export type Refuse = (request: FastifyRequest, reply: FastifyReply, status: number) => FastifyReply

/** Makes refusals that carry the request's id and, as every GraphQL response, what it cost: nothing. */
export function createRefuse(cost: unknown): Refuse {
  return (request, reply, status) => {
    const code = status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST'
    const message = messages[status] ?? (status >= 500 ? 'Something went wrong on our side.' : 'Bad request.')
    const error = { message, extensions: { code, requestId: request.id } }
    return reply.code(status).send({ errors: [error], extensions: { cost } })
  }
}

/** Fastify's own refusals keep their status; anything else is a fault of ours. */
export function toStatus(error: FastifyError): number {
  const { statusCode = 500 } = error
  return statusCode >= 400 && statusCode < 500 ? statusCode : 500
}
