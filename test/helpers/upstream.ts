// An upstream of a test's own that answers JSON, and keeps what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

type Asked = { readonly method: string; readonly target: string; readonly body: string }

/** A body, or whatever else is to be done with the response. */
type Act = string | ((response: ServerResponse) => void)

/** `next` says how each request is answered. Closed when the test ends. */
export async function startUpstream(next: (asked: Asked) => Act | Promise<Act>) {
  const requests: Asked[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = { method: request.method ?? '', target: request.url ?? '', body: await text(request) }
    requests.push(asked)
    const act = await next(asked)
    if (typeof act === 'string') response.setHeader('content-type', 'application/json').end(act)
    else act(response)
  }
  const server = createServer((request, response) => void serve(request, response).catch(() => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

/** `base_resp` as the upstream writes it. */
export function toBase(code: number, message = code === 0 ? 'success' : 'failed'): string {
  return `"base_resp":{"status_code":${code},"status_msg":${JSON.stringify(message)}}`
}
