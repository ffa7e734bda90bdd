// What a handler sees of a request, and what it makes of it.

import type { IncomingHttpHeaders } from 'node:http'
import type { Reply, Stamp } from './answer.js'
import type { Fault } from './faults.js'
import type { IncomingBody } from './incoming.js'

export type Call = {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly stamp: Stamp
  readonly body: IncomingBody
}

/** What a request comes to once it was read. Nothing is done yet: a fault may strike before. */
export type Plan = {
  /** The file that is asked for, as far as it can be read. */
  readonly id?: string | undefined
  /** What a magic word in the request asks for. */
  readonly magic?: Fault | undefined
  /** Does it. Called once at most. */
  act(): Reply
  /** Called where `act` was not. */
  abandon?(): void
}

export type Handler = (call: Call) => Plan | Promise<Plan>

/** A plan of one answer, whatever happens. */
export function answerWith(reply: Reply, id?: string): Plan {
  return { id, act: () => reply }
}
