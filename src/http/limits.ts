// The limits for one client, and for all clients together.
import type { IncomingMessage } from 'node:http'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'

export const HTTP_LIMITS = {
  /** Room for a thousand representations of an entity, the most that one operation may carry by default. */
  bodyBytes: 100 * 1024,
  urlBytes: 8 * 1024,
  headerBytes: 8 * 1024,
  headers: 100,
  /** Operations at the same time. More would only slow all of them down. */
  operations: 256,
  /** Bytes of answers that clients have not read yet, in total. Beyond this, new operations are refused. */
  unsentBytes: 64 * 1024 * 1024,
  /** How long a client may read nothing of its answer. */
  stallTimeoutMs: 30_000,
  connections: 2000,
  /** Subscriptions at the same time, and how long one may last. After that its client has to subscribe again. */
  streams: 200,
  streamLifeMs: 3_600_000,
  /** Shorter than proxies wait before they close a silent connection. */
  heartbeatMs: 12_000,
  /** Of one uploaded file. */
  uploadBytes: 512 * 1024 * 1024,
  /** Uploads and downloads at the same time. */
  transfers: 64,
  /** How long an upload or a download may transfer less than 1 KiB per second. */
  transferIdleMs: 30_000,
  /** So that long-lived connections move to new processes in time. */
  requestsPerConnection: 1000,
  /** How long a request's headers, and all of it, may take to arrive. */
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  /** Longer than the 60 seconds of common load balancers: else the server may close a connection just as a request comes. */
  keepAliveTimeoutMs: 65_000,
  /** How long new connections are still taken once the server is told to stop. */
  drainLeadMs: 1000,
  /** How often connections are checked for timeouts. */
  checkIntervalMs: 1000,
} as const

export type Limits = Readonly<Record<keyof typeof HTTP_LIMITS, number>>

export function toHttpOptions(limits: Limits) {
  return {
    bodyLimit: limits.bodyBytes,
    maxRequestsPerSocket: limits.requestsPerConnection,
    requestTimeout: 0, // `limitArrival` knows which requests it holds for
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      requireHostHeader: false, // `findFault` checks it, with our own message
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      // Beyond this Node's parser answers 431 to everything. It is twice what is allowed, so that `findFault` gets to tell a
      // long URL from large headers.
      maxHeaderSize: 2 * (limits.urlBytes + limits.headerBytes),
    },
  } satisfies FastifyHttpOptions<never>
}

export function limitServer({ server, routing }: FastifyInstance, limits: Limits): void {
  server.maxConnections = limits.connections
  server.on('checkExpectation', routing) // Node would answer 417 without a body
  server.on('checkContinue', routing) // Node would ask for the body before the request is checked
}

/** The status that says what is wrong with a request's head, if anything is. */
export function findFault(
  { url = '', rawHeaders, headers, httpVersion }: IncomingMessage,
  limits: Limits,
): 400 | 414 | 417 | 431 | undefined {
  if (headers.host === undefined && httpVersion === '1.1') return 400
  if (hasTwoHosts(rawHeaders)) return 400 // a proxy before us may have gone by the other one
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') return 417
  if (url.length > limits.urlBytes) return 414
  if (rawHeaders.length > 2 * limits.headers) return 431
  let bytes = 0
  for (const text of rawHeaders) bytes += text.length
  return bytes > limits.headerBytes ? 431 : undefined
}

/** `headers` holds only the first of them. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts > 1
}

/**
 * Whether much of the body is still to come. An answer that is given now has to close the connection: to keep it, Node would
 * read all of a large body.
 */
export function hasMuchUnread({ complete, headers }: IncomingMessage, limits: Limits): boolean {
  const length = headers['transfer-encoding']
    ? Number.POSITIVE_INFINITY
    : Number(headers['content-length'] ?? 0)
  return !complete && length > limits.bodyBytes
}

/** A limited number of places for what runs at the same time. */
export type Slots = {
  isFull(): boolean
  /** Takes a place, also where it is full. Returns what gives the place back: once, however often it is called. */
  take(): () => void
}

export function createSlots(max: number): Slots {
  let taken = 0
  return {
    isFull: () => taken >= max,
    take: () => {
      let isTaken = true
      taken++
      return () => {
        if (isTaken) taken--
        isTaken = false
      }
    },
  }
}
