// How one request is served: it is read and planned, then a fault strikes, or what it asks for is done and answered.
// Requests without a body are served within one turn, so that they come in the order of their connection.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, createBaseAnswer, createEnvelopeAnswer, type Reply, type Stamp } from './answer.js'
import { answerWith, type Plan } from './call.js'
import { applyFault } from './faults.js'
import { createIncomingBody, type IncomingBody, skip } from './incoming.js'
import type { Target } from './operation.js'
import type { RecordHandle } from './record.js'
import type { Rules, Strike } from './rules.js'
import { sendAnswer, sendReply, toAnswer, toLength } from './send.js'
import type { RunningTotals } from './totals.js'

export type Asked = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly record: RecordHandle
  readonly target: Target
  readonly stamp: Stamp
}

/** Reads a request as far as it must be read to know what it comes to. */
export type Planner = (asked: Asked, body: IncomingBody) => Plan | Promise<Plan>

type Sources = {
  readonly rules: Rules
  readonly totals: RunningTotals
  readonly doomed: WeakSet<Socket>
  readonly plan: Planner
}

export function createService({ rules, totals, doomed, plan }: Sources) {
  const running = new Set<Promise<void>>()

  function strike({ response, request, record, stamp }: Asked, { fault, turn }: Strike, plan: Plan): void {
    const { socket } = request
    let reply: Reply | undefined
    let answer: Answer | undefined
    const carryOut = () => {
      reply ??= plan.act()
      return reply
    }
    applyFault(fault, {
      response,
      socket,
      stamp,
      turn,
      carryOut,
      get answer() {
        answer ??= toAnswer(carryOut())
        return answer
      },
      conclude: record.conclude,
      doom: () => doomed.add(socket),
    })
    if (!reply) plan.abandon?.()
  }

  function perform(asked: Asked, plan: Plan): void {
    const struck = rules.take(asked.target, plan.id, plan.magic)
    if (struck) {
      strike(asked, struck, plan)
      return
    }
    const reply = plan.act()
    const sendsFile = asked.target === 'content' || asked.target === 'object'
    if (sendsFile && asked.request.method === 'GET') totals.bytes.sent += toLength(reply)
    sendReply(asked.response, reply)
  }

  /** What goes on after this turn. It fails where the peer leaves, which is the peer's business. */
  function run({ request, response, stamp }: Asked, work: Promise<void>): void {
    const tracked = work
      .catch(() => {
        if (!request.destroyed) sendAnswer(response, createEnvelopeAnswer(stamp, 500))
      })
      .finally(() => running.delete(tracked))
    running.add(tracked)
  }

  return {
    serve(asked: Asked): void {
      const { request, response, record, target, stamp } = asked
      totals.calls[target]++
      const body = createIncomingBody(request, (chunk) => {
        totals.bytes.received += chunk.length
        record.received(chunk)
      })
      // What comes after an early answer is read and dropped.
      if (request.method === 'POST') response.once('finish', () => request.resume())
      const early = rules.takeEarly(target)
      if (early) {
        const nothing = answerWith(createBaseAnswer(stamp, 1000))
        run(
          asked,
          skip(body, early.afterBytes).then(() => strike(asked, early, nothing)),
        )
        return
      }
      const planned = plan(asked, body)
      if (planned instanceof Promise)
        run(
          asked,
          planned.then((plan) => perform(asked, plan)),
        )
      else perform(asked, planned)
    },

    /** Resolves once nothing runs any more; to be called when all connections are closed. */
    async settle(): Promise<void> {
      await Promise.all(running)
    },
  }
}
