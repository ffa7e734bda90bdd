// Removes an unsolicited `100 Continue`. undici's parser (also used by Node's fetch) would treat it as a broken answer, although
// the real answer follows: it would be paid for and thrown away.
import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

const START = Buffer.from('HTTP/1.1 100')
const END = Buffer.from('\r\n\r\n')

/** A connector whose sockets drop that interim answer before the real one. */
export function withoutContinue(
  connect: buildConnector.connector,
  isAwaited: () => boolean,
): buildConnector.connector {
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error) callback(error, null)
      else callback(null, filter(socket, isAwaited))
    })
}

/** undici reads by `read`, so it can be dropped there. */
function filter(socket: Socket, isAwaited: () => boolean): Socket {
  const read = socket.read.bind(socket)
  return Object.assign(socket, {
    read: (size?: number): unknown => {
      const chunk: unknown = read(size)
      if (!Buffer.isBuffer(chunk) || chunk[9] !== START[9] || !isAwaited()) return chunk
      const rest = cut(chunk)
      return rest.length > 0 ? rest : read(size)
    },
  })
}

function cut(chunk: Buffer): Buffer {
  if (!chunk.subarray(0, START.length).equals(START)) return chunk
  const end = chunk.indexOf(END)
  return end < 0 ? chunk : cut(chunk.subarray(end + END.length))
}
