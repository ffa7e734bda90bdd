// Who asks the upstream for a file, out of all processes: the one that holds the file's lease. The others wait for what
// it finds out. Each step is one script, so that none sees another half done.
import type { FileId } from '../file.js'
import { ENTRY_START, MAX_ENTRY_BYTES, toDoubtKey, toEntryKey } from './entry.js'
import type { Redis } from './redis.js'

/** What is known of a file. `entry` is what the store has, of any age, and `leftMs` how long it will be there. */
type Finding = {
  /**
   * `fresh`: the entry may be reused. `landed`: the entry is how the flight that was waited for ended. `leased`: the
   * lease is now `token`'s own. `held`: it is another's. `deleted`: there is no such file any more.
   */
  readonly kind: 'fresh' | 'landed' | 'leased' | 'held' | 'deleted'
  readonly token: string
  readonly entry: string
  readonly leftMs: number
}

export type Question = {
  /** Of one look-up, unique among all processes. */
  readonly token: string
  /** The token of the flight that was waited for. */
  readonly awaited?: string | undefined
  /** What the store has is of no use. */
  readonly anew?: boolean
  /** The lease is known to be nobody's, though this token stands in it. */
  readonly orphan?: string | undefined
}

/** What a flight leaves behind. */
export type Landing = {
  /** For how long the entry is kept. 0: whatever was kept goes. `undefined`: that stays as it is. */
  readonly keepMs?: number
  /** The entry to keep, or else to show to those who wait now. */
  readonly entry?: string
}

export type Leases = {
  /** Looks into the store, and takes the lease if it is free and needed. `undefined` without an answer. */
  find(id: FileId, question: Question): Promise<Finding | undefined>
  /** Holds on to the lease, or takes it if nobody has it any more. */
  renew(id: FileId, token: string): Promise<unknown>
  /** Gives the lease back, and wakes those who wait. */
  land(id: FileId, token: string, landing: Landing): Promise<unknown>
  /** Calls back when the flight with this token has landed, soon if it has already; returns what takes that back. */
  onLanding(token: string, wake: () => void): () => void
}

export type LeaseOptions = {
  /** What all keys begin with. */
  readonly prefix: string
  /** Where the account's deleted files are listed. */
  readonly tombstonesKey: string
  /** After so long without being renewed, a lease is anybody's. At most `MAX_LEASE_MS`. */
  readonly leaseMs: number
}

/** The longest that a lease lasts, in any process. */
export const MAX_LEASE_MS = 3000

/** Those who wait ask again every tenth of a second: by then a result has been seen by all of them. */
const RESULT_MS = 5000
const MAX_TOKEN_LENGTH = 64
/** Far more than can be told within the time of one answer. */
const MAX_LANDED = 1000

// Keys: entry, lease, tombstones, result of the flight that was waited for. Values: token, life of a lease, longest entry,
// anew, orphan, longest life, id. A lease that would outlive its owner's death, or is no text, is nobody's.
const FIND = `
if type(redis.pcall('ZSCORE', KEYS[3], ARGV[7])) == 'string' then return {'deleted', '', '', 0} end
local result = KEYS[4] and redis.pcall('GET', KEYS[4])
if type(result) == 'string' then return {'landed', '', result, 0} end
local entry, left = '', 0
local length = redis.pcall('STRLEN', KEYS[1])
if type(length) == 'number' and length > 0 and length <= tonumber(ARGV[3]) then
  local text = redis.call('GET', KEYS[1])
  local stale = string.match(text, '${ENTRY_START}')
  if stale then
    entry, left = text, redis.call('PTTL', KEYS[1])
    if left > tonumber(stale) and ARGV[4] == '' then return {'fresh', '', entry, left} end
  end
end
local owned = redis.call('PTTL', KEYS[2])
if owned >= 0 and owned <= tonumber(ARGV[6]) then
  local token = redis.pcall('GET', KEYS[2])
  if type(token) == 'string' and token ~= ARGV[5] then return {'held', token, entry, left} end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {'leased', ARGV[1], entry, left}`

// Keys: lease. Values: token, life of a lease.
const RENEW = `
local token = redis.call('GET', KEYS[1])
if token == ARGV[1] or not token then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`

// Keys: entry, lease, result, tombstones, doubt. Values: token, channel, how long to keep the entry or '', the entry, life of a
// result, id. Whoever has lost the lease leaves the entry to the one who has it. A store that is full must still give it
// back. What was found out of a file that was deleted since, or may have been, is not kept.
const LAND = `
local token = redis.pcall('GET', KEYS[2])
local keep = tonumber(ARGV[3])
local isLost = type(redis.pcall('ZSCORE', KEYS[4], ARGV[6])) == 'string'
if isLost or type(redis.pcall('GET', KEYS[5])) == 'string' then keep = 0 end
if token == ARGV[1] or type(token) ~= 'string' then
  if keep and keep > 0 then redis.pcall('SET', KEYS[1], ARGV[4], 'PX', ARGV[3]) end
  if keep == 0 then redis.pcall('DEL', KEYS[1]) end
  redis.pcall('DEL', KEYS[2])
end
if ARGV[4] ~= '' and (keep or 0) == 0 then redis.pcall('SET', KEYS[3], ARGV[4], 'PX', ARGV[5]) end
redis.pcall('PUBLISH', ARGV[2], ARGV[1])
return 1`

export function createLeases(redis: Redis, { prefix, leaseMs, tombstonesKey }: LeaseOptions): Leases {
  const waiting = new Map<string, Set<() => void>>()
  // Word of a landing may come together with the answer that the lease is held, and so before anybody waits for it.
  const landed = new Set<string>()
  const toKeys = (id: FileId) => {
    const entry = toEntryKey(prefix, id)
    return { entry, lease: `${entry}:lease`, toResult: (token: string) => `${entry}:${token}` }
  }
  redis.listen(prefix, (token) => {
    if (token.length > MAX_TOKEN_LENGTH) return // somebody else's
    for (const wake of waiting.get(token) ?? []) wake()
    landed.add(token)
    if (landed.size > MAX_LANDED) landed.delete(landed.values().next().value ?? '')
  })
  return {
    find: async (id, { token, awaited, anew = false, orphan = '' }) => {
      const { entry, lease, toResult } = toKeys(id)
      const keys = [entry, lease, tombstonesKey, ...(awaited === undefined ? [] : [toResult(awaited)])]
      const texts = [anew ? 'anew' : '', orphan]
      const values = [token, leaseMs, MAX_ENTRY_BYTES, ...texts, MAX_LEASE_MS, id].map(String)
      return parseFinding(await redis.run(FIND, keys, values))
    },
    renew: (id, token) => redis.run(RENEW, [toKeys(id).lease], [token, String(leaseMs)]),
    land: (id, token, { keepMs, entry = '' }) => {
      const keys = toKeys(id)
      const values = [token, prefix, keepMs === undefined ? '' : String(keepMs), entry, String(RESULT_MS), id]
      return redis.run(
        LAND,
        [keys.entry, keys.lease, keys.toResult(token), tombstonesKey, toDoubtKey(prefix, id)],
        values,
      )
    },
    onLanding: (token, wake) => {
      if (landed.delete(token)) queueMicrotask(wake)
      const wakes = waiting.get(token) ?? new Set()
      waiting.set(token, wakes.add(wake))
      return () => {
        wakes.delete(wake)
        if (wakes.size === 0) waiting.delete(token)
      }
    },
  }
}

const KINDS: readonly unknown[] = ['fresh', 'landed', 'leased', 'held', 'deleted'] satisfies Finding['kind'][]

/** `undefined` for whatever a peer that is no Redis may say. */
function parseFinding(reply: unknown): Finding | undefined {
  const [kind, token, entry, leftMs] = Array.isArray(reply) ? (reply as unknown[]) : []
  if (!KINDS.includes(kind) || typeof token !== 'string') return undefined
  if (typeof entry !== 'string' || typeof leftMs !== 'number') return undefined
  return { kind: kind as Finding['kind'], token, entry, leftMs }
}
