// Bounded requests to one origin: bytes and time, and nothing of what they mean. A request waits for a free
// line, gets so long to be connected, and from the moment it is written so long to be answered in full.

import type { buildConnector } from 'undici'
import type { WireResponse } from './answer.js'
import { WireError } from './fault.js'
import { createGate, type Gate } from './gate.js'
import { createLine, type Line } from './line.js'

export type { WireResponse } from './answer.js'
export { WireError, type WireFailure } from './fault.js'

type WireCall = {
  /** The total deadline, and the caller's wish to leave. */
  readonly signal: AbortSignal
  /** Called when a connection is free for it. What it throws ends the call, and nothing is sent. */
  readonly onTurn?: (() => void) | undefined
  /** Called at most once, right before the request is written to a socket: from here on it may be billed. */
  readonly onSent: () => void
}

export type Wire = {
  /**
   * Sends one GET for `target` (path and query, appended to the origin) and reads the whole answer. It
   * resolves for every complete answer, redirects included, which are never followed; it rejects with a
   * `WireError`, or with what `onTurn` throws. It never tries twice.
   */
  get(target: string, headers: Readonly<Record<string, string>>, call: WireCall): Promise<WireResponse>
  /** Aborts what still runs or waits, and closes every connection. Later calls are aborted at once. */
  close(): Promise<void>
}

/** Sockets to the upstream, and how many look-ups may wait for one. */
export const LIMITS = { connections: 32, queued: 1000 } as const

export type WireOptions = {
  /** From writing the request to the last byte of the answer. */
  readonly attemptTimeoutMs: number
  /** From leaving our queue to writing the request: name look-up, TCP and TLS. */
  readonly connectTimeoutMs?: number
  readonly maxBytes?: number
  readonly connections?: number
  /** How many may wait for a free connection. */
  readonly maxQueued?: number
  /** TLS and socket options, or a function that makes the sockets itself and calls back sooner or later. */
  readonly connect?: buildConnector.BuildOptions | buildConnector.connector
}

/** Why a call ends early: a deadline of ours (reason 'timeout'), or nobody waits (any other reason). */
function createStop(caller: AbortSignal) {
  const controller = new AbortController()
  const abort = () => controller.abort('aborted')
  let timer: NodeJS.Timeout | undefined
  if (caller.aborted) abort()
  caller.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    abort,
    /** Replaces the deadline by one that starts now. */
    limit(timeoutMs: number) {
      clearTimeout(timer)
      timer = setTimeout(() => controller.abort('timeout'), timeoutMs)
    },
    clear() {
      clearTimeout(timer)
      caller.removeEventListener('abort', abort)
    },
  }
}

async function enter(gate: Gate, signal: AbortSignal): Promise<() => void> {
  const release = await gate.enter(signal).catch(() => {
    throw new WireError(signal.aborted ? 'aborted' : 'overloaded')
  })
  if (!signal.aborted) return release
  release()
  throw new WireError('aborted')
}

export function createWire(baseUrl: URL, options: WireOptions): Wire {
  const { attemptTimeoutMs, connectTimeoutMs = 1000, maxBytes = 2 ** 20, connect } = options
  const { connections = LIMITS.connections, maxQueued = LIMITS.queued } = options
  const gate = createGate({ limit: connections, maxQueued })
  const lines: Line[] = []
  // The last used is taken first: its socket is the likeliest to be still open, and spare ones can go idle.
  const idle: Line[] = []
  const running = new Set<ReturnType<typeof createStop>>()
  let closed = false

  const addLine = () => {
    const line = createLine(baseUrl.origin, { attemptTimeoutMs, connectTimeoutMs, maxBytes, connect })
    lines.push(line)
    return line
  }

  const get: Wire['get'] = async (target, headers, call) => {
    const stop = createStop(call.signal)
    running.add(stop)
    if (closed) stop.abort()
    try {
      const release = await enter(gate, stop.signal)
      try {
        call.onTurn?.()
      } catch (error) {
        release()
        throw error
      }
      const line = idle.pop() ?? addLine()
      const onSent = () => {
        stop.limit(attemptTimeoutMs)
        call.onSent()
      }
      // The place is kept for as long as the line is taken, so that there is a line for every place.
      const onFree = () => {
        idle.push(line)
        release()
      }
      stop.limit(connectTimeoutMs)
      return await line.exchange(target, headers, { signal: stop.signal, onSent, onFree })
    } finally {
      stop.clear()
      running.delete(stop)
    }
  }

  const close = async () => {
    closed = true
    for (const stop of running) stop.abort()
    await Promise.all(lines.map((line) => line.destroy()))
  }

  return { get, close }
}
