// The package's own API: the server in somebody else's process, such as for the tests of a frontend. What is not exported
// here is not public. Its types import none of ours: the package has no declarations but these.
import { createApp as createServer } from './app.js'
import { readConfig } from './config/config.js'
import { createLog } from './log.js'
import { createSandbox as createUpstream } from './sandbox/sandbox.js'

export type AppOptions = {
  /**
   * The settings, by the names that the process reads from its environment. Of `process.env` nothing is read. Without a key
   * the app serves the built-in sandbox.
   */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Gets the log, a line of JSON at a time. Without it, there is no log. */
  readonly log?: (line: string) => void
}

export type App = {
  /** Where GraphQL is served. */
  readonly url: string
  /** Lets what is in flight finish for so long, by default not at all, and closes everything. */
  stop(options?: { readonly graceMs?: number }): Promise<void>
}

/** Starts a server. Rejects if a setting is wrong, with a line for each in the message, or if it cannot listen. */
export async function createApp({ env = {}, log }: AppOptions = {}): Promise<App> {
  const config = readConfig(env)
  // Never the process's own output, which listens for the end of the process.
  const app = await createServer(config, createLog(log ? config.logLevel : 'silent', { write: log ?? drop }))
  return { url: app.url, stop: ({ graceMs = 0 } = {}) => app.stop(graceMs) }
}

function drop(): void {}

export type SandboxOptions = {
  /** Of loopback; without it, any that is free. */
  readonly port?: number
  /** Unix time in milliseconds, by which links end. Without it, the system's. */
  readonly now?: () => number
}

export type SandboxFile = {
  readonly id: string
  readonly filename: string
  /** The upstream's own word. */
  readonly purpose: string
  /** What it is, in a line. */
  readonly note: string
}

/** How look-ups fail: that of one file or of all, so many times or until `clearFaults`. */
export type SandboxFault = (
  | { readonly name: 'status'; readonly status: number }
  | { readonly name: 'latency'; readonly ms: number }
  | { readonly name: 'reset' | 'silence' }
) & { readonly id?: string; readonly times?: number }

export type Sandbox = {
  /** For `UPSTREAM_URL`. */
  readonly url: string
  /** What it holds at the start. */
  readonly files: readonly SandboxFile[]
  /** How many look-ups it has received. */
  readonly calls: number
  fault(fault: SandboxFault): void
  clearFaults(): void
  /** Ends every connection at once. */
  stop(): Promise<void>
}

/** Starts an upstream of made-up files, which takes any key. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await createUpstream(options)
  return {
    url: sandbox.url,
    files: sandbox.files.map(({ id, filename, purpose, note }) => ({ id, filename, purpose, note })),
    get calls() {
      return sandbox.calls
    },
    fault(fault) {
      checkFault(fault)
      sandbox.fault(fault)
    },
    clearFaults: sandbox.clearFaults,
    stop: sandbox.close,
  }
}

/** For JavaScript, whose mistake would otherwise end the whole process at the next look-up. */
function checkFault(fault: SandboxFault): void {
  if (!['status', 'latency', 'reset', 'silence'].includes(fault.name))
    throw new TypeError('A fault takes the name status, latency, reset or silence.')
  if (
    fault.name === 'status' &&
    !(Number.isInteger(fault.status) && fault.status >= 200 && fault.status <= 599)
  )
    throw new TypeError('The fault status takes a status from 200 to 599.')
  if (fault.name === 'latency' && !(Number.isFinite(fault.ms) && fault.ms >= 0))
    throw new TypeError('The fault latency takes ms, a number from 0.')
}
