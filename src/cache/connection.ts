// Keeps one connection to Redis or Valkey, and reconnects in the background. The only file that knows the client library.
import type { RedisClientType } from '@redis/client'
import { waitFor } from './patience.js'

export type Connection = {
  /** The connection, if it is up. */
  current(): Client | undefined
  /** Ends this connection, if it is still the current one, and opens another after a pause. */
  drop(client: Client, reason: string, pauseMs?: number): void
  /** Calls back for each message on the channel, on this connection and on those to come. */
  listen(channel: string, onMessage: OnMessage): void
  /** Calls back each time that a connection has come up; at once if one is. */
  onUp(callback: () => void): void
  /** Resolves when the first attempt to connect has ended, successfully or not. */
  readonly tried: Promise<void>
  close(): void
}

export type ConnectionDependencies = {
  /** Gets each change between up and down. Never gets anything of the URL. */
  readonly log: {
    readonly info: (detail: object, text: string) => void
    readonly warn: (detail: object, text: string) => void
  }
  /** Gets refusals such as `NOPERM`. */
  readonly notice: (text: string, detail: Readonly<Record<string, string>>) => void
}

/** Finds out what the server allows. Rejects if another connection is needed. */
export type Check = (client: Client) => Promise<unknown>

export type ConnectionOptions = {
  /** How long an answer is waited for. */
  readonly deadlineMs: number
  /** From the first packet to the first answer. */
  readonly connectTimeoutMs: number
  /** The longest pause between two attempts to connect. */
  readonly restMs: number
}

export type Client = RedisClientType
type OnMessage = (message: string) => void

export const NO_ANSWER = 'NO_ANSWER'
/** The pause after a connection broke; it doubles with each attempt that fails. */
const FIRST_PAUSE_MS = 100
/** More than so many commands at once are not even sent. */
const MAX_PENDING = 10_000

export function createConnection(
  url: string,
  { log, notice, check }: ConnectionDependencies & { readonly check: Check },
  { deadlineMs, connectTimeoutMs, restMs }: ConnectionOptions,
): Connection {
  const listeners = new Map<string, OnMessage>()
  const callbacks = new Set<() => void>()
  let client: Client | undefined
  let reach: 'unknown' | 'up' | 'down' | 'closed' = 'unknown'
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let onTried = () => {}
  const tried = new Promise<void>((resolve) => {
    onTried = resolve
  })

  async function open(): Promise<void> {
    const opening = await createUnconnected(url, connectTimeoutMs)
    if (reach === 'closed') return
    client = opening
    opening.on('error', (error) => drop(opening, toErrorWord(error)))
    // A client that was dropped while it was connecting would connect nevertheless.
    opening.on('connect', () => client !== opening && opening.destroy())
    const ending = await waitFor(greet(opening), connectTimeoutMs)
    if (ending === undefined) drop(opening, NO_ANSWER)
    else if ('error' in ending) drop(opening, toErrorWord(ending.error))
    else if (client === opening) enter('up')
  }

  /** A server counts as up once it answers in time, not as soon as it accepts a connection. */
  async function greet(opening: Client): Promise<void> {
    await opening.connect()
    await Promise.all([...listeners].map(([channel, onMessage]) => subscribe(opening, channel, onMessage)))
    const ending = await waitFor(check(opening), deadlineMs)
    if (ending === undefined) throw new Error(NO_ANSWER)
    if ('error' in ending) throw ending.error
  }

  /** Without the right to subscribe, those who wait find out by polling. */
  async function subscribe(subscriber: Client, channel: string, onMessage: OnMessage): Promise<void> {
    await subscriber.subscribe(channel, onMessage).catch((error: unknown) => {
      if (toRefusal(error) === undefined) throw error
      notice('Redis refused a command', { code: toErrorWord(error) })
    })
  }

  function drop(lost: Client, reason: string, pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, restMs)) {
    if (client !== lost) return
    client = undefined
    lost.destroy() // rejects the commands that still wait for an answer
    failures++
    timer = setTimeout(open, pauseMs)
    enter('down', reason)
  }

  function enter(next: 'up' | 'down', reason?: string): void {
    if (reach !== next && next === 'down') log.warn({ reason }, 'Redis is unreachable: continuing without it')
    if (reach !== next && next === 'up') log.info({}, 'Redis is reachable')
    if (next === 'up') failures = 0
    reach = next
    if (next === 'up') for (const callback of callbacks) callback()
    onTried()
  }

  void open()
  return {
    current: () => (reach === 'up' ? client : undefined),
    drop,
    listen: (channel, onMessage) => {
      listeners.set(channel, onMessage)
      if (client?.isReady) void subscribe(client, channel, onMessage).catch(() => {})
    },
    onUp: (callback) => {
      callbacks.add(callback)
      if (reach === 'up') callback()
    },
    tried,
    close: () => {
      reach = 'closed'
      clearTimeout(timer)
      const last = client
      client = undefined
      last?.destroy()
      onTried()
    },
  }
}

/** The library is loaded here, since loading it takes 0.2 s and not every server uses Redis. */
async function createUnconnected(url: string, connectTimeoutMs: number): Promise<Client> {
  const { createClient } = await import('@redis/client')
  // A burst of commands must fit into the socket's buffer, or it waits for another turn of the loop while deadlines run.
  const socket = {
    connectTimeout: connectTimeoutMs,
    reconnectStrategy: false,
    writableHighWaterMark: 2 ** 20,
  } as const
  return createClient({
    url,
    socket,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_PENDING,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    commandOptions: { timeout: 0 }, // turns the library's own deadline off
  })
}

/** The first word of an error reply, such as `OOM`; `undefined` for any other failure. */
export function toRefusal(error: unknown): string | undefined {
  return error instanceof Error ? /^([A-Z_]{3,20})\b/.exec(error.message)?.[1] : undefined
}

/** One word for the log, since whole messages may quote what was sent. */
function toErrorWord(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : (toRefusal(error) ?? 'CLOSED')
}
