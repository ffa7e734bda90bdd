// The built server as its own process, as users run it; and any other script in the same way.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { KEY } from './app.js'

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** The start-up line that says where GraphQL is. */
export const LISTENING = /GraphQL +(http:\S+)/

export type Run = {
  readonly child: ChildProcess
  /** Everything written so far, to standard output and standard error. */
  readonly output: () => string
  /** Resolves when the pattern was written, to its match; rejects when the process ends before. */
  readonly waitFor: (pattern: RegExp) => Promise<RegExpExecArray>
  readonly exited: Promise<number | null>
}

type RunOptions = {
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[]
  /** Where standard output goes: to us, or to this file descriptor. */
  readonly stdout?: 'pipe' | number
  /** The file to run, by whatever its first line names; without it, Node runs the built server. */
  readonly executable?: string
  /** The folder to run in; without it, ours. */
  readonly cwd?: string
}

/**
 * Starts `node dist/main.js` with this environment and nothing else of ours. It is killed when the test ends, and
 * whatever it wrote is searched for the key.
 */
export function run(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: RunOptions = {},
): Run {
  const started = start(options.executable ?? main, env, args, options)
  onTestFinished(() => {
    started.child.kill('SIGKILL')
    expect(started.output()).not.toContain(KEY)
  })
  return started
}

/** The same for those who start one process for several tests, and kill it themselves. */
export function start(
  script = main,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  { nodeArgs = [], stdout = 'pipe', executable, cwd }: RunOptions = {},
): Run {
  const [command, ...before] = executable ? [executable] : [process.execPath, ...nodeArgs, script]
  const child = spawn(command, [...before, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', stdout, 'pipe'],
  })
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      text += chunk
      for (const check of waiting) check()
    })
  }
  const exited = once(child, 'close').then(([code]) => code as number | null)

  function waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(text)
        if (match === null) return
        waiting.delete(check)
        resolve(match)
      }
      waiting.add(check)
      exited.then(() => reject(new Error(`ended before it said ${pattern}:\n${text}`)))
      check()
    })
  }
  return { child, output: () => text, waitFor, exited }
}
