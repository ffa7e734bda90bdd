// Passes bytes on to a client, no faster than it takes them. Past Fastify, which would hold on to more of them.
import { pipeline } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Bytes } from '../../bytes.js'
import { watchIdle } from '../../idle.js'

/** A socket takes up to 64 KiB in one piece: what it moves can not be measured in less time, at the floor of its speed. */
const MEASURED_MS = 128_000

/** The head is written. Where the body does not come to its end, the connection is cut: a clean end would be a lie. */
export function relay({ raw, request: { visit } }: FastifyReply, { body }: Bytes, idleMs: number): void {
  const cut = () => raw.destroy()
  const stop = watchIdle(
    { idleMs: Math.max(idleMs, MEASURED_MS) },
    () => visit.sentBytes - raw.writableLength,
    cut,
  )
  raw.setTimeout(idleMs, cut) // for one who takes nothing at all
  body.on('data', (chunk: Buffer) => {
    visit.sentBytes += chunk.length
  })
  pipeline(body, raw, stop)
}
