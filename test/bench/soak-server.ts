// The server of the soak test: a process of its own that tells on request how much memory and how many sockets it has.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const ENV = {
  PORT: '0',
  COMETAPI_KEY: 'soak',
  UPSTREAM_TIMEOUT_MS: '2000',
  CACHE_TTL_SECONDS: '2',
  CACHE_NOT_FOUND_SECONDS: '1',
  CACHE_MAX_ENTRIES: '1000',
}

/** Makes the process tell how it is on a signal; Node alone can collect its garbage first. */
const PROBE = `process.on('SIGUSR2', () => {
  gc()
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
  const { heapUsed, rss } = process.memoryUsage()
  process.stderr.write(JSON.stringify({ heapUsed, rss, sockets }) + '\\n')
})`

export type Vitals = { readonly heapUsed: number; readonly rss: number; readonly sockets: number }

/** The built server, with answers that do not live long, and few of them. */
export async function startServer(upstreamUrl: string, redisUrl = '') {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const nodeArgs = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(PROBE)}`]
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, main], {
    env: { PATH: process.env.PATH ?? '', ...ENV, UPSTREAM_URL: upstreamUrl, REDIS_URL: redisUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const faults: string[] = []
  let started = (_: string) => {}
  const url = new Promise<string>((resolve) => {
    started = resolve
  })
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const [, address] = /GraphQL +(\S+)/.exec(text) ?? []
    if (address !== undefined) started(address)
    faults.push(...text.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line)))
  })
  const check = async (): Promise<Vitals> => {
    child.kill('SIGUSR2')
    const signal = AbortSignal.timeout(10_000) // it may have ended
    const [text] = (await once(child.stderr as Readable, 'data', { signal })) as [Buffer]
    return JSON.parse(String(text))
  }
  const stop = async () => {
    child.kill('SIGTERM')
    return (await once(child, 'exit'))[0] as number | null
  }
  return { url: await url, faults, check, stop }
}
