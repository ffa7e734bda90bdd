// Server-sent events: the results of a subscription, one after the other, as clients of the GraphQL over SSE protocol read
// them (distinct connections mode). The handler of graphql-sse is not used: it queues without bound for a client that does
// not read, and parses and runs what comes past Apollo Server.
import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Events } from '../graphql/server.js'
import { createSlots } from './limits.js'

export type Streams = {
  /** A place for one more stream. */
  reserve(): Place
  /** Writes the head, and then each event until there are no more, past Fastify. Gives the place back in the end. */
  open(request: FastifyRequest, reply: FastifyReply, stream: Stream): void
  /** From now on there are none. Those that are open end with an error that says to subscribe again. */
  end(): void
}

/** One that may be taken, if there is one left, and is given back if it was. */
export type Place = { readonly take: () => boolean; readonly give: () => void }

type Stream = { readonly events: Events; readonly head: readonly string[]; readonly place: Place }

type StreamLimits = {
  readonly streams: number
  readonly streamLifeMs: number
  readonly heartbeatMs: number
}

type Reason = readonly [code: string, message: string]

const OVER = {
  drain: ['SERVICE_UNAVAILABLE', 'The server stops. Subscribe again to go on.'],
  age: ['SERVICE_UNAVAILABLE', 'A subscription does not last longer. Subscribe again to go on.'],
  token: ['UNAUTHENTICATED', 'The access token has ended. Subscribe again with a new one to go on.'],
} as const satisfies Record<string, Reason>

/** A comment, which clients ignore. It keeps proxies from closing the connection. */
const HEARTBEAT = ':\n\n'
const COMPLETE = 'event: complete\ndata:\n\n'
/** Has nginx and its like pass each event on at once. */
const HEAD = ['x-accel-buffering', 'no']

export function createStreams({ streams, streamLifeMs, heartbeatMs }: StreamLimits): Streams {
  const slots = createSlots(streams)
  const open = new Set<(reason: Reason) => void>()
  let isEnding = false

  return {
    reserve: () => {
      let giveBack = () => {}
      return {
        take: () => {
          if (isEnding || slots.isFull()) return false
          giveBack = slots.take()
          return true
        },
        give: () => giveBack(),
      }
    },
    open: ({ visit }, { raw }, { events, head, place }) => {
      let reason: Reason | undefined
      const end = (why: Reason) => {
        reason ??= why
        void events.return?.()
      }
      const leftMs = visit.untilMs - Date.now()
      const life = setTimeout(
        () => end(leftMs < streamLifeMs ? OVER.token : OVER.age),
        Math.max(0, Math.min(leftMs, streamLifeMs)),
      )
      const heart = setInterval(createHeart(raw), heartbeatMs)
      const close = () => {
        clearTimeout(life)
        clearInterval(heart)
        open.delete(end)
        place.give()
        void events.return?.()
      }
      open.add(end)
      if (raw.destroyed) return close()
      raw.once('close', close)
      raw.writeHead(200, [...head, ...HEAD])
      raw.write(HEARTBEAT) // some browsers take no notice of a head alone
      if (isEnding) end(OVER.drain)
      void relay(events, raw, () => reason && events.toLast(...reason))
    },
    end: () => {
      isEnding = true
      for (const end of open) end(OVER.drain)
    },
  }
}

/** One event at a time: the next is not even made before the client has taken it. */
async function relay(events: Events, raw: ServerResponse, toLast: () => string | undefined): Promise<void> {
  for await (const text of events) if (!raw.write(toEvent(text))) await drained(raw)
  const last = toLast()
  raw.end((last === undefined ? '' : toEvent(last)) + COMPLETE)
}

function toEvent(text: string): string {
  return `event: next\ndata: ${text}\n\n`
}

function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      raw.off('drain', end).off('close', end)
      resolve()
    }
    if (raw.destroyed) resolve()
    else raw.on('drain', end).on('close', end)
  })
}

/** A client that has taken nothing from one beat to the next is given up. */
function createHeart(raw: ServerResponse): () => void {
  let isStalled = false
  return () => {
    if (raw.writableLength === 0) {
      isStalled = false
      if (!raw.writableEnded) raw.write(HEARTBEAT)
    } else if (isStalled) raw.destroy()
    else isStalled = true
  }
}
