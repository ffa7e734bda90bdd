// What a fault gets into its hands: one request, and all that is needed to answer it well or badly.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer, Stamp } from './answer.js'

export type Exchange = {
  readonly response: ServerResponse
  readonly socket: Socket
  /** What would be sent if there were no fault. Whoever looks at it has done what the request asks for. */
  readonly answer: Answer
  readonly stamp: Stamp
  /** How many times this very fault was applied before. */
  readonly turn: number
  /** Does what the request asks for, such as keeping an upload: once, however often it is called. */
  carryOut(): void
  /** Says that a connection ends by our will, so that its end is not recorded as the peer's leaving. */
  conclude(): void
  /** Makes the next request on this socket the last one: it gets closed without an answer. */
  doom(): void
}
