// The same keys for all processes, in Redis. Whoever takes a key first creates; the others wait for what becomes of that. A key
// whose taker was not heard of in time stands for an unknown outcome: nobody pays again unasked.
import type { Redis } from '../cache/redis.js'
import { FileError } from '../errors.js'
import { type Created, parseTaskId } from '../task.js'
import { frees, KEY_LIFE_MS, type Key, type SharedKeys, toReused } from './keys.js'

export type SharedKeysDependencies = {
  readonly redis: Pick<Redis, 'run' | 'onUp'>
  readonly monotonicMs: () => number
  readonly delay: (ms: number) => Promise<void>
  /** Tells this process from all others. */
  readonly owner: string
}

export type SharedKeysOptions = {
  /** What all keys of the account begin with. */
  readonly prefix: string
  /** How long a creation can take, with all that goes before it. */
  readonly patienceMs: number
}

/** What stands under a key: `taken <digest> <attempt> <until>`, `created <digest> <task> <characters or ->`, `unknown <digest>`. */
type Standing =
  | { readonly kind: 'mine' | 'waiting' | 'unknown' | 'reused' }
  | { readonly kind: 'created'; readonly created: Created }

/** What became of one attempt: the record that is to stand, or nothing. */
type Outcome = { readonly key: Key; readonly attempt: string; readonly record: string }

const LOOK_MS = 100
const MAX_TRIES = 3
/** Of outcomes that could not be told. */
const MAX_UNTOLD = 1000

// Key: the record. Values: digest, attempt, how long a creation can take, how long a key is kept.
const TAKE = `
local digest, attempt, patienceMs, keptMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local record, time = redis.call('GET', KEYS[1]), redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if record then return {record, string.format('%.0f', nowMs)} end
local untilMs = string.format('%.0f', nowMs + patienceMs)
redis.call('SET', KEYS[1], 'taken ' .. digest .. ' ' .. attempt .. ' ' .. untilMs, 'PX', keptMs)
return {'mine', ''}`

// Key: the record. Values: digest, attempt, the next record or nothing, how long a key is kept. Another's record stays.
const END = `
local digest, attempt, record, keptMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local before = redis.call('GET', KEYS[1])
local isOurs = not before or string.find(before, 'taken ' .. digest .. ' ' .. attempt .. ' ', 1, true) == 1
if isOurs and record == '' then redis.call('DEL', KEYS[1]) end
if isOurs and record ~= '' then redis.call('SET', KEYS[1], record, 'PX', keptMs) end
return 1`

export function createSharedKeys(
  { redis, monotonicMs, delay, owner }: SharedKeysDependencies,
  { prefix, patienceMs }: SharedKeysOptions,
): SharedKeys {
  const toRedisKey = ({ name }: Key) => `${prefix}:created:${name}`
  /** By the key's name, what Redis could not be told. */
  const untold = new Map<string, Outcome>()
  let attempts = 0

  async function take(key: Key, attempt: string): Promise<Standing | undefined> {
    const late = untold.get(key.name)
    if (late) await tell(late)
    const values = [key.digest, attempt, String(patienceMs), String(KEY_LIFE_MS)]
    return parseStanding(await redis.run(TAKE, [toRedisKey(key)], values), key.digest)
  }

  async function tell(outcome: Outcome): Promise<void> {
    const { key, attempt, record } = outcome
    untold.set(key.name, outcome)
    const [oldest] = untold.keys()
    if (untold.size > MAX_UNTOLD && oldest !== undefined) untold.delete(oldest)
    const values = [key.digest, attempt, record, String(KEY_LIFE_MS)]
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if ((await redis.run(END, [toRedisKey(key)], values)) !== 1) continue
      if (untold.get(key.name) === outcome) untold.delete(key.name)
      return
    }
  }

  async function run(key: Key, attempt: string, start: () => Promise<Created>): Promise<Created> {
    try {
      const created = await start()
      await tell({
        key,
        attempt,
        record: `created ${key.digest} ${created.id} ${created.usageCharacters ?? '-'}`,
      })
      return created
    } catch (error) {
      await tell({ key, attempt, record: frees(error) ? '' : `unknown ${key.digest}` })
      throw error
    }
  }

  redis.onUp(() => {
    for (const outcome of [...untold.values()]) void tell(outcome)
  })

  return async (key, start) => {
    const endMs = monotonicMs() + patienceMs
    // An attempt that failed is told from the next one with the same key.
    const attempt = `${owner}.${++attempts}`
    let standing = await take(key, attempt)
    // Without Redis a key holds within this process.
    if (standing === undefined || standing.kind === 'mine') return run(key, attempt, start)
    while (standing?.kind === 'waiting' && monotonicMs() < endMs) {
      await delay(LOOK_MS)
      standing = await take(key, attempt)
      if (standing?.kind === 'mine') return run(key, attempt, start)
    }
    if (standing?.kind === 'created') return standing.created
    throw standing?.kind === 'reused' ? toReused() : new FileError('TASK_OUTCOME_UNKNOWN', { learnt: true })
  }
}

/** `undefined` without an answer, and for what no process of ours wrote. */
function parseStanding(reply: unknown, digest: string): Standing | undefined {
  const [record, nowMs] = Array.isArray(reply) ? (reply as unknown[]).map(String) : []
  if (record === undefined) return undefined
  if (record === 'mine') return { kind: 'mine' }
  const [kind, ownDigest, third = '', fourth = ''] = record.split(' ')
  if (ownDigest !== digest) return { kind: 'reused' }
  const id = kind === 'created' ? parseTaskId(third) : undefined
  if (id)
    return { kind: 'created', created: { id, usageCharacters: /^\d+$/.test(fourth) ? Number(fourth) : null } }
  return { kind: kind === 'taken' && Number(nowMs) < Number(fourth) ? 'waiting' : 'unknown' }
}
