// What a fault works with: one request, and everything needed to answer it, rightly or wrongly.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer, Stamp } from './answer.js'

export type Exchange = {
  readonly response: ServerResponse
  readonly socket: Socket
  /** What would be sent without the fault. Reading it carries the request out. */
  readonly answer: Answer
  readonly stamp: Stamp
  /** How many times this fault was applied before. */
  readonly turn: number
  /** Does what the request asks for, such as storing an upload. Further calls do nothing. */
  carryOut(): void
  /** To be called before the fault closes the connection, so that it is not recorded as closed by the client. */
  conclude(): void
  /** Closes this connection at its next request, without an answer. */
  doom(): void
}
