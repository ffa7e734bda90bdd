#!/usr/bin/env node
// The process: environment in, exit code out. The server's only reader of `process.env`.
import { parseArgs } from 'node:util'
import { type Config, ConfigError, readSettings, toConfig } from './config/config.js'
import { toNotes } from './config/notes.js'
import { toHelp, toLines, toVersion } from './config/usage.js'

/** How long requests in flight may still take once new connections are refused. */
const GRACE_MS = 9_000
/** After that, closing takes milliseconds, or hangs. */
const CLOSE_MS = 1_500
/** How long the reader of our output may take for the last lines. A pipe that nobody reads would keep the process alive. */
const LAST_LINES_MS = 500

const options = {
  check: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

function print(lines: readonly string[], stream: NodeJS.WriteStream = process.stdout): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`)
}

/** In production a machine reads what is said. Whoever gives an option is a person all the same. */
const writesLog = process.env.NODE_ENV === 'production' && process.argv.length === 2

/** Lines on standard error, or of the log. */
async function tell(level: 'warn' | 'fatal', lines: readonly string[], logLevel = 'info'): Promise<void> {
  if (!writesLog) return print(lines, process.stderr)
  const { createLog } = await import('./log.js')
  const log = createLog(logLevel)
  for (const line of lines) log[level](line)
}

async function fail(lines: readonly string[]): Promise<void> {
  process.exitCode = 1
  await tell('fatal', lines)
}

async function serve(config: Config): Promise<void> {
  // Set at once: process 1 of a container ignores signals that it has no handler for.
  let onSignal = (): void => process.exit()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onSignal())
  // Loaded only now, since --check and --help do not need it.
  const [{ createApp }, { createLog }] = await Promise.all([import('./app.js'), import('./log.js')])
  const app = await createApp(config, createLog(config.logLevel))
  print(app.banner)
  const graceMs = config.drainLeadMs + GRACE_MS
  let stopping = false
  const stop = () => {
    stopping = true
    // The process then ends by itself when nothing is left to do, so that a tracing SDK, for example, can finish too.
    setTimeout(() => process.exit(1), graceMs + CLOSE_MS).unref()
    app
      .stop(graceMs)
      .catch((error: unknown) => fail([`Stopping failed: ${toErrorText(error)}`]))
      .finally(() => setTimeout(leaveOutput, LAST_LINES_MS).unref())
  }
  onSignal = () => (stopping ? process.exit(1) : stop())
  // After an uncaught fault the state of the process is unknown: finish what is in flight, then let a new one take over.
  const onFault = (fault: unknown) => {
    app.report(fault)
    process.exitCode = 1
    if (!stopping) stop()
  }
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
}

/** Ends the process if only unread output keeps it alive. That output is lost. */
function leaveOutput(): void {
  if (process.stdout.writableLength + process.stderr.writableLength > 0) process.exit()
}

function toErrorText(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}

function toStartFault(error: unknown, { host, port }: Config): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const hint = hints[code]
  if (hint === undefined) return `The server cannot start: ${toErrorText(error)}`
  return `Cannot listen on HOST=${host} PORT=${port}: ${code}, ${hint}`
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process is using this address. Stop it, or set another PORT (0 takes a free one).',
  EACCES: 'permission denied. Ports below 1024 need a privilege.',
  EADDRNOTAVAIL: 'this machine has no such address.',
  ENOTFOUND: 'the host name does not exist.',
}

function readArguments() {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; see --help.`)
  }
}

async function main(): Promise<void> {
  // The reader of our output may be gone, or the disk full. The server goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  try {
    const { help, version, check } = readArguments()
    if (help) return print(toHelp())
    if (version) return print([toVersion()])
    const settings = readSettings(process.env)
    const notes = toNotes(process.env, settings)
    if (check) {
      print(toLines(settings))
      return print([...notes, 'The configuration is valid.'], process.stderr)
    }
    const config = toConfig(settings)
    await tell('warn', notes, config.logLevel)
    await serve(config).catch(async (error: unknown) => {
      await fail([toStartFault(error, config)])
      process.exit() // stops whatever was started before the failure
    })
  } catch (error) {
    if (error instanceof ConfigError) await fail([...error.faults, ...toNotes(process.env)])
    else await fail([error instanceof Error ? error.message : String(error)])
  }
}

await main()
