// What a handler gets of a request, and the plan that it returns.

import type { IncomingHttpHeaders } from 'node:http'
import type { Reply, Stamp } from './answer.js'
import type { Fault } from './faults.js'
import type { IncomingBody } from './incoming.js'

export type HandlerCall = {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly stamp: Stamp
  readonly body: IncomingBody
}

/** How a request will be answered. Nothing has been done yet, since a fault may be applied first. */
export type AnswerPlan = {
  /** The id of the file that is asked for, if the request has a readable one. */
  readonly id?: string | undefined
  /** The fault that a file name or a prompt of the request asks for. */
  readonly magic?: Fault | undefined
  /** Does what is asked for, and returns the answer. Called once at most. */
  act(): Reply
  /** Called if `act` was not. */
  abandon?(): void
}

export type Handler = (call: HandlerCall) => AnswerPlan | Promise<AnswerPlan>

/** A plan that only answers. */
export function answerWith(reply: Reply, id?: string): AnswerPlan {
  return { id, act: () => reply }
}
