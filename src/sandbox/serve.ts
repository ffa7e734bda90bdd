// Serves one request: reads and plans it, then applies a fault, or carries it out and answers. A request without a body is
// served within one turn of the event loop, so that answers keep the order of the requests.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, createBaseAnswer, createEnvelopeAnswer, type Reply, type Stamp } from './answer.js'
import { type AnswerPlan, answerWith } from './call.js'
import { applyFault } from './faults.js'
import { createIncomingBody, type IncomingBody, skip } from './incoming.js'
import type { Target } from './operation.js'
import type { RecordHandle } from './record.js'
import type { Rules, Strike } from './rules.js'
import { measureReply, readReply, sendAnswer, sendReply } from './send.js'
import type { RunningTotals } from './totals.js'

export type ServedRequest = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly record: RecordHandle
  readonly target: Target
  readonly stamp: Stamp
}

/** Reads as much of a request as is needed to plan its answer. */
export type Planner = (asked: ServedRequest, body: IncomingBody) => AnswerPlan | Promise<AnswerPlan>

type Sources = {
  readonly rules: Rules
  readonly totals: RunningTotals
  readonly doomed: WeakSet<Socket>
  readonly plan: Planner
}

export function createService({ rules, totals, doomed, plan }: Sources) {
  const running = new Set<Promise<void>>()

  function strike(
    { response, request, record, stamp }: ServedRequest,
    { fault, turn }: Strike,
    plan: AnswerPlan,
  ): void {
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
        answer ??= readReply(carryOut())
        return answer
      },
      conclude: record.conclude,
      doom: () => doomed.add(socket),
    })
    if (!reply) plan.abandon?.()
  }

  function perform(asked: ServedRequest, plan: AnswerPlan): void {
    const struck = rules.take(asked.target, plan.id, plan.magic)
    if (struck) {
      strike(asked, struck, plan)
      return
    }
    const reply = plan.act()
    const sendsFile = asked.target === 'content' || asked.target === 'object'
    if (sendsFile && asked.request.method === 'GET') totals.bytes.sent += measureReply(reply)
    sendReply(asked.response, reply)
  }

  /** Keeps track of work that goes on after this turn. If it fails since the client disconnected, nothing is to be done. */
  function run({ request, response, stamp }: ServedRequest, work: Promise<void>): void {
    const tracked = work
      .catch(() => {
        if (!request.destroyed) sendAnswer(response, createEnvelopeAnswer(stamp, 500))
      })
      .finally(() => running.delete(tracked))
    running.add(tracked)
  }

  return {
    serve(asked: ServedRequest): void {
      const { request, response, record, target, stamp } = asked
      totals.calls[target]++
      const body = createIncomingBody(request, (chunk) => {
        totals.bytes.received += chunk.length
        record.received(chunk)
      })
      // The rest of a body that was answered early is read and dropped.
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

    /** Resolves when all work has ended. To be called after all connections are closed. */
    async settle(): Promise<void> {
      await Promise.all(running)
    },
  }
}
