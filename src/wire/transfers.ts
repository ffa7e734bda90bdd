// Downloads and uploads of any size, on connections of their own. They have no deadline, but must not idle; they follow no
// redirect and unpack nothing.
import type { Readable } from 'node:stream'
import { Agent, buildConnector, Client } from 'undici'
import type { Every } from '../idle.js'
import { WireError } from './fault.js'
import { withoutContinue } from './interim.js'
import { watchSending } from './sending.js'
import { Transfer, type TransferCall, type TransferResponse } from './transfer.js'

export { Framed } from './framed.js'
export { MAX_WAITING_BYTES, type TransferCall, type TransferResponse } from './transfer.js'

export type Transfers = {
  /**
   * Sends one GET for an `http(s)` URL, byte for byte as it stands, and resolves with the head of whatever the answer
   * is; rejects with a `WireError`, or with what `onSend` throws. A body that ends early is destroyed with an error. It
   * must be read to its end, or destroyed.
   */
  get(url: string, call: TransferCall): Promise<TransferResponse>
  /**
   * The same for one POST with a body of exactly so many bytes, read no faster than the upstream takes it. The answer may
   * come before all of it was sent. A body that ends in an error, or has another length, is cut off: it is never complete.
   */
  post(url: string, body: TransferUpload, call: TransferCall): Promise<TransferResponse>
  /** Ends what still runs, and closes every connection. Later calls fail. */
  close(): Promise<void>
}

type TransferUpload = { readonly body: Readable; readonly bytes: number }

export type TransfersOptions = {
  /**
   * An upstream that sends or takes too little in so long is given up. A reader or a body that is slow is not watched here:
   * its own side must do that.
   */
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
  const options = {
    pipelining: 1,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 0, // our own watch ends what idles
    bodyTimeout: 0,
  }
  const agent = new Agent({ ...options, keepAliveTimeout: KEEP_ALIVE_MS, ...(connect && { connect }) })
  const connectOnce = typeof connect === 'function' ? connect : buildConnector(connect ?? {})

  function isRefused({ signal }: TransferCall): boolean {
    return isClosed || signal.aborted
  }

  return {
    get: (url, call) => {
      if (isRefused(call)) return Promise.reject(new WireError('aborted'))
      const transfer = new Transfer(call, idle, (ended) => running.delete(ended))
      running.add(transfer)
      agent.dispatch(
        { origin: new URL(url).origin, path: toPath(url), method: 'GET', headers: toHeaders(call) },
        transfer,
      )
      return transfer.response
    },
    post: (url, { body, bytes }, call) => {
      if (isRefused(call)) return Promise.reject(new WireError('aborted'))
      const end = (ended: Transfer) => {
        running.delete(ended)
        void client.destroy()
      }
      const transfer = new Transfer(call, idle, end, () => !body.readableEnded)
      running.add(transfer)
      // A kept connection may break just as it is written to, and a body cannot be sent twice: each has a new one.
      const client = new Client(new URL(url).origin, {
        ...options,
        connect: watchSending(
          withoutContinue(connectOnce, () => transfer.isAwaited),
          { ...idle, body, onIdle: () => transfer.fail('timeout') },
        ),
      })
      const headers = { ...toHeaders(call), 'content-length': String(bytes) }
      client.dispatch({ path: toPath(url), method: 'POST', headers, body }, transfer)
      return transfer.response
    },
    close: async () => {
      isClosed = true
      for (const transfer of running) transfer.fail('aborted')
      await agent.destroy()
    },
  }
}

function toHeaders({ headers }: TransferCall): Record<string, string> {
  return { ...headers, 'accept-encoding': 'identity' }
}

/** As it was signed: the URL parser would write some of it in another way. It is needed for what is not ASCII alone. */
function toPath(url: string): string {
  const { pathname, search } = new URL(url)
  const [, path = ''] = /^[^:]+:\/\/[^/?#]*([^#]*)/.exec(url) ?? []
  if (/[^!-~]/.test(path)) return pathname + search
  return path.startsWith('/') ? path : `/${path}`
}
