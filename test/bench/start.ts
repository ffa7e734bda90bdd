// From starting the process to the first file in hand.
import { spawnSync } from 'node:child_process'
import { ask, createToRequest, openConnection } from './connection.js'
import { toPercentile } from './load.js'
import { toOne } from './mixes.js'
import { startServer, toCommand } from './peer.js'
import { startUpstream } from './upstream.js'

export type Start = { readonly firstAnswerMs: number; readonly nodeMs: number }

/** Medians, of this server and of Node that does nothing, by turns. */
export async function measureStart(rounds: number): Promise<Start> {
  const upstream = await startUpstream()
  const firstAnswers: number[] = []
  const nodes: number[] = []
  for (let round = 0; round < rounds; round++) {
    const server = await startServer({ UPSTREAM_URL: upstream.url })
    const connection = openConnection(server.url)
    await ask(connection, createToRequest(server.url)(toOne(round)))
    firstAnswers.push(performance.now() - server.startedMs)
    connection.close()
    server.stop()
    const startMs = performance.now()
    spawnSync(...toCommand(['-e', '0']))
    nodes.push(performance.now() - startMs)
  }
  upstream.close()
  return { firstAnswerMs: toPercentile(firstAnswers, 0.5), nodeMs: toPercentile(nodes, 0.5) }
}
