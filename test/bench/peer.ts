// Processes that listen, and say where in their first line.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type Peer = { readonly url: string; readonly startedMs: number; stop(): void }

const toPath = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Starts a script and waits until it says `GraphQL   URL`; what it says after that is dropped, as by a fast log. */
function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Peer> {
  const startedMs = performance.now()
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk) => {
      text = (text + chunk).slice(0, 10_000)
      const url = /GraphQL\s+(\S+)/.exec(text)?.[1]
      if (url !== undefined) resolve({ url, startedMs, stop: () => void child.kill() })
    })
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)))
  })
}

/** The built server. */
export const startServer = (env: Readonly<Record<string, string>> = {}) =>
  start([toPath('../../dist/main.js')], env)

/** A script of this folder. */
export const startScript = (name: string, env: Readonly<Record<string, string>> = {}) =>
  start(['--import', 'tsx', toPath(name)], env)
