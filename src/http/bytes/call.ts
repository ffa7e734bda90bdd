// One upload or download: what its calls upstream need, and what its log line and the metrics show.
import type { FastifyRequest } from 'fastify'

/** The `cost` of an answer, by what was spent; without it, of nothing. */
export type ToCost = (spent?: { readonly calls: number; readonly microUsd: number }) => object

export type TransferCall = ReturnType<typeof createTransferCall>

/** From now on the request's log line and metrics show it, also if it fails before anything is asked of the upstream. */
export function createTransferCall({ visit }: FastifyRequest, toCost: ToCost, way: 'download' | 'upload') {
  const leaving = new AbortController()
  visit.onLeave(() => leaving.abort())
  if (visit.hasLeft) leaving.abort() // while something else was waited for
  const codes: string[] = []
  const trail = { operation: null, type: null, lookups: 0, calls: 0, usd: 0, codes, way }
  visit.summary = trail
  const spent = { calls: 0, microUsd: 0 }
  const pay = (microUsd: number) => {
    spent.microUsd += microUsd
    trail.usd = spent.microUsd / 1e6
  }
  const sent = (priceMicroUsd: number) => {
    spent.calls++
    trail.calls = spent.calls
    pay(priceMicroUsd)
  }
  const meter = { sent, refunded: (microUsd: number) => pay(-microUsd) }
  return {
    call: { asker: visit, meter, signal: leaving.signal },
    trail,
    spent,
    toOwnCost: () => toCost(spent),
  }
}
