// The sandbox: the upstream, embedded. Real HTTP on loopback, both dialects, real bytes behind signed links, and
// failures on request. It imports nothing of the server that it stands in for, so that no bug can hide in both.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Stamp, sendAnswer } from './answer.js'
import { applyFault } from './faults.js'
import { createSigner } from './link.js'
import { createRecords, type RecordedRequest } from './record.js'
import { createRetriever } from './retrieve.js'
import { createRules, type Rule } from './rules.js'
import { type SandboxFile, seededFiles } from './seed.js'
import { createStore, OBJECTS } from './store.js'

export type Options = {
  /** On loopback; 0 takes any that is free. */
  readonly port?: number
  /** Unix time in milliseconds: links expire by it. */
  readonly now?: () => number
  /** The files it holds, in place of the seeded ones. */
  readonly files?: readonly SandboxFile[]
}

export type Sandbox = {
  /** The base URL, such as `http://127.0.0.1:4100`. */
  readonly url: string
  readonly files: readonly SandboxFile[]
  /** How many retrieves were received since the start. */
  readonly calls: number
  /** The last requests of any kind, oldest first; what is older than the last 1,000 is forgotten. */
  readonly requests: readonly RecordedRequest[]
  /** Makes retrieves fail, or behave oddly, until the rule is used up. Rules apply in the order added. */
  fault(rule: Rule): void
  clearFaults(): void
  /** Ends every connection at once, those that hang too. */
  close(): Promise<void>
}

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

/** What the upstream's router says to a path or a method that it does not know (seen on the wire). */
function sendUnknownPath(response: ServerResponse): void {
  sendAnswer(response, { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' })
}

/** Gateways put prefixes of their own before the path. */
function isRetrieve({ method, url = '' }: IncomingMessage): boolean {
  return method === 'GET' && /^[^?]*\/v1\/files\/retrieve(\?|$)/.test(url)
}

/** Starts listening; rejects if the address is taken. */
export async function createSandbox(options: Options = {}): Promise<Sandbox> {
  const { port = 0, now = Date.now, files = seededFiles } = options
  const signer = createSigner(now)
  const store = createStore(files, signer)
  const retrieve = createRetriever(files, store, signer, () => url)
  const rules = createRules()
  const records = createRecords()
  const doomed = new WeakSet<Socket>()
  let calls = 0

  function serveRetrieve(request: IncomingMessage, response: ServerResponse, conclude: () => void): void {
    const { socket } = request
    const stamp: Stamp = { timeMs: now(), count: ++calls }
    const { id, answer, admitted } = retrieve(request.url ?? '', request.headers.authorization ?? '', stamp)
    const struck = rules.take(id, admitted)
    if (!struck) {
      sendAnswer(response, answer)
      return
    }
    const doom = () => doomed.add(socket)
    const { fault, turn } = struck
    applyFault(fault, { response, socket, answer, stamp, turn, conclude, doom })
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const conclude = records.add(request, response, now())
    if (doomed.has(request.socket)) {
      conclude()
      request.socket.destroy()
    } else if (isRetrieve(request)) serveRetrieve(request, response, conclude)
    else if (request.url?.startsWith(OBJECTS)) store.serve(request, response)
    else sendUnknownPath(response)
  })
  await listen(server, port)
  const url = toUrl(server)

  return {
    url,
    files,
    get calls() {
      return calls
    },
    requests: records.list,
    fault: rules.add,
    clearFaults: rules.clear,
    close: () =>
      new Promise((resolve) => {
        records.stop()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
