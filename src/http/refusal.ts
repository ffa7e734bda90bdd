// Answers to requests that never become a GraphQL operation, as errors that GraphQL clients can read.
import type {
  FastifyContextConfig,
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from 'fastify'
import { HTTP_LIMITS } from './limits.js'

const { bodyBytes, urlBytes, headerBytes, headers, operations } = HTTP_LIMITS

/** The message of each HTTP status. They are fixed, since a parser's own message may quote the body. */
const messages: Readonly<Record<number, string>> = {
  400: 'The request could not be parsed. GraphQL comes as JSON such as {"query": "{ __typename }"}.',
  401: 'Send a valid access token as "Authorization: Bearer …".',
  404: 'Not found. GraphQL is at /graphql, uploads go to /files, and the bytes of a file are at /files/{id}/content.',
  405: 'Use POST, or GET for queries.',
  408: 'The request took too long to arrive.',
  411: 'Send the length of the request body as Content-Length; chunks are not accepted.',
  412: 'The file does not match the condition of the request.',
  413: `The request body is too large: at most ${bodyBytes / 1024} KiB are accepted. A longer text goes by \`textFileId\`, a larger picture by its address.`,
  414: `The URL is too long: at most ${urlBytes / 1024} KiB are accepted.`,
  415: 'Send the request body as application/json, in UTF-8, uncompressed.',
  416: 'The file does not have the requested range.',
  417: 'The only supported expectation is 100-continue.',
  421: 'This server is open on loopback, so it answers only to local host names such as localhost. Set ACCESS_TOKENS or the JWT variables, or ACCESS=open to allow everyone.',
  431: `The headers are too large: at most ${headers} headers and ${headerBytes / 1024} KiB are accepted.`,
  503: `The server is busy: it runs at most ${operations} operations at a time. Retry soon.`,
}

const codes: Readonly<Record<number, string>> = { 401: 'UNAUTHENTICATED', 503: 'SERVICE_UNAVAILABLE' }

/** An overload passes quickly. */
const RETRY_AFTER_SECONDS = 1

/** Answers with this status. Without a message, the default one for the status is used. */
export type Refuse = (
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  message?: string,
) => FastifyReply

export type ToRefusal = (status: number, requestId: string, message?: string) => unknown

/** Creates refusals with the request's id and, as in every GraphQL response, the cost: nothing. */
export function createRefusal(cost: unknown): { toRefusal: ToRefusal; refuse: Refuse } {
  const toRefusal: ToRefusal = (status, requestId, message = toMessage(status)) => {
    const retryable = status >= 500 || status === 408
    const retry = { retryable, ...(status === 503 && { retryAfterSeconds: RETRY_AFTER_SECONDS }) }
    return {
      errors: [{ message, extensions: { code: toCode(status), ...retry, requestId } }],
      extensions: { cost },
    }
  }
  const refuse: Refuse = (request, reply, status, message) => {
    if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
    // Set here again, since a request with an invalid URL skips all hooks.
    reply.code(status).header('cache-control', 'no-store').header('x-request-id', request.id)
    return reply.send(toRefusal(status, request.id, message))
  }
  return { toRefusal, refuse }
}

/** CONNECT is not among them: it comes on a bare socket, see `answerConnect`. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

type Others = {
  readonly url: string
  /** That the path has. */
  readonly methods: readonly string[]
  readonly message?: string
  readonly config?: FastifyContextConfig
}

/** Answers 405 to every other method, before its body is looked at: the body's type would be refused first. */
export function refuseOthers(
  app: FastifyInstance,
  refuse: Refuse,
  { url, methods, message, config = {} }: Others,
): void {
  const answer = (request: FastifyRequest, reply: FastifyReply) =>
    refuse(request, reply.header('allow', methods.join(', ')), 405, message)
  app.route({
    method: METHODS.filter((method) => !methods.includes(method)),
    url,
    config,
    onRequest: (request, reply) => void answer(request, reply),
    handler: answer, // never reached
  })
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
