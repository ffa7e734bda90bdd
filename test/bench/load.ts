// A closed loop of clients: each sends its next operation when its last one is answered.
import { Pool } from 'undici'

const QUERY = 'query ($id: ID!) { file(id: $id) { id filename downloadUrl } }'

export type Load = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number }

export type Ask = (id: string) => Promise<string>

/** One operation for one file over kept connections. */
export function createAsk(url: string, connections: number): Ask & { close(): Promise<void> } {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections })
  const headers = { 'content-type': 'application/json' }
  const ask = async (id: string) => {
    const body = JSON.stringify({ query: QUERY, variables: { id } })
    const answer = await pool.request({ method: 'POST', path: pathname, headers, body })
    return answer.body.text()
  }
  return Object.assign(ask, { close: () => pool.close() })
}

/** Runs `clients` loops for so long, after as long a warm-up. Every answer must hold a file. */
export async function measure(
  url: string,
  nextId: () => string,
  { clients = 32, ms = 3000 } = {},
): Promise<Load> {
  const ask = createAsk(url, clients)
  await loop(ask, nextId, clients, ms)
  const startMs = performance.now()
  const times = await loop(ask, nextId, clients, ms)
  const seconds = (performance.now() - startMs) / 1000
  await ask.close()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

async function loop(ask: Ask, nextId: () => string, clients: number, ms: number): Promise<number[]> {
  const times: number[] = []
  const endMs = performance.now() + ms
  const run = async () => {
    while (performance.now() < endMs) {
      const startMs = performance.now()
      const answer = await ask(nextId())
      times.push(performance.now() - startMs)
      if (!answer.includes('"filename":"output'))
        throw new Error(`no file in the answer: ${answer.slice(0, 200)}`)
    }
  }
  await Promise.all(Array.from({ length: clients }, run))
  return times
}
