// The fence around Redis: slow, hung, full, restarted or absent, it costs whoever asks no more than the deadline, and
// after a few deadlines in vain nothing at all.
import { createHash } from 'node:crypto'
import {
  type Client,
  type ConnectionDependencies,
  createConnection,
  NO_ANSWER,
  toRefusal,
} from './connection.js'
import { waitFor } from './patience.js'

export type Redis = {
  /**
   * Runs a script as a whole. `undefined` if there is no answer in time, or a refusal; whether the script ran is not
   * known then. Never rejects.
   */
  run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>
  /** Whether what was asked last was answered in time. */
  isWell(): boolean
  /** Calls back for each message on the channel, while there is a connection. */
  listen(channel: string, onMessage: (message: string) => void): void
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly tried: Promise<void>
  /** Lets what was asked be answered, and ends the connection. */
  close(): Promise<void>
}

export type RedisOptions = {
  /** How long an answer is waited for. */
  readonly deadlineMs?: number
  /** For how long it is left alone after it has not answered. */
  readonly restMs?: number
  readonly connectTimeoutMs?: number
}

/** So many deadlines in a row that passed in vain, and it is left alone. */
const MAX_SILENCES = 3

/** Starts to connect at once, and goes on trying until it is closed. */
export function createRedis(
  url: string,
  dependencies: ConnectionDependencies,
  { deadlineMs = 50, restMs = 2000, connectTimeoutMs = 1000 }: RedisOptions = {},
): Redis {
  const connection = createConnection(url, dependencies, { deadlineMs, connectTimeoutMs, restMs })
  const pending = new Set<Promise<unknown>>()
  const hashes = new Map<string, string>()
  let asked: Client | undefined
  let silences = 0

  /** By its hash: a burst of whole scripts would fill the socket. A server that was just started has to be told more. */
  async function evaluate(client: Client, script: string, options: Parameters<Client['eval']>[1]) {
    const hash = hashes.get(script) ?? createHash('sha1').update(script).digest('hex')
    hashes.set(script, hash)
    try {
      return await client.evalSha(hash, options)
    } catch (error) {
      if (toRefusal(error) !== 'NOSCRIPT') throw error
      return client.eval(script, options)
    }
  }

  async function run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    const client = connection.current()
    if (client === undefined) return undefined
    if (client !== asked) silences = 0 // a new connection, which has shown that it answers
    asked = client
    const before = silences
    const work = evaluate(client, script, { keys: [...keys], arguments: [...values] })
    const ending = await waitFor<unknown>(work, deadlineMs)
    if (ending === undefined) {
      // Those who were asking at the same time have met one and the same silence.
      if (silences === before) silences++
      if (silences >= MAX_SILENCES) connection.drop(client, NO_ANSWER, restMs)
      return undefined
    }
    if ('value' in ending) {
      silences = 0
      return ending.value
    }
    const refusal = toRefusal(ending.error)
    if (refusal === undefined) return undefined // the connection broke, as the connection knows
    // A refusal comes in time and costs nothing: no reason to leave it alone.
    silences = 0
    dependencies.notice('Redis refused a command', { code: refusal })
    // It was the primary and is no longer: its name may lead to another by now.
    if (refusal === 'READONLY') connection.drop(client, refusal, restMs)
    return undefined
  }

  return {
    run: (...command) => {
      const answer = run(...command).finally(() => pending.delete(answer))
      pending.add(answer)
      return answer
    },
    isWell: () => {
      const client = connection.current()
      return client !== undefined && (silences === 0 || client !== asked)
    },
    listen: connection.listen,
    tried: connection.tried,
    close: async () => {
      await Promise.all(pending)
      connection.close()
    },
  }
}
