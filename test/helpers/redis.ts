// A real Redis of the test's own, on a free port, which can be frozen, killed and started again.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { createClient } from '@redis/client'
import { onTestFinished } from 'vitest'
import { createRedis, type RedisOptions } from '../../src/cache/redis.js'
import { closedUrl } from './faults.js'

/** Why tests with a real Redis are skipped here, if they are. */
export const withoutRedis = !isInstalled() && 'redis-server is not installed'

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'])
    return true
  } catch {
    return false
  }
}

export type RedisServer = {
  readonly url: string
  /** Any command, on a connection of its own. */
  send(...command: string[]): Promise<unknown>
  /** It takes connections and answers nothing, until it thaws. */
  freeze(): void
  thaw(): void
  /** It dies at once, with all it knows. */
  kill(): Promise<void>
  /** Anew, on the same port. */
  start(): Promise<void>
}

/** Starts a server, with these options of `redis.conf`, that ends with the test. */
export async function startRedis(options: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const server = await launchRedis(options)
  onTestFinished(server.stop)
  return server
}

/** The same for those who start one server for several tests, and stop it themselves. */
export async function launchRedis(options: Readonly<Record<string, string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'redis-'))
  const port = new URL(await closedUrl()).port
  const fixed = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no' }
  const args = Object.entries({ ...fixed, ...options }).flatMap(([name, value]) => [
    `--${name}`,
    ...value.split(' '),
  ])
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const starting = spawn('redis-server', args)
    child = starting
    await new Promise<void>((resolve, reject) => {
      let output = ''
      starting.stdout.on('data', (chunk) => {
        output += chunk
        if (output.includes('Ready to accept connections')) resolve()
      })
      starting.once('exit', () => reject(new Error(`redis-server did not start:\n${output}`)))
    })
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async function send(...command: string[]): Promise<unknown> {
    const client = createClient({ url, disableClientInfo: true, maintNotifications: 'disabled' })
    client.on('error', () => {})
    await client.connect()
    try {
      return await client.sendCommand(command)
    } finally {
      client.destroy()
    }
  }

  async function stop(): Promise<void> {
    await kill()
    rmSync(dir, { recursive: true })
  }

  await start()
  const freeze = () => void child?.kill('SIGSTOP')
  const thaw = () => void child?.kill('SIGCONT')
  return { url, send, freeze, thaw, kill, start, stop }
}

export type Tcp = {
  readonly url: string
  readonly open: ReadonlySet<Socket>
}

/** Something that takes connections as Redis does, and does what the test says with them. */
export async function startTcp(serve: (socket: Socket) => void, tls?: TlsOptions): Promise<Tcp> {
  const open = new Set<Socket>()
  const take = (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    socket.resume() // else it would not see its end
    serve(socket)
  }
  const server = tls ? createTlsServer(tls, take) : createServer(take)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, open }
}

/** A way to a server: one on which every answer takes `ms` longer, as it stands at the time; or one through TLS. */
export function startWay(
  { url }: Pick<RedisServer, 'url'>,
  way: { ms?: number; readonly tls?: TlsOptions },
): Promise<Tcp> {
  const { port } = new URL(url)
  return startTcp((socket) => {
    const upstream = connect(Number(port), '127.0.0.1')
    socket.pipe(upstream)
    socket.on('close', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
    upstream.on('data', (chunk) => {
      if (way.ms) setTimeout(() => socket.write(chunk), way.ms)
      else socket.write(chunk)
    })
  }, way.tls)
}

/** The fenced connection that the cache uses, and what it logs. */
export function openRedis(url: string, options: RedisOptions = {}) {
  const logs: string[] = []
  const log = (level: string) => (detail: object, text: string) =>
    void logs.push(`${level} ${text} ${JSON.stringify(detail)}`)
  const notice = (text: string, detail: object) => log('notice')(detail, text)
  const redis = createRedis(url, { log: { info: log('info'), warn: log('warn') }, notice }, options)
  onTestFinished(() => redis.close())
  return { ...redis, logs }
}
