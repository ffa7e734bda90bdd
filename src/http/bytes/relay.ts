// Passes bytes on to a client, no faster than it takes them. Past Fastify, which would hold on to more of them.
import { pipeline } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Bytes } from '../../bytes.js'
import { watchPieces } from '../../idle.js'

/** The head is written. Where the body does not come to its end, the connection is cut: a clean end would be a lie. */
export function relay({ raw, request: { visit } }: FastifyReply, { body }: Bytes, idleMs: number): void {
  const cut = () => raw.destroy()
  // Not while there is nothing to take, or an answer before this one on the same connection.
  const countTaken = () =>
    raw.socket === null || raw.writableLength === 0 ? undefined : visit.sentBytes - raw.writableLength
  const stop = watchPieces({ idleMs }, countTaken, cut)
  raw.setTimeout(idleMs, cut) // for one whose socket shows nothing at all
  body.on('data', (chunk: Buffer) => {
    visit.sentBytes += chunk.length
  })
  pipeline(body, raw, stop)
}
