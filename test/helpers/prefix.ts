// A proxy that serves a server under a path prefix, as many stand behind one host. What a test wants to answer itself
// never reaches the server.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Whether it has taken the request. `path` has no prefix. */
export type Answer = (path: string, incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/** `strays` are the paths that were asked for outside the prefix. */
export async function startPrefixProxy(target: string, prefix: string, answer: Answer = () => false) {
  const strays: string[] = []
  const server = createServer((incoming, outgoing) => {
    const { url = '', method, headers } = incoming
    const path = url.slice(prefix.length)
    if (!url.startsWith(`${prefix}/`)) {
      strays.push(url)
      outgoing.writeHead(404).end()
    } else if (!answer(path, incoming, outgoing)) {
      const { host } = new URL(target)
      const onward = request(`${target}${path}`, { method, headers: { ...headers, host } }, (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers)
        response.pipe(outgoing)
      })
      onward.on('error', () => outgoing.destroy())
      outgoing.on('close', () => onward.destroy())
      incoming.pipe(onward)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}/`, strays }
}
