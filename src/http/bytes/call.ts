// What one transfer is for whoever makes it, and for its log line.
import type { FastifyRequest } from 'fastify'

/** Of so many calls. */
export type ToCost = (calls: number) => { readonly usd: number }

export function createTransferCall({ visit }: FastifyRequest, toCost: ToCost, way: 'download' | 'upload') {
  const leaving = new AbortController()
  visit.onLeave(() => leaving.abort())
  const codes: string[] = []
  const trail = {
    operation: null,
    type: null,
    lookups: way === 'download' ? 1 : 0,
    calls: 0,
    usd: 0,
    codes,
    way,
  }
  visit.summary = trail
  const sent = () => {
    trail.calls++
    trail.usd = toCost(trail.calls).usd
  }
  return {
    call: { asker: visit, meter: { sent }, signal: leaving.signal },
    trail,
    toOwnCost: () => toCost(trail.calls),
  }
}
