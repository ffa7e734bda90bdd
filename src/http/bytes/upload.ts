// Uploads: `PUT /files` with the bytes alone, `POST /files` with a form, `PUT /uploads/{ticket}` without a token. All that can
// be checked is checked before the bytes are asked for, and they are passed on as they come.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FileError } from '../../errors.js'
import { type Refuse, refuseOthers } from '../refusal.js'
import { createTransferCall, type ToCost } from './call.js'
import { createFailureReply, toCode } from './failure.js'
import type { Places } from './places.js'
import { createReceive, type ReceiveOptions } from './receive.js'
import type { Exchange } from './send.js'
import type { UploadTickets } from './ticket.js'

export type UploadRouteOptions = ReceiveOptions & {
  readonly uploadTickets: Pick<UploadTickets, 'read'>
  /** Whether a form comes from a page that may not send any. */
  readonly isForeign: (request: FastifyRequest) => boolean
  readonly places: Places
  readonly refuse: Refuse
  readonly toCost: ToCost
  /** Whether those who may write can do so at all. */
  readonly writes?: boolean
}

const ROUTE = { config: { upload: true } } as const
/** Whoever has a ticket needs no token. */
const TICKET_ROUTE = { config: { upload: true, public: true } } as const

export function addUploadRoutes(app: FastifyInstance, options: UploadRouteOptions): void {
  const { uploadTickets, refuse, isForeign, writes = false } = options
  const receive = createReceive(options)
  const run = createRun(options)
  app.register(async (scope) => {
    // The routes read the bodies themselves.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.put('/files', ROUTE, (request, reply) =>
      run(request, reply, async (exchange) => {
        if (!request.visit.mayWrite) throw new FileError('FORBIDDEN')
        await receive.put(exchange)
      }),
    )
    scope.post('/files', ROUTE, (request, reply) =>
      run(request, reply, async (exchange) => {
        if (!request.visit.mayWrite) throw new FileError('FORBIDDEN')
        if (isForeign(request)) throw new FileError('FORBIDDEN', { rule: 'FOREIGN' })
        await receive.post(exchange)
      }),
    )
    scope.put<{ Params: { ticket: string } }>('/uploads/:ticket', TICKET_ROUTE, (request, reply) =>
      run(request, reply, async (exchange) => {
        const ticket = writes ? uploadTickets.read(request.params.ticket) : undefined
        if (ticket === undefined) throw new FileError('FORBIDDEN', { rule: 'TICKET' })
        await receive.putByTicket(exchange, ticket)
      }),
    )
    const config = { public: true } as const
    const others = { config, methods: ['PUT', 'POST'], message: 'Use PUT or POST.' }
    refuseOthers(scope, refuse, { url: '/files', ...others })
    refuseOthers(scope, refuse, { url: '/uploads/:ticket', config, methods: ['PUT'], message: 'Use PUT.' })
  })
}

/** Runs an upload within a place, and answers whatever it fails in. */
function createRun({ places, refuse, toCost }: Pick<UploadRouteOptions, 'places' | 'refuse' | 'toCost'>) {
  const fail = createFailureReply(refuse)
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    upload: (exchange: Exchange) => Promise<void>,
  ): Promise<FastifyReply> => {
    if (places.isFull()) return refuse(request, reply, 503, places.busy)
    places.take(request, reply)
    const transfer = createTransferCall(request, toCost, 'upload')
    try {
      await upload({ request, reply, transfer })
    } catch (error) {
      transfer.trail.codes.push(toCode(error))
      // Nobody reads the rest. Before the answer: once that is out, `linger` listens, to count what still comes.
      request.raw.removeAllListeners('data').resume()
      fail(error, request, reply, transfer.toOwnCost())
    }
    return reply
  }
}
