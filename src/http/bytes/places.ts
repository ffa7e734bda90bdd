// Places for what moves bytes, in or out: so many at the same time, and no more.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createSlots } from '../limits.js'

export type Places = {
  isFull(): boolean
  /** Takes a place for as long as the answer takes, or the client stays. */
  take(request: FastifyRequest, reply: FastifyReply): void
  /** What to tell whoever finds none. */
  readonly busy: string
}

export function createPlaces(transfers: number): Places {
  const slots = createSlots(transfers)
  return {
    isFull: slots.isFull,
    take: ({ visit }, { raw }) => {
      const giveBack = slots.take()
      visit.onLeave(giveBack)
      raw.once('close', giveBack)
    },
    busy: `The server is busy: it runs at most ${transfers} uploads and downloads at a time. Ask again soon.`,
  }
}
