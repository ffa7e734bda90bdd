// Which process may ask about a task, and what the last one found out. Two keys of Redis hold it: the entry, which is the state of
// the task, and the turn. The turn is the token of the process that asks at the moment, or a rest, during which nobody asks. Each
// step is one script, so that no process sees another's half done. Without Redis, or without its answer, it is always our turn.
import type { Redis } from '../cache/redis.js'
import type { After } from '../clock.js'
import type { FileError } from '../errors.js'
import { decodeError, decodeState, encodeError, encodeState, MAX_ENTRY_BYTES, OVER } from './entry.js'
import { isOver, type State } from './state.js'

/** What Redis says of a task. */
export type Sight = {
  /** `ours`: this process is to ask. `theirs`: another one is asking. `rest`: nobody asks for now. `over`: the task has ended. */
  readonly kind: 'ours' | 'theirs' | 'rest' | 'over'
  /** The token of our turn, by which it is held and given back; '' if it is not ours. */
  readonly token: string
  readonly state?: State | undefined
  /** Why the last query failed, if it did. */
  readonly failure?: FileError | undefined
  /** How long the rest lasts, or how long until the process that is asking counts as dead. */
  readonly leftMs: number
}

/** What came of a turn. */
type Landing = {
  readonly state?: State | undefined
  /** Only a failure that the upstream told: the limits and deadlines of a process are its own. */
  readonly failure?: FileError | undefined
  /** How long nobody asks. 0: anybody may at once. */
  readonly restMs: number
}

export type Turns = {
  /** Takes the turn if it is free. A process that `knows` a state of the task keeps to a rest though the entry is missing. */
  take(key: string, knows: boolean): Promise<Sight>
  /** Keeps the turn until the returned function is called. */
  hold(key: string, token: string): () => void
  /** Gives the turn back and tells the other processes. The token is '' for a state that was not asked for: a new task's. */
  land(key: string, token: string, landing: Landing): Promise<unknown>
  /** Calls back with the key of each task of which another process has found something out. */
  onLanding(callback: (key: string) => void): void
}

type TurnOptions = {
  /** What all keys of the account begin with. */
  readonly prefix: string
  /** A name of this process, unique over all processes. */
  readonly owner: string
  /** How long a process that died holds up the others. */
  readonly leaseMs: number
}

/** A turn is renewed three times before it would expire, so one lost message does not lose it. */
const RENEWALS = 3
/** The longest that a turn or a rest lasts, whatever Redis says: an hour, the longest wait that is respected. */
const MAX_REST_MS = 3_600_000
/** A day: how long a state is kept, and an ended task is not asked about again. */
export const KEEP_MS = 86_400_000
/** The turn during a rest: this word, or the JSON of the failure that it follows. */
const REST = 'rest'
const FAILED = '{'

/**
 * What a process makes of a rest. `''`: it keeps to it if there is an entry or a failure to tell. `knows`: it keeps to it anyway,
 * having a state of its own. `unreadable`: it ignores the rest and the entry, which it could not read.
 */
type Means = '' | 'knows' | 'unreadable'

const TAKE = `
local entryKey, turnKey = unpack(KEYS)
local token, leaseMs, maxEntryBytes, maxRestMs, means = unpack(ARGV)

local entry = ''
local length = redis.pcall('STRLEN', entryKey)
if means ~= 'unreadable' and type(length) == 'number' and length > 0 and length <= tonumber(maxEntryBytes) then
  entry = redis.call('GET', entryKey)
end
if string.sub(entry, 1, 4) == '${OVER}' then return {'over', entry, '', 0} end
local left = redis.pcall('PTTL', turnKey)
if type(left) == 'number' and left > 0 and left <= tonumber(maxRestMs) then
  local turn = redis.pcall('GET', turnKey)
  local isRest = turn == '${REST}' or type(turn) == 'string' and string.sub(turn, 1, 1) == '${FAILED}'
  local isUseless = turn == '${REST}' and entry == '' and means == '' or isRest and means == 'unreadable'
  if type(turn) == 'string' and not isUseless then return {'taken', entry, turn, left} end
end
redis.call('SET', turnKey, token, 'PX', leaseMs)
return {'ours', entry, '', 0}`

const HOLD = `
local turnKey = unpack(KEYS)
local token, leaseMs = unpack(ARGV)

if redis.call('GET', turnKey) == token then redis.call('PEXPIRE', turnKey, leaseMs) end
return 1`

// A process that has lost its turn changes nothing, unless the task has ended. A state that was not asked for, which has no token,
// replaces none. Any command may fail, since a Redis that is full refuses to store, but must still free the turn.
const LAND = `
local entryKey, turnKey = unpack(KEYS)
local token, entry, keepMs, nextTurn, restMs, channel, message = unpack(ARGV)

if token == '' and redis.pcall('EXISTS', entryKey) == 1 then return 0 end
local turn = redis.pcall('GET', turnKey)
local isOurs = turn == token or type(turn) ~= 'string'
if isOurs then redis.pcall('DEL', turnKey) end
if entry ~= '' and (isOurs or string.sub(entry, 1, 4) == '${OVER}') then
  redis.pcall('SET', entryKey, entry, 'PX', keepMs)
end
if isOurs and tonumber(restMs) > 0 then redis.pcall('SET', turnKey, nextTurn, 'PX', restMs) end
redis.pcall('PUBLISH', channel, message)
return 1`

export function createTurns(redis: Redis, after: After, { prefix, owner, leaseMs }: TurnOptions): Turns {
  let count = 0
  const channel = `${prefix}:tasks`
  const toKeys = (key: string) => [`${channel}:${key}`, `${channel}:${key}:turn`]
  return {
    take: async (key, knows) => {
      const token = `${owner}.${++count}`
      const look = async (means: Means) => {
        const values = [token, leaseMs, MAX_ENTRY_BYTES, MAX_REST_MS, means].map(String)
        return parseSight(await redis.run(TAKE, toKeys(key), values), token)
      }
      const sight = await look(knows ? 'knows' : '')
      // Of another version, or broken: nobody would ask until it is gone, and there would be nothing to tell.
      return isUnreadable(sight, knows) ? look('unreadable') : sight
    },
    hold: (key, token) => {
      let release = () => {}
      const renew = () => {
        release = after(leaseMs / RENEWALS, () => {
          void redis.run(HOLD, toKeys(key).slice(1), [token, String(leaseMs)])
          renew()
        })
      }
      renew()
      return () => release()
    },
    land: (key, token, { state, failure, restMs }) => {
      const entry = state ? encodeState(state) : ''
      const rest = state && isOver(state) ? 0 : Math.ceil(Math.min(restMs, MAX_REST_MS))
      const turn = failure ? encodeError(failure) : REST
      return redis.run(LAND, toKeys(key), [
        token,
        entry,
        `${KEEP_MS}`,
        turn,
        `${rest}`,
        channel,
        `${owner} ${key}`,
      ])
    },
    onLanding: (callback) =>
      redis.listen(channel, (message) => {
        const [teller, key] = message.split(' ', 2)
        if (teller !== owner && key !== undefined) callback(key)
      }),
  }
}

/** For a process without Redis. */
export const noTurns: Turns = {
  take: async () => ({ kind: 'ours', token: '', leftMs: 0 }),
  hold: () => () => {},
  land: async () => undefined,
  onLanding: () => {},
}

/** It is our turn if there is no answer, or none of the right form. */
function parseSight(reply: unknown, token: string): Sight {
  const [kind, entry, turn, leftMs] = Array.isArray(reply) ? (reply as unknown[]) : []
  if (typeof entry !== 'string' || typeof turn !== 'string' || typeof leftMs !== 'number')
    return { kind: 'ours', token, leftMs: 0 }
  const state = decodeState(entry)
  if (kind === 'over') return { kind, token: '', state, leftMs }
  if (kind !== 'taken') return { kind: 'ours', token, state, leftMs }
  if (turn.startsWith(FAILED)) return { kind: 'rest', token: '', state, failure: decodeError(turn), leftMs }
  return { kind: turn === REST ? 'rest' : 'theirs', token: '', state, leftMs }
}

/** Whether nobody is to ask, though this process has nothing to tell. */
function isUnreadable({ kind, state, failure }: Sight, knows: boolean): boolean {
  if (kind === 'over') return state === undefined
  return kind === 'rest' && !knows && state === undefined && failure === undefined
}
