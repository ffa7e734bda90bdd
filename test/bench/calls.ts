// Calls and dollars: what mixes of operations make the server send, counted at the upstream.
import { ask, createToRequest, openConnection } from './connection.js'
import { toOne } from './mixes.js'
import { startServer } from './peer.js'
import { startUpstream, toFailureBody, toFileBody } from './upstream.js'

type Mix = {
  readonly name: string
  /** One file per operation, in the order in which they are asked for. */
  readonly files: readonly number[]
  readonly concurrency: number
  readonly answer?: (id: string) => string
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

/** Files by Zipf's law: the second file is asked for half as often as the first, and so on. */
function createZipf(files: number, operations: number): number[] {
  const random = createRandom(1)
  const sums: number[] = []
  for (let rank = 1; rank <= files; rank++) sums.push((sums.at(-1) ?? 0) + 1 / rank)
  const total = sums.at(-1) ?? 1
  const pick = () => {
    const target = random() * total
    return sums.findIndex((sum) => sum >= target)
  }
  return Array.from({ length: operations }, pick)
}

function createMixes(): Mix[] {
  const bursts = Array.from({ length: 100 }, (_, burst) => Array<number>(50).fill(burst)).flat()
  const zipf = createZipf(10_000, 5000)
  const random = createRandom(2)
  const isMissing = (id: string) => Number(id) % 5 === 0
  const gone = toFailureBody(2013, 'invalid params, file not found')
  return [
    { name: 'bursts of 50 on one file', files: bursts, concurrency: 50 },
    { name: 'Zipf over 10,000 files', files: zipf, concurrency: 50 },
    {
      name: 'Zipf, 20 % of the files missing',
      files: zipf,
      concurrency: 50,
      answer: (id) => (isMissing(id) ? gone : toFileBody(id)),
    },
    {
      name: 'Zipf, 20 % of the calls fail',
      files: zipf,
      concurrency: 50,
      answer: (id) => (random() < 0.2 ? toFailureBody(1000, 'unknown error') : toFileBody(id)),
    },
  ]
}

export type Bill = {
  readonly name: string
  readonly unshared: number
  readonly distinct: number
  readonly sent: number
  readonly usd: number
}

/** Per 1,000 operations: the calls of a server that shares nothing, the distinct files, and the calls of this one. */
export async function countCalls(operations: number): Promise<Bill[]> {
  const bills: Bill[] = []
  for (const { name, files: all, concurrency, answer } of createMixes()) {
    const files = all.slice(0, operations)
    const upstream = await startUpstream(answer, LATENCY_MS)
    const server = await startServer({ UPSTREAM_URL: upstream.url, LOG_LEVEL: 'error' })
    const toRequest = createToRequest(server.url)
    const connections = Array.from({ length: concurrency }, () => openConnection(server.url))
    for (let at = 0; at < files.length; at += concurrency)
      await Promise.all(
        connections.map((connection, nth) => ask(connection, toRequest(toOne(files[at + nth] ?? 0)))),
      )
    const perThousand = (count: number) => (count * 1000) / files.length
    const sent = perThousand(upstream.calls)
    const distinct = perThousand(new Set(files).size)
    bills.push({ name, unshared: 1000, distinct, sent, usd: sent * PRICE_USD })
    for (const connection of connections) connection.close()
    server.stop()
    upstream.close()
  }
  return bills
}
