// The sandbox: the upstream, embedded. Real HTTP on loopback, both dialects, real bytes behind signed links, tasks that
// end in files, and failures on request. It imports nothing of the server that it stands in for, so that no bug can hide
// in both.

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
import { createRules, type Rule } from './rules.js'
import { type SandboxFile, seededFiles } from './seed.js'
import { sendAnswer } from './send.js'
import { createService } from './serve.js'
import { createTotals, type Totals } from './totals.js'

export type Options = {
  /** On loopback; 0 takes any that is free. */
  readonly port?: number
  /** Unix time in milliseconds: links expire and tasks go on by it. */
  readonly now?: () => number
  /** The files it holds, in place of the seeded ones. */
  readonly files?: readonly SandboxFile[]
  /** What differs from the usual behaviour. */
  readonly behaviour?: Partial<Behaviour>
  /** What all uploads may take together. */
  readonly maxUploadBytes?: number
  /** Where the folder for uploads is made, in place of the system's temporary one. */
  readonly temporaryFolder?: string
}

export type Sandbox = {
  /** The base URL, such as `http://127.0.0.1:4100`. */
  readonly url: string
  /** What it held at the start. */
  readonly files: readonly SandboxFile[]
  /** What can be found now. */
  readonly held: readonly HeldFile[]
  /** How many retrieves were received since the start. */
  readonly calls: number
  /** All that is counted, since the start. */
  readonly totals: Totals
  /** The last requests of any kind, oldest first; what is older than the last 1,000 is forgotten. */
  readonly requests: readonly RecordedRequest[]
  /** Makes requests fail, or behave oddly, until the rule is used up. Rules apply in the order added. */
  fault(rule: Rule): void
  clearFaults(): void
  /** Behaves otherwise from now on; what is not named stays. */
  behave(changes: Partial<Behaviour>): void
  /** Ends every connection at once, those that hang too, and removes what was uploaded. */
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
