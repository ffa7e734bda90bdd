// The process: environment in, exit code out. The only reader of `process.env`.
import { parseArgs } from 'node:util'
import { createApp } from './app.js'
import { type Config, ConfigError, readConfig, toLines } from './config.js'

/** How long what is in flight may take after SIGTERM. */
const GRACE_MS = 10_000

function print(lines: readonly string[], stream: NodeJS.WriteStream = process.stdout): void {
  stream.write(`${lines.join('\n')}\n`)
}

function fail(lines: readonly string[]): void {
  print(lines, process.stderr)
  process.exitCode = 1
}

async function serve(config: Config): Promise<void> {
  const app = await createApp(config)
  print(app.banner)
  let stopping = false
  const stop = () => {
    if (stopping) process.exit(1)
    stopping = true
    app.stop(GRACE_MS).catch((error: unknown) => fail([`Stopping failed: ${toReason(error)}`]))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** Node's code where there is one (`EADDRINUSE`), since its words may be long. */
function toReason(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
    const config = readConfig(process.env)
    if (values.check) return print(toLines(config))
    await serve(config).catch((error: unknown) =>
      fail([`Cannot listen on HOST=${config.host} PORT=${config.port}: ${toReason(error)}`]),
    )
  } catch (error) {
    fail(
      error instanceof ConfigError ? error.faults : [error instanceof Error ? error.message : String(error)],
    )
  }
}

await main()
