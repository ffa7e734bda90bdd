// Downloads: `GET` and `HEAD`, of `/files/{id}/content` with a token, and of `/content/{ticket}` without one.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Bytes } from '../../bytes.js'
import type { Content } from '../../content.js'
import { FileError } from '../../errors.js'
import { type FileId, parseFileId } from '../../file.js'
import { SECURITY_HEADERS } from '../headers.js'
import { type Refuse, refuseOthers } from '../refusal.js'
import { type Asked, readAsked, toMemberTag } from './asked.js'
import { createTransferCall, type ToCost, type TransferCall } from './call.js'
import { toDisposition } from './disposition.js'
import { createFailureReply, Refused, toCode } from './failure.js'
import { cutMember } from './member.js'
import type { Places } from './places.js'
import { relay } from './relay.js'
import type { ContentTickets } from './ticket.js'
import { createKnownTypes, type MediaType, START_BYTES, toMediaType, UNKNOWN } from './type.js'

export type ContentRouteOptions = {
  readonly content: Content
  readonly tickets: Pick<ContentTickets, 'read'>
  readonly refuse: Refuse
  readonly places: Places
  readonly limits: { readonly transferIdleMs: number }
  /** Whether a page asks that may not, where no token says who does. */
  readonly isForeign: (request: FastifyRequest) => boolean
  readonly toCost: ToCost
  /** Whether the connection is to be closed after the answer. */
  readonly isLast: (request: FastifyRequest) => boolean
}

/** What is sent: a file, or one member of an archive under a name and an id of its own. */
type Sent = { readonly id: string; readonly filename: string | null; readonly bytes: Bytes }

/** A browser that opens the file by its address runs nothing of it. */
const POLICY = "default-src 'none';style-src 'unsafe-inline';sandbox;frame-ancestors 'none'"
const SECURITY = SECURITY_HEADERS.flatMap(([name, value]) => [
  name,
  name === 'content-security-policy' ? POLICY : value,
])
/** A page of any origin may show what it has a ticket for. */
const SHOWN = SECURITY.map((text, at) =>
  SECURITY[at - 1] === 'cross-origin-resource-policy' ? 'cross-origin' : text,
)

export function addContentRoutes(app: FastifyInstance, options: ContentRouteOptions): void {
  const { content, tickets, places, refuse, limits, isForeign, toCost, isLast } = options
  const types = createKnownTypes()
  const fail = createFailureReply(refuse)

  async function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    id: FileId,
    { call, trail }: TransferCall,
  ): Promise<void> {
    const asked = readAsked(request, id)
    trail.lookups = 1
    const sent = await open(id, call, asked)
    const { bytes } = sent
    if (bytes.status === 412 || bytes.status === 416) {
      takeHeaders(reply, bytes)
      throw new Refused(bytes.status)
    }
    if (bytes.status === 304) end(request, reply, bytes, [])
    else await send(request, reply, sent)
  }

  async function open(id: FileId, call: TransferCall['call'], { member, ...asked }: Asked): Promise<Sent> {
    const { file, bytes } = await content.open(id, { ...call, ...asked })
    if (member === undefined) return { id, filename: file.filename, bytes }
    const etag = toMemberTag(id, member)
    if (bytes.status !== 200) return { id, filename: null, bytes: { ...bytes, headers: { etag } } }
    const { name, bytes: cut } = await cutMember(bytes, member)
    const headers = { ...cut.headers, etag }
    return { id: `${id}.${member}`, filename: name, bytes: { ...cut, headers } }
  }

  async function send(request: FastifyRequest, reply: FastifyReply, sent: Sent): Promise<void> {
    const { id, filename, bytes } = sent
    const type = await findType(sent)
    const disposition = toDisposition(filename, id, type.isInline)
    const head = ['content-type', type.name, 'content-disposition', disposition]
    if (request.method === 'HEAD') {
      bytes.body.destroy()
      end(request, reply, bytes, head)
    } else {
      writeHead(request, reply, bytes, head)
      relay(reply, bytes, limits.transferIdleMs)
    }
  }

  async function findType({ id, bytes }: Sent): Promise<MediaType> {
    const isStart = bytes.status === 200 || /^bytes 0-/.test(bytes.headers['content-range'] ?? '')
    const start = isStart ? await bytes.peek(START_BYTES) : Buffer.alloc(0)
    if (start.length === 0) return types.get(id) ?? UNKNOWN
    const type = toMediaType(start)
    types.set(id, type)
    return type
  }

  function end(request: FastifyRequest, reply: FastifyReply, bytes: Bytes, head: readonly string[]): void {
    writeHead(request, reply, bytes, head)
    reply.raw.end()
  }

  /** Past Fastify, so every header is written here. */
  function writeHead(
    request: FastifyRequest,
    reply: FastifyReply,
    bytes: Bytes,
    head: readonly string[],
  ): void {
    const { 'content-length': length, ...headers } = bytes.headers
    reply.hijack()
    reply.raw.writeHead(bytes.status, [
      ...head,
      ...Object.entries(headers).flat(),
      ...(length === undefined || bytes.status === 304 ? [] : ['content-length', length]),
      ...['cache-control', 'private', 'x-request-id', request.id],
      ...(request.routeOptions.config.public ? SHOWN : SECURITY),
      ...Object.entries(reply.getHeaders()).flatMap(([name, value]) => [name, String(value)]),
      ...(isLast(request) ? ['connection', 'close'] : []),
    ])
  }

  async function handle(
    request: FastifyRequest,
    reply: FastifyReply,
    id: FileId | FileError,
  ): Promise<FastifyReply> {
    if (!(id instanceof FileError) && places.isFull()) return refuse(request, reply, 503, places.busy)
    const transfer = createTransferCall(request, toCost, 'download')
    try {
      if (id instanceof FileError) throw id
      places.take(request, reply)
      await serve(request, reply, id, transfer)
    } catch (error) {
      transfer.trail.codes.push(toCode(error))
      fail(error, request, reply, transfer.toOwnCost())
    }
    return reply
  }

  const read = { method: ['GET', 'HEAD'], exposeHeadRoute: false }
  app.route<{ Params: { id: string } }>({
    ...read,
    url: '/files/:id/content',
    handler: (request, reply) =>
      handle(
        request,
        reply,
        isForeign(request)
          ? new FileError('FORBIDDEN', { rule: 'FOREIGN' })
          : (parseFileId(request.params.id) ?? new FileError('INVALID_FILE_ID')),
      ),
  })
  app.route<{ Params: { ticket: string } }>({
    ...read,
    url: '/content/:ticket',
    config: { public: true },
    handler: (request, reply) =>
      handle(
        request,
        reply,
        tickets.read(request.params.ticket) ?? new FileError('FORBIDDEN', { rule: 'TICKET' }),
      ),
  })
  const others = { methods: ['GET', 'HEAD'], message: 'Use GET or HEAD.', config: { public: true } } as const
  for (const url of ['/files/:id/content', '/content/:ticket']) refuseOthers(app, refuse, { url, ...others })
}

/** What such an answer tells of the file. */
function takeHeaders(reply: FastifyReply, { headers }: Bytes): void {
  for (const name of ['content-range', 'etag', 'last-modified']) {
    const value = headers[name]
    if (value !== undefined) reply.header(name, value)
  }
}
