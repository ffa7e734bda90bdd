// Answers to requests that never become a GraphQL operation, in the shape that GraphQL clients can read.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { LIMITS } from './limits.js'

const { bodyBytes, urlBytes, headerBytes, headers, operations } = LIMITS

/** What is wrong with a request, by HTTP status. Fixed words: a parser's own message may quote the body. */
const messages: Readonly<Record<number, string>> = {
  400: 'The request could not be read: send JSON such as {"query": "{ __typename }"}.',
  401: 'Send an access token that is valid here, as "Authorization: Bearer …".',
  404: 'There is nothing here. GraphQL is at /graphql.',
  405: 'Use POST, or GET for queries.',
  408: 'The request took too long to arrive.',
  411: 'Say with Content-Length how long the request body is; it can not come in chunks.',
  412: 'The file is not the one that the condition names.',
  413: `The request body is too large: at most ${bodyBytes / 1024} KiB are read.`,
  414: `The URL is too long: at most ${urlBytes / 1024} KiB are read.`,
  415: 'Send the request body as application/json, in UTF-8 and not compressed.',
  416: 'The file has no such range.',
  417: 'The only expectation that is met here is 100-continue.',
  421: 'An open server on loopback answers to its own names only, such as localhost. For others, say ACCESS=open.',
  431: `The headers are too large: at most ${headers} of them and ${headerBytes / 1024} KiB are read.`,
  503: `The server is busy: it runs at most ${operations} operations at a time. Ask again soon.`,
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

export type ToRefusal = (status: number, requestId: string, message?: string) => unknown

/** Makes refusals that carry the request's id and, as every GraphQL response, what it cost: nothing. */
export function createRefusal(cost: unknown): { toRefusal: ToRefusal; refuse: Refuse } {
  const toRefusal: ToRefusal = (status, requestId, message = toMessage(status)) => {
    const retry = status === 503 && { retryable: true, retryAfterSeconds: RETRY_AFTER_SECONDS }
    return {
      errors: [{ message, extensions: { code: toCode(status), ...retry, requestId } }],
      extensions: { cost },
    }
  }
  const refuse: Refuse = (request, reply, status, message) => {
    if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
    // Said once more, since what is no URL gets here past all hooks.
    reply.code(status).header('cache-control', 'no-store').header('x-request-id', request.id)
    return reply.send(toRefusal(status, request.id, message))
  }
  return { toRefusal, refuse }
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
