// `Expect: 100-continue`: a client that sends its body only once it is told to.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Tells a client that waits for it to send its body. One of HTTP/1.0 would take that for the answer, and does not wait. */
export function letSend({ headers, httpVersion }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined && httpVersion !== '1.0') response.writeContinue()
}
