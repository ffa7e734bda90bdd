// What a request must get past before anything of it is read: limits on its head, its host's name, its access token.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from './access.js'
import { createHostCheck } from './host.js'
import { findFault, type Limits } from './limits.js'
import type { Refuse } from './refusal.js'

type GateOptions = {
  readonly limits: Limits
  /** Who may ask; without it, anybody. */
  readonly access?: Access | undefined
  /** Whether it is open to this machine only, and must not be reached by way of a browser's page from elsewhere. */
  readonly isLocal?: boolean
  readonly refuse: Refuse
}

/** A hook: it refuses the request, or goes on; at once for whoever has a token. */
export function createGate({ limits, access, isLocal = false, refuse }: GateOptions) {
  const isOwnName = isLocal ? createHostCheck() : () => true

  return (request: FastifyRequest, reply: FastifyReply, goOn: (error?: Error) => void): void => {
    const fault = findFault(request.raw, limits)
    if (fault !== undefined) refuse(request, reply, fault)
    else if (!isOwnName(request)) refuse(request, reply, 421)
    else if (access === undefined || access.admits(request.headers)) goOn()
    else if (request.routeOptions.config?.public) goOn()
    else
      access.verify(request.headers).then((verdict) => {
        if (verdict === 'admitted') goOn()
        else if (verdict === 'refused') refuse(request, reply.header('www-authenticate', 'Bearer'), 401)
        else refuse(request, reply, 503, 'The keys that access tokens are checked with can not be had now.')
      }, goOn)
  }
}
