// The processes that are measured. Where there is `taskset`, the first has a core
// of its own, and this process, with load and upstream, another.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findPort } from '../helpers/port.js'

const CORES = availableParallelism()

/** Whether each side has a core of its own. */
export const isPinned = pinSelf()

function pinSelf(): boolean {
  try {
    if (CORES > 1) execFileSync('taskset', ['-acp', '1', String(process.pid)], { stdio: 'ignore' })
    return CORES > 1
  } catch {
    return false // no taskset, or none of our business which cores there are
  }
}

export type Peer = {
  readonly url: string
  readonly startedMs: number
  /** The processor time that it has used; NaN where the system does not tell. */
  cpuMs(): number
  rssMiB(): number
  stop(): void
}

type Env = Readonly<Record<string, string>>

const toPath = (path: string) => fileURLToPath(new URL(path, import.meta.url))

function readProc(pid: number, name: string): string {
  return process.platform === 'linux' ? readFileSync(`/proc/${pid}/${name}`, 'utf8') : ''
}

/** Of `node` with these arguments on that core: the program, and its arguments. */
export function toCommand(args: readonly string[], core = 0): [string, string[]] {
  return isPinned
    ? ['taskset', ['-c', String(core), process.execPath, ...args]]
    : [process.execPath, [...args]]
}

/** Starts Node and waits until it listens; what it says is read and dropped. */
async function start(args: readonly string[], env: Env, core: number): Promise<Peer> {
  const port = await findPort()
  const startedMs = performance.now()
  const child = spawn(...toCommand(args, core), {
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.resume()
  const pid = child.pid ?? 0
  const cpuMs = () => {
    // Hundredths of a second, in user mode and in the kernel.
    const fields = readProc(pid, 'stat').split(') ')[1]?.split(' ') ?? []
    return 10 * (Number(fields[11]) + Number(fields[12]))
  }
  const rssMiB = () => Number(/VmRSS:\s+(\d+)/.exec(readProc(pid, 'status'))?.[1]) / 1024
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`)
    await delay(5)
  }
  const url = `http://127.0.0.1:${port}/graphql`
  return { url, startedMs, cpuMs, rssMiB, stop: () => void child.kill('SIGKILL') }
}

function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  }).finally(() => socket.destroy())
}

/** The built server; the second one shares a core with the load where there are only two. */
export function startServer(env: Env, { isSecond = false } = {}): Promise<Peer> {
  const core = isSecond ? Math.min(2, CORES - 1) : 0
  return start([toPath('../../dist/main.js')], { COMETAPI_KEY: 'bench', ...env }, core)
}

/** What it is measured against. */
export const startBare = (env: Env) => start(['--import', 'tsx', toPath('bare.ts')], env, 0)
