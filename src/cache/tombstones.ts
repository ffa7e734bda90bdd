// Files that were deleted. No process serves them again, even if it has them in a cache or is looking them up. With Redis all
// processes learn of them, including those that were disconnected or not yet running at that moment.

import type { Clock } from '../clock.js'
import { type FileId, parseFileId } from '../file.js'
import { toDoubtKey, toEntryKey } from './entry.js'
import type { Redis } from './redis.js'

export type Tombstones = {
  /** Whether this process knows that the file was deleted. */
  has(id: FileId): boolean
  /** The file was deleted. Resolves when the other processes have been told, or cannot be told for now. */
  bury(id: FileId): Promise<void>
  /** The file may have been deleted, so what is known of it no longer holds. Resolves in the same way. */
  doubt(id: FileId): Promise<void>
  /** Calls back with files that were deleted or may have been, here or by another process. */
  onLoss(callback: (ids: readonly FileId[]) => void): void
}

type TombstoneOptions = {
  readonly redis: Redis
  /** The prefix of the account's keys, whatever the other settings of its processes. */
  readonly prefix: string
  /** The prefix of the entries' keys. */
  readonly entryPrefix: string
  /** How long results of a doubted file are not stored: as long as a look-up that had already begun can take. */
  readonly doubtMs: number
}

/** The upstream never reuses an id, so tombstones are only forgotten to save room. */
const LIFE_MS = 86_400_000
/** About a megabyte, here and in Redis. */
const MAX_TOMBSTONES = 10_000

/** After so many failed attempts the deletion waits for the next connection, which starts by telling it. */
const MAX_TRIES = 3

/** Before the id of a file that only may have been deleted. */
const DOUBT_MARK = '?'

// Commands that a full Redis still allows come first.
const BURY = `
local tombstonesKey, entryKey = unpack(KEYS)
local id, nowMs, maxTombstones, lifeMs, channel, message = unpack(ARGV)

redis.pcall('DEL', entryKey)
redis.pcall('PUBLISH', channel, message)
redis.call('ZADD', tombstonesKey, nowMs, id)
redis.call('ZREMRANGEBYRANK', tombstonesKey, 0, -1 - maxTombstones)
redis.call('PEXPIRE', tombstonesKey, lifeMs)
return 1`

const DOUBT = `
local entryKey, doubtKey = unpack(KEYS)
local channel, message, doubtMs = unpack(ARGV)

redis.pcall('DEL', entryKey)
redis.pcall('PUBLISH', channel, message)
redis.call('SET', doubtKey, 'doubt', 'PX', doubtMs)
return 1`

const LIST = `
local tombstonesKey = unpack(KEYS)
return redis.call('ZRANGE', tombstonesKey, 0, -1)`

/** The key of an account's tombstones, and the channel on which they are announced. */
export function toTombstonesKey(prefix: string): string {
  return `${prefix}:deleted`
}

export function createTombstones({ nowMs, monotonicMs }: Clock, shared?: TombstoneOptions): Tombstones {
  const untilMs = new Map<FileId, number>()
  const untold = new Set<FileId>()
  const callbacks: ((ids: readonly FileId[]) => void)[] = []
  const key = shared ? toTombstonesKey(shared.prefix) : ''

  function add(id: FileId): void {
    untilMs.delete(id)
    untilMs.set(id, monotonicMs() + LIFE_MS)
    const [oldest] = untilMs.keys()
    if (untilMs.size <= MAX_TOMBSTONES || oldest === undefined) return
    untilMs.delete(oldest)
    untold.delete(oldest)
  }

  function lose(ids: readonly FileId[]): void {
    for (const callback of callbacks) callback(ids)
  }

  function learn(ids: readonly FileId[]): void {
    const news = ids.filter((id) => !untilMs.has(id))
    for (const id of news) add(id)
    if (news.length > 0) lose(news)
  }

  async function tell(id: FileId, { redis, entryPrefix }: TombstoneOptions): Promise<void> {
    const values = [id, nowMs(), MAX_TOMBSTONES, LIFE_MS, key, id].map(String)
    if ((await redis.run(BURY, [key, toEntryKey(entryPrefix, id)], values)) === 1) untold.delete(id)
  }

  async function catchUp(all: TombstoneOptions): Promise<void> {
    for (const id of [...untold]) await tell(id, all)
    const ids = await all.redis.run(LIST, [key], [])
    if (Array.isArray(ids)) learn(ids.map(parseFileId).filter((id) => id !== undefined))
  }

  shared?.redis.listen(key, (message) => {
    const isDoubt = message.startsWith(DOUBT_MARK)
    const id = parseFileId(isDoubt ? message.slice(DOUBT_MARK.length) : message)
    if (id === undefined) return // not one of our messages
    if (isDoubt) lose([id])
    else learn([id])
  })
  shared?.redis.onUp(() => void catchUp(shared))

  return {
    has: (id) => untilMs.size > 0 && (untilMs.get(id) ?? 0) > monotonicMs(),
    bury: async (id) => {
      learn([id])
      if (shared === undefined) return
      untold.add(id)
      for (let tries = 0; tries < MAX_TRIES && untold.has(id); tries++) await tell(id, shared)
    },
    doubt: async (id) => {
      lose([id])
      if (shared === undefined) return
      const keys = [toEntryKey(shared.entryPrefix, id), toDoubtKey(shared.entryPrefix, id)]
      await shared.redis.run(DOUBT, keys, [key, DOUBT_MARK + id, String(shared.doubtMs)])
    },
    onLoss: (callback) => void callbacks.push(callback),
  }
}
