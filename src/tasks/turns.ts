// Whose turn it is to ask about a task, out of all processes, and what the last one found out. While nobody may ask, the
// turn is taken by a rest. Each step is one script, so that none sees another half done. Without Redis, or with one that
// does not answer, it is always our turn.
import type { Redis } from '../cache/redis.js'
import type { After } from '../clock.js'
import type { FileError } from '../errors.js'
import { decodeError, decodeState, encodeError, encodeState, MAX_ENTRY_BYTES, OVER } from './entry.js'
import { isOver, type State } from './state.js'

/** What a look into the store shows. */
export type Sight = {
  /** `ours`: we are to ask. `theirs`: another process is asking. `rest`: nobody may for now. `over`: nobody ever needs to. */
  readonly kind: 'ours' | 'theirs' | 'rest' | 'over'
  /** Of a turn that is ours: by it the turn is held and given back. */
  readonly token: string
  readonly state?: State | undefined
  /** How the last time ended, if it failed. */
  readonly failure?: FileError | undefined
  /** How long the rest lasts, or until another process counts as dead. */
  readonly leftMs: number
}

type Landing = {
  readonly state?: State | undefined
  /** Only what the upstream said: the limits and deadlines of one process are its own. */
  readonly failure?: FileError | undefined
  /** For so long nobody asks. 0: whoever wants to may. */
  readonly restMs: number
}

export type Turns = {
  /** Takes the turn if it is free and needed. With `knows`, a rest is fine though there is nothing to see. */
  take(key: string, knows: boolean): Promise<Sight>
  /** Holds on to the turn, until what it returns is called. */
  hold(key: string, token: string): () => void
  /** Gives the turn back, and tells the others that something came out. Of what was found out without a turn the token is ''. */
  land(key: string, token: string, landing: Landing): Promise<unknown>
  /** Calls back with the key of a task of which another process has found something out. */
  onLanding(callback: (key: string) => void): void
}

type TurnOptions = {
  /** What all keys of the account begin with. */
  readonly prefix: string
  /** Tells this process from all others. */
  readonly owner: string
  /** For so long a process that died holds up the others. */
  readonly leaseMs: number
}

/** It is renewed three times in its life, so that one lost message does not cost it. */
const RENEWALS = 3
/** The longest that a turn or a rest lasts, whatever stands in the store: an hour, as the longest wait that is respected. */
const MAX_REST_MS = 3_600_000
/** A day, in which nobody asks again about what has ended. */
export const KEEP_MS = 86_400_000
const REST = 'rest'
const FAILED = '{'

const TAKE = `
local entryKey, turnKey = unpack(KEYS)
local token, leaseMs, maxEntryBytes, maxRestMs, knows = unpack(ARGV)

local entry = ''
local length = redis.pcall('STRLEN', entryKey)
if type(length) == 'number' and length > 0 and length <= tonumber(maxEntryBytes) then
  entry = redis.call('GET', entryKey)
end
if string.sub(entry, 1, 4) == '${OVER}' then return {'over', entry, '', 0} end
local left = redis.pcall('PTTL', turnKey)
if type(left) == 'number' and left > 0 and left <= tonumber(maxRestMs) then
  local turn = redis.pcall('GET', turnKey)
  local isBlind = turn == '${REST}' and entry == '' and knows == ''
  if type(turn) == 'string' and not isBlind then return {'taken', entry, turn, left} end
end
redis.call('SET', turnKey, token, 'PX', leaseMs)
return {'ours', entry, '', 0}`

const HOLD = `
local turnKey = unpack(KEYS)
local token, leaseMs = unpack(ARGV)

if redis.call('GET', turnKey) == token then redis.call('PEXPIRE', turnKey, leaseMs) end
return 1`

// A process that has lost the turn leaves the task to the one that has it, unless the task has ended. What is said without a
// turn changes nothing that is known. What a full store still allows comes first.
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
      const values = [token, leaseMs, MAX_ENTRY_BYTES, MAX_REST_MS, knows ? 'knows' : ''].map(String)
      return parseSight(await redis.run(TAKE, toKeys(key), values), token)
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

/** One process alone. */
export const noTurns: Turns = {
  take: async () => ({ kind: 'ours', token: '', leftMs: 0 }),
  hold: () => () => {},
  land: async () => undefined,
  onLanding: () => {},
}

/** It is our turn where there is no answer, and for whatever a peer that is no Redis may say. */
function parseSight(reply: unknown, token: string): Sight {
  const ours: Sight = { kind: 'ours', token, leftMs: 0 }
  const [kind, entry, turn, leftMs] = Array.isArray(reply) ? (reply as unknown[]) : []
  if (typeof entry !== 'string' || typeof turn !== 'string' || typeof leftMs !== 'number') return ours
  const state = decodeState(entry)
  if (kind === 'over') return state ? { kind, token: '', state, leftMs } : ours
  if (kind !== 'taken') return { ...ours, state }
  if (turn.startsWith(FAILED)) return { kind: 'rest', token: '', state, failure: decodeError(turn), leftMs }
  return { kind: turn === REST ? 'rest' : 'theirs', token: '', state, leftMs }
}
