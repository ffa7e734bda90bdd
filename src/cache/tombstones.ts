// Files that were deleted: no process serves them again, whatever is remembered of them or still on its way. With Redis all
// processes know of them, those too that were out of reach, or not there yet, when it happened.
import { type FileId, parseFileId } from '../file.js'
import { toDoubtKey, toEntryKey } from './entry.js'
import type { Clock } from './memory.js'
import type { Redis } from './redis.js'

export type Tombstones = {
  /** Whether the file was deleted, as far as is known here. */
  has(id: FileId): boolean
  /** The file was deleted. Resolves when other processes have been told, or can not be for now. */
  bury(id: FileId): Promise<void>
  /** The file may have been deleted: what is known of it holds no longer. Resolves in the same way. */
  doubt(id: FileId): Promise<void>
  /** Calls back with files that were deleted or may have been, here or by another process. */
  onLoss(callback: (ids: readonly FileId[]) => void): void
}

type TombstoneOptions = {
  readonly redis: Redis
  /** What the keys of the account begin with, whatever else its processes are told to do. */
  readonly prefix: string
  /** What those of the entries begin with. */
  readonly entryPrefix: string
  /** What a look-up that was under way finds out of a doubted file is not kept; none is under way for longer. */
  readonly doubtMs: number
}

/** Ids are never given twice, so it is only to save room that any is forgotten. */
const LIFE_MS = 86_400_000
/** About a megabyte, here and in Redis. */
const MAX_TOMBSTONES = 10_000

/** After so many in vain the connection is given up, and the next one starts with what is untold. */
const MAX_TRIES = 3

/** Before the id of a file that only may have been deleted. */
const DOUBT_MARK = '?'

// Keys: tombstones, entry. Values: id, time, most of them, their life, channel, message. First what a full store allows.
const BURY = `
redis.pcall('DEL', KEYS[2])
redis.pcall('PUBLISH', ARGV[5], ARGV[6])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1`

// Keys: entry, doubt. Values: channel, message, life of the doubt.
const DOUBT = `
redis.pcall('DEL', KEYS[1])
redis.pcall('PUBLISH', ARGV[1], ARGV[2])
redis.call('SET', KEYS[2], 'doubt', 'PX', ARGV[3])
return 1`

// Keys: tombstones.
const LIST = `
return redis.call('ZRANGE', KEYS[1], 0, -1)`

/** Where an account's tombstones are kept, and told of. */
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
    if (id === undefined) return // somebody else's
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
