// The same keys for all processes, in Redis. The process that takes a key first creates the task; the others wait for its outcome.
// If they do not hear of it in time, their answer is TASK_OUTCOME_UNKNOWN, and whoever comes next asks Redis again.
import type { Redis } from '../cache/redis.js'
import { FileError } from '../errors.js'
import { type Created, parseTaskId } from '../task.js'
import { frees, KEY_LIFE_MS, type Key, type SharedKeys, toReused, Unheard } from './keys.js'

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
  /** How long Redis may be silent before a process goes on without it. */
  readonly silenceMs: number
}

/**
 * What the record of a key says: `taken <digest> <attempt> <until>`, `created <digest> <task> <characters or ->`, or
 * `unknown <digest>`. `mine`: this attempt has the key now. `late`: the process that has it should have ended by now.
 */
type Standing =
  | { readonly kind: 'mine' | 'waiting' | 'late' | 'unknown' | 'reused' }
  | { readonly kind: 'created'; readonly created: Created }

/** How one attempt ended: the record that is to stand, or none. */
type Outcome = { readonly key: Key; readonly attempt: string; readonly record: string }

/** How often a process that waits asks Redis. */
const LOOK_MS = 100
/** How often Redis is told how a creation ended, before that is left for later. */
const MAX_TRIES = 3
/** How many outcomes that Redis could not be told are kept for later. */
const MAX_UNTOLD = 1000

// Key: the record. Values: digest, attempt, how long a creation can take, how long a key is kept. An attempt that has the key
// already, since the answer to its last try was lost, gets the same answer again.
const TAKE = `
local digest, attempt, patienceMs, keptMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local record, time = redis.call('GET', KEYS[1]), redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if record and string.find(record, 'taken ' .. digest .. ' ' .. attempt .. ' ', 1, true) == 1 then return {'mine', ''} end
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
  { prefix, patienceMs, silenceMs }: SharedKeysOptions,
): SharedKeys {
  const toRedisKey = ({ name }: Key) => `${prefix}:created:${name}`
  /** By attempt, what Redis could not be told. */
  const untold = new Map<string, Outcome>()
  let attempts = 0

  async function take(key: Key, attempt: string): Promise<Standing | undefined> {
    for (const late of untold.values()) if (late.key.name === key.name) await tell(late)
    const values = [key.digest, attempt, String(patienceMs), String(KEY_LIFE_MS)]
    return parseStanding(await redis.run(TAKE, [toRedisKey(key)], values), key.digest)
  }

  async function tell(outcome: Outcome): Promise<void> {
    const { key, attempt, record } = outcome
    untold.set(attempt, outcome)
    // Attempts that created nothing may come without end. They do not displace those that did.
    const [oldest = attempt] = untold.keys()
    if (untold.size > MAX_UNTOLD) untold.delete(record === '' ? attempt : oldest)
    const values = [key.digest, attempt, record, String(KEY_LIFE_MS)]
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if ((await redis.run(END, [toRedisKey(key)], values)) !== 1) continue
      untold.delete(attempt)
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

  /** Frees the key as well: an answer that was lost may have said that this attempt has it. */
  async function giveUp(key: Key, attempt: string): Promise<never> {
    await tell({ key, attempt, record: '' })
    throw new Unheard()
  }

  redis.onUp(() => {
    for (const outcome of [...untold.values()]) void tell(outcome)
  })

  /** A second creation costs more than the time in which Redis may come back. */
  async function takeSurely(key: Key, attempt: string): Promise<Standing | undefined> {
    const endMs = monotonicMs() + silenceMs
    let standing = await take(key, attempt)
    while (standing === undefined && monotonicMs() < endMs) {
      await delay(LOOK_MS)
      standing = await take(key, attempt)
    }
    return standing
  }

  /** Waits for the process that has the key, whether Redis answers all the time or not. */
  async function settle(key: Key, attempt: string, first: Standing): Promise<Standing> {
    const endMs = monotonicMs() + patienceMs
    let standing = first
    while (standing.kind === 'waiting' && monotonicMs() < endMs) {
      await delay(LOOK_MS)
      standing = (await take(key, attempt)) ?? standing
    }
    return standing
  }

  return async (key, start, isTaken) => {
    // An attempt that failed is told from the next one with the same key.
    const attempt = `${owner}.${++attempts}`
    const first = await takeSurely(key, attempt)
    if (first === undefined && isTaken) return giveUp(key, attempt)
    // Without Redis a key holds within this process.
    const standing = first && (await settle(key, attempt, first))
    switch (standing?.kind) {
      case undefined:
      case 'mine':
        return run(key, attempt, start)
      case 'created':
        return standing.created
      case 'reused':
        throw toReused()
      case 'unknown':
        throw new FileError('TASK_OUTCOME_UNKNOWN', { learnt: true })
      case 'waiting':
      case 'late':
        return giveUp(key, attempt)
      default:
        return standing satisfies never
    }
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
  if (kind !== 'taken') return { kind: 'unknown' }
  return { kind: Number(nowMs) < Number(fourth) ? 'waiting' : 'late' }
}
