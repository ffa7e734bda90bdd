// Downloads of any size, on connections of their own. They have no deadline, but must not idle; they follow no redirect
// and unpack nothing.
import { Agent, type buildConnector } from 'undici'
import type { Every } from '../idle.js'
import { WireError } from './fault.js'
import { Transfer, type TransferCall, type TransferResponse } from './transfer.js'

export { MAX_WAITING_BYTES, type TransferCall, type TransferResponse } from './transfer.js'

export type Transfers = {
  /**
   * Sends one GET for an `http(s)` URL, byte for byte as it stands, and resolves with the head of whatever the answer
   * is; rejects with a `WireError`, or with what `onSend` throws. A body that ends early is destroyed with an error. It
   * must be read to its end, or destroyed.
   */
  get(url: string, call: TransferCall): Promise<TransferResponse>
  /** Ends what still runs, and closes every connection. Later calls fail. */
  close(): Promise<void>
}

export type TransfersOptions = {
  /** An upstream that sends too little in so long is left. For a reader that is slow its own side must watch. */
  readonly idleMs: number
  readonly every?: Every
  readonly connect?: buildConnector.BuildOptions | buildConnector.connector
}

/** What Node itself takes. */
const MAX_HEADER_BYTES = 16_384
const KEEP_ALIVE_MS = 4000

export function createTransfers({ connect, ...idle }: TransfersOptions): Transfers {
  const running = new Set<Transfer>()
  let isClosed = false
  const agent = new Agent({
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 0, // it is watched here
    bodyTimeout: 0,
    ...(connect && { connect }),
  })
  return {
    get: (url, call) => {
      if (isClosed || call.signal.aborted) return Promise.reject(new WireError('aborted'))
      const transfer = new Transfer(call, idle, (ended) => running.delete(ended))
      running.add(transfer)
      const headers = { ...call.headers, 'accept-encoding': 'identity' }
      agent.dispatch({ origin: new URL(url).origin, path: toPath(url), method: 'GET', headers }, transfer)
      return transfer.response
    },
    close: async () => {
      isClosed = true
      for (const transfer of running) transfer.fail('aborted')
      await agent.destroy()
    },
  }
}

/** As it was signed: the URL parser would write some of it in another way. It is needed for what is not ASCII alone. */
function toPath(url: string): string {
  const { pathname, search } = new URL(url)
  const [, path = ''] = /^[^:]+:\/\/[^/?#]*([^#]*)/.exec(url) ?? []
  if (/[^!-~]/.test(path)) return pathname + search
  return path.startsWith('/') ? path : `/${path}`
}
