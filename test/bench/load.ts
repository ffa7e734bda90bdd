// Load on one server: as much as it takes, or a given number of requests a second.
import { type Connection, createToRequest, openConnection } from './connection.js'

export type Load = { readonly operations: number; readonly timesMs: readonly number[] }

export type Target = {
  readonly connections: readonly Connection[]
  /** The next request, another each time. */
  readonly next: () => string
  close(): void
}

export function createTarget(
  url: string,
  bodyAt: (turn: number) => string,
  { connections = 32, token }: { readonly connections?: number; readonly token?: string | undefined } = {},
): Target {
  const opened = Array.from({ length: connections }, () => openConnection(url))
  const toRequest = createToRequest(url, token)
  let turn = 0
  return {
    connections: opened,
    next: () => toRequest(bodyAt(turn++)),
    close: () => {
      for (const connection of opened) connection.close()
    },
  }
}

/** Fast answers that say why a look-up failed would be no measure. */
function check(answer: string): void {
  if (answer.startsWith('HTTP/1.1 200 ') && answer.includes('"filename":"output')) return
  throw new Error(`no file in the answer: ${answer.slice(0, 1000)}`)
}

/** A closed loop: each connection sends its next request when its last one is answered. */
export async function saturate(targets: readonly Target[], ms: number): Promise<Load> {
  const timesMs: number[] = []
  const endMs = performance.now() + ms
  const loop = ({ next }: Target, connection: Connection) =>
    new Promise<void>((resolve) => {
      let sentMs = performance.now()
      const send = () =>
        connection.send(next(), (answer) => {
          const nowMs = performance.now()
          check(answer)
          timesMs.push(nowMs - sentMs)
          sentMs = nowMs
          if (nowMs < endMs) send()
          else resolve()
        })
      send()
    })
  await Promise.all(targets.flatMap((target) => target.connections.map((each) => loop(target, each))))
  return { operations: timesMs.length, timesMs }
}

/** An open loop: requests are due at even distances, whether or not the last ones are answered, and timed from there. */
export async function pace({ connections, next }: Target, perSecond: number, ms: number): Promise<Load> {
  const timesMs: number[] = []
  const idle = [...connections]
  const startMs = performance.now()
  const total = Math.max(1, Math.floor((perSecond * ms) / 1000))
  await new Promise<void>((resolve) => {
    let sent = 0
    const turn = () => {
      while (sent < total && idle.length > 0) {
        const dueMs = startMs + (sent * 1000) / perSecond
        if (dueMs > performance.now()) break
        sent++
        const connection = idle.pop() as Connection
        connection.send(next(), (answer) => {
          check(answer)
          timesMs.push(performance.now() - dueMs)
          idle.push(connection)
        })
      }
      if (timesMs.length < total) setImmediate(turn)
      else resolve()
    }
    turn()
  })
  return { operations: total, timesMs }
}

export function toPercentile(timesMs: readonly number[], share: number): number {
  return [...timesMs].sort((a, b) => a - b)[Math.floor(timesMs.length * share)] ?? Number.NaN
}
