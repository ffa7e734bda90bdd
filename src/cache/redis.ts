// Protects look-ups from Redis: however slow, full or absent it is, a look-up waits for it no longer than the deadline. After
// a few deadlines in a row it is not asked at all for a while.
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
   * Runs a script. `undefined` if Redis refuses it or does not answer in time; the script may have run nevertheless. Never
   * rejects.
   */
  run(script: string, keys: readonly string[], values: readonly string[]): Promise<unknown>
  /** Whether the last command was answered in time, and no command that we need is refused. Sends nothing. */
  isWell(): boolean
  /** Calls back for each message on the channel, while there is a connection. */
  listen(channel: string, onMessage: (message: string) => void): void
  /** Calls back each time that a connection has come up; at once if one is. */
  onUp(callback: () => void): void
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly tried: Promise<void>
  /** Waits for outstanding answers, then closes the connection. */
  close(): Promise<void>
}

export type RedisOptions = {
  /** How long an answer is waited for. */
  readonly deadlineMs?: number
  /** How long Redis is not asked after it did not answer. */
  readonly restMs?: number
  readonly connectTimeoutMs?: number
  /** The prefix of the key and the channel that are used to check our rights. */
  readonly prefix?: string
}

/** After so many deadlines in a row without an answer, Redis is not asked for a while. */
const MAX_SILENCES = 3
const READONLY = 'READONLY'

/** Runs each command that our scripts use, on a key and a channel of its own. Leaves nothing behind. */
const CHECK = `
local checkKey = unpack(KEYS)

redis.call('HSET', checkKey, 'field', 'value')
redis.call('HGETALL', checkKey)
redis.call('DEL', checkKey)
redis.call('SET', checkKey, 'value', 'PX', 1000)
redis.call('GET', checkKey)
redis.call('STRLEN', checkKey)
redis.call('EXISTS', checkKey)
redis.call('PEXPIRE', checkKey, 1000)
redis.call('PTTL', checkKey)
redis.call('DEL', checkKey)
redis.call('ZADD', checkKey, 0, 'member')
redis.call('ZSCORE', checkKey, 'member')
redis.call('ZRANGE', checkKey, 0, -1)
redis.call('ZREMRANGEBYRANK', checkKey, 0, -1)
redis.call('TIME')
redis.call('PUBLISH', checkKey, '')
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

  /** Sends only the hash of the script, which is short. A server that does not know it yet is sent the whole script. */
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
      // Commands that waited at the same time count as one silence.
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
    if (code === undefined) return undefined // the connection broke; connection.ts deals with it
    // A refusal comes in time, so Redis can be asked again at once.
    silences = 0
    refuse(code)
    // This server is no longer the primary. Its name may lead to the new one by now.
    if (code === READONLY) connection.drop(client, code, restMs)
    return undefined
  }

  /** Redis counts as not well until it allows all commands that we need. */
  function refuse(code: string): void {
    refusal = code
    dependencies.notice('Redis refused a command', { code })
    recheckLater()
  }

  /** Without this, Redis would never count as well again in a process that has nothing to ask. */
  function recheckLater(): void {
    recheck ??= setTimeout(async () => {
      recheck = undefined
      if (connection.current() && (await run(CHECK, checkKeys, [])) === 1) refusal = undefined
    }, restMs)
  }

  /** Finds out what a new connection allows. One that refuses some commands is still of use for others. */
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
