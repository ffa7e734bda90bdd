// What a request must get past before anything of it is read: limits on its head, its host's name, its access token.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Access } from './access.js'
import { createHostCheck } from './host.js'
import type { Admission, Verdict } from './jwt.js'
import { findFault, type Limits } from './limits.js'
import type { Refuse } from './refusal.js'

type GateOptions = {
  readonly limits: Limits
  /** Who may ask; without it, anybody. */
  readonly access?: Access | undefined
  /** Whether only this machine may ask: a page from elsewhere must not do so from a browser that runs here. */
  readonly isLocal?: boolean
  /** Whether those who may write can do so at all. */
  readonly writes?: boolean
  readonly refuse: Refuse
}

/** Where everybody may ask. */
const ANYBODY: Admission = { mayWrite: true, name: null }

/** A hook: it refuses the request, or goes on. At once, unless there is a JWT to verify. */
export function createGate({ limits, access, isLocal = false, writes = false, refuse }: GateOptions) {
  const isOwnName = isLocal ? createHostCheck() : () => true

  return (request: FastifyRequest, reply: FastifyReply, goOn: (error?: Error) => void): void => {
    const admit = ({ mayWrite, name, untilMs }: Admission) => {
      if (request.visit.hasLeft) return // while its token was looked at: nothing is done for it any more
      request.visit.mayWrite = writes && mayWrite
      request.visit.name = name
      if (untilMs !== undefined) request.visit.untilMs = untilMs
      goOn()
    }
    const judge = (verdict: Verdict) => {
      if (typeof verdict === 'object') admit(verdict)
      else if (verdict === 'refused') refuse(request, reply.header('www-authenticate', 'Bearer'), 401)
      else refuse(request, reply, 503, 'The keys to verify access tokens are not available at the moment.')
    }
    const fault = findFault(request.raw, limits)
    if (!request.raw.socket.writable) return // it comes after the last answer on its connection
    if (fault !== undefined) refuse(request, reply, fault)
    else if (!isOwnName(request)) refuse(request, reply, 421)
    else if (access === undefined) admit(ANYBODY)
    else if (request.routeOptions.config?.public) goOn()
    else {
      const verdict = access.authenticate(request.headers)
      if (verdict instanceof Promise) verdict.then(judge, goOn)
      else judge(verdict)
    }
  }
}
