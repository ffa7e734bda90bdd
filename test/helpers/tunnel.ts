// An HTTP proxy that tunnels, and remembers what it was asked. It closes with the test.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

type Tunnel = { readonly target: string; readonly headers: IncomingHttpHeaders }

/** Opens every tunnel; or answers with this status, or, for 0, not at all. */
export async function startTunnelProxy(status = 200) {
  const tunnels: Tunnel[] = []
  const open = new Set<Socket>()
  const keep = (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
  }
  // A request that is no CONNECT has no place here.
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', ({ url = '', headers }, client: Socket, head: Buffer) => {
    keep(client)
    tunnels.push({ target: url, headers })
    if (status === 0) return
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
    const upstream = connect(Number(new URL(`http://${url}`).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    keep(upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, tunnels, targets: () => tunnels.map(({ target }) => target) }
}
