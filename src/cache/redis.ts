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
  /** Whether what was asked last was answered in time, and nothing that is needed is refused. Asks nothing. */
  isWell(): boolean
  /** Calls back for each message on the channel, while there is a connection. */
  listen(channel: string, onMessage: (message: string) => void): void
  /** Calls back each time that a connection has come up; at once if one is. */
  onUp(callback: () => void): void
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
  /** What a key and a channel begin with that are of no use but to see whether they may be written. */
  readonly prefix?: string
}

/** So many deadlines in a row that passed in vain, and it is left alone. */
const MAX_SILENCES = 3
const READONLY = 'READONLY'

/** Each command that our scripts are made of, on a key and a channel of their own. Leaves nothing. */
const CHECK = `
redis.call('HSET', KEYS[1], 'field', 'value')
redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], 'value', 'PX', 1000)
redis.call('GET', KEYS[1])
redis.call('STRLEN', KEYS[1])
redis.call('EXISTS', KEYS[1])
redis.call('PEXPIRE', KEYS[1], 1000)
redis.call('PTTL', KEYS[1])
redis.call('DEL', KEYS[1])
redis.call('ZADD', KEYS[1], 0, 'member')
redis.call('ZSCORE', KEYS[1], 'member')
redis.call('ZRANGE', KEYS[1], 0, -1)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1)
redis.call('TIME')
redis.call('PUBLISH', KEYS[1], '')
return 1`

/** Starts to connect at once, and goes on trying until it is closed. */
export function createRedis(
  url: string,
  dependencies: ConnectionDependencies,
  { deadlineMs = 50, restMs = 2000, connectTimeoutMs = 1000, prefix = 'mff' }: RedisOptions = {},
): Redis {
  const options = { deadlineMs, connectTimeoutMs, restMs }
  const connection = createConnection(url, { ...dependencies, check }, options)
  const checkKeys = [`${prefix}:check`]
  const pending = new Set<Promise<unknown>>()
  const hashes = new Map<string, string>()
  let silences = 0
  let refusal: string | undefined
  let recheck: NodeJS.Timeout | undefined

  /** By its hash: a burst of whole scripts would fill the socket. A server that was just started has to be told more. */
  async function evaluate(
    client: Client,
    script: string,
    keys: readonly string[],
    values: readonly string[],
  ) {
    const command = { keys: [...keys], arguments: [...values] }
    const hash = hashes.get(script) ?? createHash('sha1').update(script).digest('hex')
    hashes.set(script, hash)
    try {
      return await client.evalSha(hash, command)
    } catch (error) {
      if (toRefusal(error) !== 'NOSCRIPT') throw error
      return client.eval(script, command)
    }
  }

  async function run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    const client = connection.current()
    if (client === undefined) return undefined
    const before = silences
    const ending = await waitFor<unknown>(evaluate(client, script, keys, values), deadlineMs)
    if (ending === undefined) {
      // Those who were asking at the same time have met one and the same silence.
      if (silences === before) silences++
      if (silences >= MAX_SILENCES) connection.drop(client, NO_ANSWER, restMs)
      recheckLater()
      return undefined
    }
    if ('value' in ending) {
      silences = 0
      return ending.value
    }
    const code = toRefusal(ending.error)
    if (code === undefined) return undefined // the connection broke, as the connection knows
    // A refusal comes in time and costs nothing: no reason to leave it alone.
    silences = 0
    refuse(code)
    // It was the primary and is no longer: its name may lead to another by now.
    if (code === READONLY) connection.drop(client, code, restMs)
    return undefined
  }

  /** From now on it is not well, until it lets us do all that we need. */
  function refuse(code: string): void {
    refusal = code
    dependencies.notice('Redis refused a command', { code })
    recheckLater()
  }

  /** In a process that has nothing to ask, it would stay unwell for ever otherwise. */
  function recheckLater(): void {
    recheck ??= setTimeout(async () => {
      recheck = undefined
      if (connection.current() && (await run(CHECK, checkKeys, [])) === 1) refusal = undefined
    }, restMs)
  }

  /** What a new connection is good for. One that refuses some things may be of use for others. */
  async function check(client: Client): Promise<void> {
    try {
      await evaluate(client, CHECK, checkKeys, [])
      refusal = undefined
    } catch (error) {
      const code = toRefusal(error)
      if (code === undefined || code === READONLY) throw error
      refuse(code)
    }
    silences = 0
  }

  return {
    run: (...command) => {
      const answer = run(...command).finally(() => pending.delete(answer))
      pending.add(answer)
      return answer
    },
    isWell: () => connection.current() !== undefined && refusal === undefined && silences === 0,
    listen: connection.listen,
    onUp: connection.onUp,
    tried: connection.tried,
    close: async () => {
      await Promise.all(pending)
      clearTimeout(recheck)
      connection.close()
    },
  }
}
