// Calls and dollars: what mixes of operations make the server send, counted at the upstream.
import { createAsk } from './load.js'
import { startServer } from './peer.js'
import { startUpstream, toFailureBody, toFileBody } from './upstream.js'

type Mix = {
  readonly name: string
  /** One file id per operation, in the order in which they are asked. */
  readonly ids: readonly string[]
  readonly concurrency: number
  readonly answer?: (id: string) => string
  /** The calls that no server could do without. */
  readonly least: number
}

const PRICE_USD = 0.004
const LATENCY_MS = 10

/** The same numbers in every run (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const toId = (rank: number) => String(335_560_000_000_000 + rank)

/** Ids by Zipf's law: the second file is asked for half as often as the first, and so on. */
function createZipf(files: number, operations: number): string[] {
  const random = createRandom(1)
  const sums: number[] = []
  for (let rank = 1; rank <= files; rank++) sums.push((sums.at(-1) ?? 0) + 1 / rank)
  const total = sums.at(-1) ?? 1
  const pick = () => {
    const target = random() * total
    return sums.findIndex((sum) => sum >= target)
  }
  return Array.from({ length: operations }, () => toId(pick()))
}

function createMixes(): Mix[] {
  const bursts = Array.from({ length: 100 }, (_, burst) => Array<string>(50).fill(toId(burst))).flat()
  const zipf = createZipf(10_000, 5000)
  const distinct = new Set(zipf).size
  const random = createRandom(2)
  const isMissing = (id: string) => Number(id) % 5 === 0
  const gone = toFailureBody(2013, 'invalid params, file not found')
  return [
    { name: 'bursts of 50 on one file', ids: bursts, concurrency: 50, least: 100 },
    { name: 'Zipf over 10,000 files', ids: zipf, concurrency: 50, least: distinct },
    {
      name: 'Zipf, 20 % of the files missing',
      ids: zipf,
      concurrency: 50,
      answer: (id) => (isMissing(id) ? gone : toFileBody(id)),
      least: distinct,
    },
    {
      name: 'Zipf, 20 % of the calls fail',
      ids: zipf,
      concurrency: 50,
      answer: (id) => (random() < 0.2 ? toFailureBody(1000, 'unknown error') : toFileBody(id)),
      // Each file takes 1 / (1 - 0.2) calls until one succeeds.
      least: Math.round(distinct / 0.8),
    },
  ]
}

export type Bill = {
  readonly name: string
  readonly unshared: number
  readonly sent: number
  readonly least: number
  readonly usd: number
}

/** Per 1,000 operations: the calls of a server that shares nothing, of this one, and the least there can be. */
export async function billMixes(): Promise<Bill[]> {
  const bills: Bill[] = []
  for (const { name, ids, concurrency, answer, least } of createMixes()) {
    const upstream = await startUpstream(answer, LATENCY_MS)
    const server = await startServer({
      COMETAPI_KEY: 'bench',
      UPSTREAM_URL: upstream.url,
      LOG_LEVEL: 'error',
    })
    const ask = createAsk(server.url, concurrency)
    for (let at = 0; at < ids.length; at += concurrency)
      await Promise.all(ids.slice(at, at + concurrency).map(ask))
    const perThousand = (count: number) => (count * 1000) / ids.length
    const sent = perThousand(upstream.calls)
    bills.push({ name, unshared: 1000, sent, least: perThousand(least), usd: sent * PRICE_USD })
    await ask.close()
    server.stop()
    upstream.close()
  }
  return bills
}
