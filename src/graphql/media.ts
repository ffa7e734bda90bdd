// The media type of a response, and the HTTP status that goes with it.
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import Negotiator from 'negotiator'

/** The older type first: clients that accept anything get it. */
const MEDIA_TYPES: [string, string] = [
  'application/json; charset=utf-8',
  'application/graphql-response+json; charset=utf-8',
]

/** Throws for a client that accepts neither. To be called before the operation runs, which may cost something. */
export function chooseMediaType(accept: string | undefined): string {
  const ranges = withoutParameters(accept?.trim() || '*/*')
  const chosen = new Negotiator({ headers: { accept: ranges } }).mediaType(MEDIA_TYPES)
  if (chosen !== undefined) return chosen
  throw new GraphQLError('Responses come as application/graphql-response+json or application/json.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 406 } },
  })
}

type Delivered = {
  mediaType: string
  readonly delivery: { takesJson: boolean; takesEvents: boolean }
}

/** Writes to the context how the client accepts its response. Throws if it accepts no form of response that there is. */
export function chooseDelivery(method: string, accept: string | undefined, context: Delivered): void {
  const takesEvents = method === 'POST' && acceptsEvents(accept)
  context.delivery.takesEvents = takesEvents
  try {
    context.mediaType = chooseMediaType(accept)
  } catch (error) {
    if (!takesEvents) throw error
    context.delivery.takesJson = false
    context.mediaType = MEDIA_TYPES[1] // so that a refusal has an HTTP status of its own
  }
}

/** Whether it names the type of events. A client that accepts anything gets JSON. */
function acceptsEvents(accept: string | undefined): boolean {
  if (!accept?.toLowerCase().includes(EVENTS)) return false
  return split(accept, ',')
    .map(toRange)
    .some((range) => ACCEPTABLE_EVENTS.test(range.trim()))
}

const EVENTS = 'text/event-stream'
/** With any weight but 0. */
const ACCEPTABLE_EVENTS = /^text\/event-stream\s*(?:;q=(?!0(?:\.0*)?$)|$)/i

/** Removes all parameters but the weights, since for the library `application/json;v=2` is another type. */
function withoutParameters(accept: string): string {
  if (!accept.includes(';')) return accept
  return split(accept, ',').map(toRange).join()
}

function toRange(range: string): string {
  const [type = '', ...parameters] = split(range, ';')
  const [quality] = parameters.flatMap((each) => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(each)?.[1] ?? [])
  return quality === undefined ? type : `${type};q=${quality}`
}

/** Splits at separators outside of quoted strings. */
function split(text: string, separator: ',' | ';'): string[] {
  if (!text.includes('"')) return text.split(separator)
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    else if (text[at] === '\\' && isQuoted) at++
    else if (text[at] === separator && !isQuoted) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** The codes of operations that were refused before they ran. */
const REFUSED = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
]

/**
 * As `application/json`, which anything between us and the client may send too, only the body tells of a refused
 * operation: 200. As `application/graphql-response+json` the status does as well: 400. This is what the released audits
 * of graphql-http ask for; the draft of the specification that follows them has 422 for an operation that does not
 * validate or whose variables do not fit, and 294 for data with errors beside it.
 */
export function chooseStatus(
  mediaType: string,
  status: number,
  errors: readonly GraphQLFormattedError[],
): number {
  const isRefused = errors.some(({ extensions }) => REFUSED.includes(String(extensions?.code)))
  return mediaType.startsWith('application/json') && isRefused ? 200 : status
}
