// Which process asks the upstream for a file: the one that holds the file's lease. The others wait for its result.
//
// A file's lease is a key in Redis whose value is the token of the look-up that holds it. Each step is one script, so no
// process sees another's step half done:
//
// | from  | step       | to    | who may                                                                             |
// | ----- | ---------- | ----- | ----------------------------------------------------------------------------------- |
// | free  | find       | held  | any look-up, if the entry is missing, stale, or asked for anew                       |
// | held  | renew      | held  | its holder                                                                          |
// | held  | land       | free  | its holder; it stores the entry or the result, and wakes those who wait              |
// | held  | (expiry)   | free  | nobody: `leaseMs` have passed since the last renewal, since the holder died or hung  |
// | held  | find       | held  | the process that finds its own token there, though no look-up of it has this token   |
// | free  | renew      | held  | the look-up that held it last, if it was only late                                  |
//
// A holder that lost its lease to another may still land: this wakes those who wait for it, but leaves the entry and the
// lease to the new holder.
import type { FileId } from '../file.js'
import { ENTRY_START, MAX_ENTRY_BYTES, toDoubtKey, toEntryKey } from './entry.js'
import type { Redis } from './redis.js'

/** What the store knows of a file: `entry` of any age, and `leftMs`, how long the store keeps it. */
type Finding = {
  /**
   * `fresh`: the entry may be reused. `landed`: the entry is the result of the look-up that was waited for. `leased`: the
   * asking look-up now holds the lease. `held`: the look-up with `token` holds it. `deleted`: the file was deleted.
   */
  readonly kind: 'fresh' | 'landed' | 'leased' | 'held' | 'deleted'
  readonly token: string
  readonly entry: string
  readonly leftMs: number
}

export type Question = {
  /** The asking look-up; unique over all processes. */
  readonly token: string
  /** The look-up that was waited for. */
  readonly awaited?: string | undefined
  /** Do not reuse a fresh entry. */
  readonly anew?: boolean
  /** Treat the lease as free if it has this token. */
  readonly orphan?: string | undefined
}

/** What a look-up leaves behind when it ends. */
export type Landing = {
  /** How long to store the entry. 0: delete the stored one. `undefined`: leave the stored one as it is. */
  readonly keepMs?: number
  /** The entry to store; if it is not stored, it is only shown to those who wait now. */
  readonly entry?: string
}

export type Leases = {
  /** Reads the store, and takes the lease if it is needed and free. `undefined` if Redis does not answer. */
  find(id: FileId, question: Question): Promise<Finding | undefined>
  /** Extends the lease, or takes it again if it has expired and nobody has taken it. */
  renew(id: FileId, token: string): Promise<unknown>
  /** Stores the result, frees the lease, and wakes those who wait. */
  land(id: FileId, token: string, landing: Landing): Promise<unknown>
  /** Calls back when the look-up with this token has landed, at once if it already has. Returns a function that cancels. */
  onLanding(token: string, wake: () => void): () => void
}

export type LeaseOptions = {
  /** What all keys begin with. */
  readonly prefix: string
  /** Where the account's deleted files are listed. */
  readonly tombstonesKey: string
  /** A lease that is not renewed for so long is free. At most `MAX_LEASE_MS`. */
  readonly leaseMs: number
}

/** The longest that a lease lasts, in any process. */
export const MAX_LEASE_MS = 3000

/** How long a result is shown. Those who wait look every tenth of a second, so all of them see it. */
const RESULT_MS = 5000
const MAX_TOKEN_LENGTH = 64
/** Far more than can land while one answer of Redis is on its way. */
const MAX_LANDED = 1000

// A lease that lasts longer than any may, or is not a string, was not set by us: it counts as free.
const FIND = `
local entryKey, leaseKey, tombstonesKey, resultKey = unpack(KEYS)
local token, leaseMs, maxEntryBytes, anew, orphan, maxLeaseMs, id = unpack(ARGV)

if type(redis.pcall('ZSCORE', tombstonesKey, id)) == 'string' then return {'deleted', '', '', 0} end
local result = resultKey and redis.pcall('GET', resultKey)
if type(result) == 'string' then return {'landed', '', result, 0} end

local entry, leftMs = '', 0
local length = redis.pcall('STRLEN', entryKey)
if type(length) == 'number' and length > 0 and length <= tonumber(maxEntryBytes) then
  local text = redis.call('GET', entryKey)
  local staleMs = string.match(text, '${ENTRY_START}')
  if staleMs then
    entry, leftMs = text, redis.call('PTTL', entryKey)
    if leftMs > tonumber(staleMs) and anew == '' then return {'fresh', '', entry, leftMs} end
  end
end

local leasedMs = redis.call('PTTL', leaseKey)
if leasedMs >= 0 and leasedMs <= tonumber(maxLeaseMs) then
  local holder = redis.pcall('GET', leaseKey)
  if type(holder) == 'string' and holder ~= orphan then return {'held', holder, entry, leftMs} end
end
redis.call('SET', leaseKey, token, 'PX', leaseMs)
return {'leased', token, entry, leftMs}`

const RENEW = `
local leaseKey = unpack(KEYS)
local token, leaseMs = unpack(ARGV)

local holder = redis.call('GET', leaseKey)
if holder == token or not holder then redis.call('SET', leaseKey, token, 'PX', leaseMs) end
return 1`

// The entry of a file that was deleted meanwhile, or may have been, is not stored. Every write may fail, since a Redis that
// is full refuses to store, but must still free the lease and wake those who wait.
const LAND = `
local entryKey, leaseKey, resultKey, tombstonesKey, doubtKey = unpack(KEYS)
local token, channel, keepMs, entry, resultMs, id = unpack(ARGV)

local holder = redis.pcall('GET', leaseKey)
local keep = tonumber(keepMs)
local isDeleted = type(redis.pcall('ZSCORE', tombstonesKey, id)) == 'string'
if isDeleted or type(redis.pcall('GET', doubtKey)) == 'string' then keep = 0 end

if holder == token or type(holder) ~= 'string' then
  if keep and keep > 0 then redis.pcall('SET', entryKey, entry, 'PX', keepMs) end
  if keep == 0 then redis.pcall('DEL', entryKey) end
  redis.pcall('DEL', leaseKey)
end
if entry ~= '' and (keep or 0) == 0 then redis.pcall('SET', resultKey, entry, 'PX', resultMs) end
redis.pcall('PUBLISH', channel, token)
return 1`

export function createLeases(redis: Redis, { prefix, leaseMs, tombstonesKey }: LeaseOptions): Leases {
  const waiting = new Map<string, Set<() => void>>()
  // Tokens that landed while nobody waited: the message may arrive before the answer that the lease is held.
  const landed = new Set<string>()
  const toKeys = (id: FileId) => {
    const entry = toEntryKey(prefix, id)
    return { entry, lease: `${entry}:lease`, toResult: (token: string) => `${entry}:${token}` }
  }
  redis.listen(prefix, (token) => {
    if (token.length > MAX_TOKEN_LENGTH) return // not one of our messages
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

/** `undefined` for a reply of another form, as from a server that is not Redis. */
function parseFinding(reply: unknown): Finding | undefined {
  const [kind, token, entry, leftMs] = Array.isArray(reply) ? (reply as unknown[]) : []
  if (!KINDS.includes(kind) || typeof token !== 'string') return undefined
  if (typeof entry !== 'string' || typeof leftMs !== 'number') return undefined
  return { kind: kind as Finding['kind'], token, entry, leftMs }
}
