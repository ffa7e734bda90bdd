// Faults of transport: what a network, a proxy or a broken server does to an answer. All timers end with their connection.

import { pipeline, Readable } from 'node:stream'
import { createGzip, gzipSync } from 'node:zlib'
import { createHtmlAnswer } from './answer.js'
import type { Exchange } from './exchange.js'
import { sendAnswer, sendHead } from './send.js'

const MEBIBYTE = 1_048_576

/** Repeats the step until the response or its connection is closed. */
function every({ response }: Exchange, intervalMs: number, step: () => void): void {
  const timer = setInterval(step, intervalMs)
  response.once('close', () => clearInterval(timer))
}

function after({ response }: Exchange, delayMs: number, step: () => void): void {
  const timer = setTimeout(step, delayMs)
  response.once('close', () => clearTimeout(timer))
}

function trickle(exchange: Exchange, bytesPerStep: number, intervalMs: number): void {
  const { response, answer } = exchange
  const body = sendHead(response, answer)
  let sent = 0
  every(exchange, intervalMs, () => {
    response.write(body.subarray(sent, sent + bytesPerStep))
    sent += bytesPerStep
    if (sent >= body.length) response.end()
  })
}

function sendHalf({ response, answer }: Exchange): void {
  const body = sendHead(response, answer)
  response.write(body.subarray(0, body.length >> 1))
}

function reset({ socket, conclude }: Exchange): void {
  conclude()
  socket.resetAndDestroy()
}

/** Sends raw text, for heads that Node would not write. */
function sendRaw({ socket, conclude }: Exchange, text: string): void {
  conclude()
  socket.end(text)
}

/** Yields `first`, then `fill` up to `bytes` in all, which may be Infinity. */
function* createFiller(first: Buffer, fill: string, bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(65_536, fill)
  let left = bytes - first.length
  yield first
  for (; left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length))
}

export const wireFaults = {
  /** Never answers. */
  silence() {},

  'half-headers'({ socket }: Exchange) {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json; char')
  },

  /** Half of the body, then nothing. */
  stall(exchange: Exchange) {
    sendHalf(exchange)
  },

  drip(exchange: Exchange, { intervalMs = 1_000, bytes = 1 }: { intervalMs?: number; bytes?: number }) {
    trickle(exchange, bytes, intervalMs)
  },

  bandwidth(exchange: Exchange, { bytesPerSecond }: { bytesPerSecond: number }) {
    const stepsPerSecond = Math.min(20, bytesPerSecond)
    trickle(exchange, Math.floor(bytesPerSecond / stepsPerSecond), 1_000 / stepsPerSecond)
  },

  latency(exchange: Exchange, { ms }: { ms: number }) {
    const { response, answer } = exchange
    after(exchange, ms, () => sendAnswer(response, answer))
  },

  /** A TCP reset before the first byte. */
  reset,

  /** Carries the request out, but resets the connection before the answer. */
  lost(exchange: Exchange) {
    exchange.carryOut()
    reset(exchange)
  },

  /** The pause lets the client read first: on Linux a reset right behind the data looks like a normal end (measured). */
  'reset-mid-body'(exchange: Exchange) {
    sendHalf(exchange)
    after(exchange, 10, () => reset(exchange))
  },

  /** Answers normally, then closes the kept-alive connection at the next request. */
  'close-idle'({ response, answer, doom }: Exchange) {
    doom()
    sendAnswer(response, answer)
  },

  redirect({ response }: Exchange, { location, status = 302 }: { location: string; status?: number }) {
    sendAnswer(response, { status, headers: { location }, body: '' })
  },

  /** No body at all. */
  empty({ response, answer }: Exchange, { status = 204 }: { status?: 200 | 204 }) {
    if (status === 200) return sendAnswer(response, { ...answer, body: '' })
    response.writeHead(204).end()
  },

  /** An HTML page under HTTP 200. */
  html({ response }: Exchange) {
    sendAnswer(response, createHtmlAnswer(200))
  },

  /** The right body under another content type, or under none. */
  'wrong-type'({ response, answer }: Exchange, { type = 'text/plain' }: { type?: string | null }) {
    const { 'content-type': _, ...headers } = answer.headers
    sendAnswer(response, {
      ...answer,
      headers: type === null ? headers : { ...headers, 'content-type': type },
    })
  },

  /** A valid gzip body that the client did not ask for. */
  gzip({ response, answer }: Exchange) {
    const headers = { ...answer.headers, 'content-encoding': 'gzip' }
    sendAnswer(response, { ...answer, headers, body: gzipSync(answer.body) })
  },

  /** 64 KiB that unpack to 64 MiB. */
  bomb({ response, answer }: Exchange) {
    response.writeHead(200, { ...answer.headers, 'content-encoding': 'gzip' })
    const zeros = Readable.from(createFiller(Buffer.alloc(0), '\0', 64 * MEBIBYTE))
    pipeline(zeros, createGzip(), response, () => {}) // the client may disconnect, and should
  },

  /**
   * The answer, padded with spaces, which JSON allows. The declared length may be wrong: too short (the rest looks like
   * another answer), too long (the end never comes), or endless (chunks until the client disconnects).
   */
  huge(
    { response, answer }: Exchange,
    { bytes = 64 * MEBIBYTE, lying }: { bytes?: number; lying?: 'short' | 'long' | 'endless' },
  ) {
    const declared = { short: 1_000, long: bytes + 1, endless: undefined, none: bytes }[lying ?? 'none']
    response.writeHead(answer.status, {
      ...answer.headers,
      ...(declared !== undefined && { 'content-length': declared }),
    })
    const sent = lying === 'endless' ? Number.POSITIVE_INFINITY : bytes
    Readable.from(createFiller(Buffer.from(answer.body), ' ', sent)).pipe(response, { end: lying !== 'long' })
  },

  /** 40 KiB of headers; Node and most other clients allow 16 KiB. */
  'big-headers'({ response, answer }: Exchange) {
    const headers = { ...answer.headers, 'x-padding': 'x'.repeat(40_960) }
    sendAnswer(response, { ...answer, headers })
  },

  /** Two Content-Lengths that differ. */
  'dup-length'(exchange: Exchange) {
    const body = exchange.answer.body.toString()
    const length = Buffer.byteLength(body)
    const lengths = `content-length: ${length}\r\ncontent-length: ${length - 1}`
    sendRaw(exchange, `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${lengths}\r\n\r\n${body}`)
  },

  garbage(exchange: Exchange) {
    sendRaw(exchange, 'SSH-2.0-OpenSSH_9.6\r\n\r\n')
  },

  /** A second answer right behind the first. A client that reuses the connection would take it for the next one. */
  trailing({ response, socket, answer }: Exchange) {
    sendAnswer(response, answer)
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{"poison":true}')
  },
}
