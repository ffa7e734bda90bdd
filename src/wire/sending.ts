// Watches whether the upstream takes what is sent to it.
import type { Readable } from 'node:stream'
import type { buildConnector } from 'undici'
import { type IdleOptions, watchPieces } from '../idle.js'

type SendingOptions = IdleOptions & {
  /** What is sent. undici pauses it while the socket takes no more. */
  readonly body: Readable
  readonly onIdle: () => void
}

/** A connector whose sockets are watched from the start: for one that takes nothing at all, and for one that takes too little. */
export function watchSending(
  connect: buildConnector.connector,
  { body, onIdle, ...idle }: SendingOptions,
): buildConnector.connector {
  const isTheirTurn = () => body.isPaused() && !body.readableEnded
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error) return callback(error, null)
      // Not as the callback of `setTimeout`, which is called for the first silence only.
      socket.setTimeout(idle.idleMs).on('timeout', () => isTheirTurn() && onIdle())
      const stop = watchPieces(idle, () => (isTheirTurn() ? socket.bytesWritten : undefined), onIdle)
      socket.once('close', stop)
      callback(null, socket)
    })
}
