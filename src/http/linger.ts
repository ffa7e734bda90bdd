// Requests that are answered before all of them has arrived. Node would close the connection at once. What the client still
// sends would then reset it, and the client could lose the answer.
import type { IncomingMessage } from 'node:http'

const LINGER_MS = 2000
const LINGER_BYTES = 32 * 2 ** 20

/** Where this request is the last on its connection, what is still to come of it is read and dropped for a while. */
export function linger(request: IncomingMessage): void {
  const { socket } = request
  const { destroySoon } = socket
  const close = () => destroySoon.call(socket)
  request.once('end', () => {
    socket.destroySoon = destroySoon
  })
  socket.destroySoon = () => {
    if (request.complete) return close()
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(timer))
    socket.end()
    let bytes = 0
    request.removeAllListeners('readable').removeAllListeners('data')
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > LINGER_BYTES) socket.destroy()
    })
    request.once('end', close)
    request.resume()
  }
}
