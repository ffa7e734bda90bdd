// What a second process on the same Redis adds, and what it costs in calls.
import { launchRedis } from '../helpers/redis.js'
import { createTarget, saturate } from './load.js'
import { fill, type Scale, toOne } from './mixes.js'
import { startServer } from './peer.js'
import { startUpstream } from './upstream.js'

export type Shared = { readonly name: string; readonly perSecond: number; readonly callsPerFile: number }

/** One process or two, hot and cold. Where it is cold, each file is asked for twice: two processes ask once each. */
async function measure(processes: number, isHot: boolean, { ms, slices }: Scale): Promise<Shared> {
  const redis = await launchRedis()
  const upstream = await startUpstream()
  const env = { UPSTREAM_URL: upstream.url, REDIS_URL: redis.url }
  const servers = [await startServer(env)]
  if (processes > 1) servers.push(await startServer(env, { isSecond: true }))
  let files = 1000
  const bodyAt = (turn: number) => {
    if (isHot) return toOne(turn % 1000)
    const file = 1000 + Math.floor((turn * processes) / 2)
    files = Math.max(files, file + 1)
    return toOne(file)
  }
  const targets = servers.map(({ url }) => createTarget(url, bodyAt, { connections: 32 / processes }))
  for (const { url } of servers) await fill(url, 1000)
  await saturate(targets, 2 * ms)
  const startMs = performance.now()
  const { operations } = await saturate(targets, slices * ms)
  const seconds = (performance.now() - startMs) / 1000
  for (const each of [...targets, upstream]) each.close()
  for (const server of servers) server.stop()
  await redis.stop()
  return {
    name: `${isHot ? 'hot' : 'cold'}, ${processes === 1 ? 'one process' : 'two processes'}`,
    perSecond: operations / seconds,
    callsPerFile: upstream.calls / files,
  }
}

export async function measureShared(scale: Scale): Promise<Shared[]> {
  const results: Shared[] = []
  for (const isHot of [true, false])
    for (const processes of [1, 2]) results.push(await measure(processes, isHot, scale))
  return results
}
