// A proxy that passes GraphQL on unchanged and remembers what went through, so that requests can be counted where they
// arrive.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

export type Exchange = {
  readonly headers: IncomingHttpHeaders
  readonly request: { readonly query: string; readonly variables?: unknown }
  /** As the client got it. */
  readonly answer: string
}

export async function startProxy(target: string) {
  const exchanges: Exchange[] = []
  const server = createServer(async (request, response) => {
    const { headers } = request
    const body = await text(request)
    // What concerns one connection alone is fetch's own affair.
    const { host, connection, 'content-length': length, ...passedOn } = headers
    const forwarded = await fetch(target, {
      method: 'POST',
      headers: passedOn as Record<string, string>,
      body,
    })
    if (forwarded.headers.get('content-type')?.startsWith('text/event-stream')) {
      exchanges.push({ headers, request: JSON.parse(body), answer: '' })
      response.writeHead(forwarded.status, { 'content-type': 'text/event-stream' })
      return void pipeline(Readable.fromWeb(forwarded.body as never), response, () => {})
    }
    const answer = await forwarded.text()
    await delay(proxy.delayMs)
    exchanges.push({ headers, request: JSON.parse(body), answer })
    response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' })
    response.end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy = {
    url: `http://127.0.0.1:${port}/graphql`,
    exchanges,
    /** How long answers are held back. */
    delayMs: 0,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
  return proxy
}
