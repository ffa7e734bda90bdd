// How much the server takes from one client, and from all of them together.
import type { IncomingMessage } from 'node:http'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'

export const LIMITS = {
  /** Room for a thousand representations of an entity, the most that one operation may carry by default. */
  bodyBytes: 100 * 1024,
  urlBytes: 8 * 1024,
  headerBytes: 8 * 1024,
  headers: 100,
  /** Running at the same time. More would only make all of them slower. */
  operations: 256,
  /** Of answers that their clients have not taken yet, all together. Beyond that nothing new is run. */
  unsentBytes: 64 * 1024 * 1024,
  /** For how long a client may take nothing of its answer. */
  stallTimeoutMs: 30_000,
  connections: 2000,
  /** Of one uploaded file. */
  uploadBytes: 512 * 1024 * 1024,
  /** Uploads and downloads at the same time. */
  transfers: 64,
  /** For how long one may move next to nothing. */
  transferIdleMs: 30_000,
  /** So that clients that keep their connections spread over new processes in time. */
  requestsPerConnection: 1000,
  /** How long a request's headers, and all of it, may take to arrive. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  /** Longer than the 60 seconds of common load balancers: who closes first must not be the one that is asked. */
  keepAliveTimeoutMs: 65_000,
  /** How long new connections are still taken once the server is told to stop. */
  drainLeadMs: 1000,
  /** How often connections are looked over for those that took too long. */
  checkIntervalMs: 1000,
} as const

export type Limits = Readonly<Record<keyof typeof LIMITS, number>>

export function toHttpOptions(limits: Limits) {
  return {
    bodyLimit: limits.bodyBytes,
    maxRequestsPerSocket: limits.requestsPerConnection,
    requestTimeout: 0, // `limitArrival` knows which requests it holds for
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      requireHostHeader: false, // `findFault` does, in words of ours
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      // Where the parser gives up, with room for what it counts besides; up to there, `findFault` tells them apart.
      maxHeaderSize: 2 * (limits.urlBytes + limits.headerBytes),
    },
  } satisfies FastifyHttpOptions<never>
}

export function limitServer({ server, routing }: FastifyInstance, limits: Limits): void {
  server.maxConnections = limits.connections
  server.on('checkExpectation', routing) // which Node would refuse without a word
  server.on('checkContinue', routing) // which Node would tell to go on, whatever it is
}

/** The status that says what is wrong with a request's head, if anything is. */
export function findFault(
  { url = '', rawHeaders, headers, httpVersion }: IncomingMessage,
  limits: Limits,
): 400 | 414 | 417 | 431 | undefined {
  if (headers.host === undefined && httpVersion === '1.1') return 400
  if (hasTwoHosts(rawHeaders)) return 400 // whoever stands before us may have gone by the other one
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') return 417
  if (url.length > limits.urlBytes) return 414
  if (rawHeaders.length > 2 * limits.headers) return 431
  let bytes = 0
  for (const text of rawHeaders) bytes += text.length
  return bytes > limits.headerBytes ? 431 : undefined
}

/** Node keeps the first, and says nothing of the others. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}

/**
 * It is answered before its body has arrived, and the rest may be more than is worth waiting for: else its connection
 * would stay open to read all of a large body.
 */
export function hasMuchUnread({ complete, headers }: IncomingMessage, limits: Limits): boolean {
  const length = headers['transfer-encoding']
    ? Number.POSITIVE_INFINITY
    : Number(headers['content-length'] ?? 0)
  return !complete && length > limits.bodyBytes
}

/** Places for what may run at the same time. */
export type Slots = {
  /** Takes a place, where there is one. Each one taken must be given back. */
  take(): void
  give(): void
  isFull(): boolean
}

export function createSlots(max: number): Slots {
  let taken = 0
  return {
    take: () => {
      taken++
    },
    give: () => {
      taken--
    },
    isFull: () => taken >= max,
  }
}
