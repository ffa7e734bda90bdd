// `100 Continue` that nobody asked for. The parser of undici (and of Node's fetch, which is the same) takes it for a
// broken answer, though the request was sent and the real answer follows: it would be paid for and thrown away.
import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'

const START = Buffer.from('HTTP/1.1 100')
const END = Buffer.from('\r\n\r\n')

/** A connector whose sockets leave out that answer where it stands before the one that is awaited. */
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

/** undici takes what has come by `read`, so that is where it can be cut. */
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
