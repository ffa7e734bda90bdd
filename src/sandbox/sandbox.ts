// The sandbox: an embedded stand-in for the upstream. Real HTTP on loopback, both dialects, real bytes behind signed links,
// tasks that end in files, and failures on request. It imports nothing from the rest of the project, so that the two cannot
// share a bug.

import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { unknownPath } from './answer.js'
import { type Behaviour, usualBehaviour } from './behaviour.js'
import { createFolder } from './files/folder.js'
import { createLibrary } from './files/library.js'
import { OBJECTS } from './files/object.js'
import { createSigner } from './link.js'
import { findOperation } from './operation.js'
import { createPlanner } from './plan.js'
import { createRecords, type RecordedRequest } from './record.js'
import { createRules, type FaultRule } from './rules.js'
import { type SandboxFile, seededFiles } from './seed.js'
import { sendAnswer } from './send.js'
import { createService } from './serve.js'
import { createTotals, type Totals } from './totals.js'

export type Options = {
  /** The port on loopback; 0 for any free one. */
  readonly port?: number
  /** Unix time in milliseconds, by which links expire and tasks progress. */
  readonly now?: () => number
  /** Files in place of the seeded ones. */
  readonly files?: readonly SandboxFile[]
  /** Changes to the usual behaviour. */
  readonly behaviour?: Partial<Behaviour>
  /** The limit for all uploads together. */
  readonly maxUploadBytes?: number
  /** The directory for the uploads' folder, in place of the system's temporary directory. */
  readonly temporaryFolder?: string
}

export type Sandbox = {
  /** The base URL, such as `http://127.0.0.1:4100`. */
  readonly url: string
  /** The files at the start. */
  readonly files: readonly SandboxFile[]
  /** The files that can be found now. */
  readonly held: readonly HeldFile[]
  /** The number of retrieves since the start. */
  readonly calls: number
  /** All counts since the start. */
  readonly totals: Totals
  /** The last 1,000 requests of any kind, oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** Applies a fault to requests until the rule is used up. Rules are tried in the order in which they were added. */
  fault(rule: FaultRule): void
  clearFaults(): void
  /** Changes the behaviour from now on; switches that are not named stay as they are. */
  behave(changes: Partial<Behaviour>): void
  /** Closes all connections at once, also those that hang, and removes the uploads. */
  close(): Promise<void>
}

type HeldFile = {
  readonly id: string
  readonly filename: string
  readonly purpose: string
  readonly bytes: number
}

const MAX_UPLOAD_BYTES = 256 * 1_048_576

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

function toUrl(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** Starts listening; rejects if the address is taken. */
export async function createSandbox(options: Options = {}): Promise<Sandbox> {
  const { port = 0, now = Date.now, files = seededFiles, maxUploadBytes = MAX_UPLOAD_BYTES } = options
  let switches: Behaviour = { ...usualBehaviour, ...options.behaviour }
  const behaviour = () => switches
  const folder = createFolder({ maxBytes: maxUploadBytes, root: options.temporaryFolder })
  const library = createLibrary(files, { now, behaviour })
  const rules = createRules()
  const records = createRecords()
  const totals = createTotals()
  const doomed = new WeakSet<Socket>()
  const signer = createSigner(now)
  const plan = createPlanner({ library, folder, signer, behaviour, totals, now, url: () => url })
  const service = createService({ rules, totals, doomed, plan })
  let count = 0

  // Uploads may take as long as they like: Node's own limit is five minutes.
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    const { method = '', url = '', socket } = request
    const timeMs = now()
    const operation = url.startsWith(OBJECTS) ? 'object' : findOperation(method, url)
    const record = records.add(request, response, { operation, timeMs })
    if (doomed.has(socket)) {
      record.conclude()
      socket.destroy()
    } else if (operation === undefined) sendAnswer(response, unknownPath)
    else service.serve({ request, response, record, target: operation, stamp: { timeMs, count: ++count } })
  })
  await listen(server, port)
  const url = toUrl(server)

  async function close(): Promise<void> {
    records.stop()
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    await service.settle()
    await folder.close()
  }

  return {
    url,
    files,
    get held() {
      return library
        .list()
        .map(({ id, filename, purpose, body }) => ({ id, filename, purpose, bytes: body.size }))
    },
    get calls() {
      return totals.calls.retrieve
    },
    totals,
    requests: records.list,
    fault: rules.add,
    clearFaults: rules.clear,
    behave: (changes) => {
      switches = { ...switches, ...changes }
    },
    close,
  }
}
