// An upstream made of a bare socket, which can answer as no HTTP library would. It closes itself.

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

type PeerRequest = {
  /** Request line and headers. */
  readonly head: string
  readonly target: string
  /** Counts the connections, from 1. */
  readonly connection: number
}

export type Peer = {
  readonly url: URL
  readonly requests: PeerRequest[]
  readonly open: ReadonlySet<Socket>
  /** Connections ever made. */
  connections: number
}

type Answer = (socket: Socket, request: PeerRequest) => void

function listenTo(socket: Socket, peer: Peer, open: Set<Socket>, answer: Answer) {
  const connection = ++peer.connections
  let received = ''
  open.add(socket)
  socket.on('close', () => open.delete(socket))
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
    if (!received.endsWith('\r\n\r\n')) return
    const request = { head: received, target: received.split(' ')[1] ?? '', connection }
    received = ''
    peer.requests.push(request)
    answer(socket, request)
  })
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Calls `answer` for each request head that arrives. With `tls`, over TLS. */
export async function startPeer(answer: Answer, tls?: TlsOptions): Promise<Peer> {
  const open = new Set<Socket>()
  const serve = (socket: Socket) => listenTo(socket, peer, open, answer)
  const server = tls ? createTlsServer(tls, serve) : createServer(serve)
  const url = new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${await listen(server)}`)
  const peer: Peer = { url, requests: [], open, connections: 0 }
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return peer
}

/** A complete answer. */
export function toAnswer(body: string, { status = '200 OK', headers = [] as string[] } = {}): string {
  const lines = [`HTTP/1.1 ${status}`, `content-length: ${Buffer.byteLength(body)}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

/** Writes `text` byte by byte until the other side goes. */
export function drip(socket: Socket, text: string, everyMs: number) {
  let at = 0
  const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), everyMs)
  socket.on('close', () => clearInterval(timer))
}
