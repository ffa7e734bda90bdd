// What processes share, where there is a Redis: answers, deletions, the day's budget, turns, keys and tickets. Without one each
// process has its own.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { MAX_LEASE_MS } from '../cache/lease.js'
import { createLedger } from '../cache/ledger.js'
import { createOnce, type Once } from '../cache/once.js'
import type { OutcomeSource } from '../cache/outcome.js'
import { createRedis, type Redis } from '../cache/redis.js'
import { createShared } from '../cache/shared.js'
import { createSpend, type Spend } from '../cache/spend.js'
import { createTombstones, type Tombstones, toTombstonesKey } from '../cache/tombstones.js'
import { allowsHttp, parseLink } from '../client/link.js'
import { after, clock } from '../clock.js'
import type { Config } from '../config/config.js'
import type { Log, Notice } from '../log.js'
import type { SharedKeys } from '../tasks/keys.js'
import type { Queue } from '../tasks/pace.js'
import { createSharedKeys } from '../tasks/shared-keys.js'
import { createQueue } from '../tasks/shared-pace.js'
import { createTurns, type Turns } from '../tasks/turns.js'
import { type Account, type Prefixes, toPrefixes } from './account.js'

export type Sharing = {
  readonly prefixes: Prefixes
  readonly redis: Redis | undefined
  readonly spend: Spend | undefined
  readonly tombstones: Tombstones
  readonly once: Once
  /** Puts the tier that processes share before a source of answers. */
  readonly share: ((source: OutcomeSource) => OutcomeSource) | undefined
  readonly turns: Turns | undefined
  readonly queue: Queue | undefined
  readonly keys: SharedKeys | undefined
}

export function createSharing(
  config: Config,
  account: Account,
  notes: { readonly log: Log; readonly notice: Notice },
): Sharing {
  const prefixes = toPrefixes(config, account)
  const { account: prefix, entries: entryPrefix } = prefixes
  const redis = config.redisUrl && createRedis(config.redisUrl.reveal(), notes, { prefix })
  const doubtMs = config.upstreamTimeoutMs
  return {
    prefixes,
    redis,
    spend: createBudget(config, prefix, redis),
    tombstones: createTombstones(clock, redis && { redis, prefix, entryPrefix, doubtMs }),
    once: createOnce(clock.nowMs, redis && { redis, prefix: `${prefix}:once`, toOwner: randomUUID }),
    share: redis && shareAnswers(redis, config, account, prefixes),
    turns: redis && shareTurns(redis, config, prefix),
    queue: redis && createQueue(redis, prefix),
    keys: redis && shareKeys(redis, config, prefix),
  }
}

/** The day's budget, if there is a limit. */
function createBudget(
  { spendLimitMicroUsd, priceMicroUsd }: Config,
  prefix: string,
  redis: Redis | undefined,
): Spend | undefined {
  if (spendLimitMicroUsd === undefined) return undefined
  const ledger = redis && createLedger(redis, { prefix, owner: randomUUID() })
  return createSpend({ nowMs: clock.nowMs, ledger }, { limitMicroUsd: spendLimitMicroUsd, priceMicroUsd })
}

function shareAnswers(
  redis: Redis,
  { upstreamTimeoutMs }: Config,
  { baseUrl }: Account,
  { account, entries }: Prefixes,
): (source: OutcomeSource) => OutcomeSource {
  const allowHttp = allowsHttp(baseUrl)
  const isLink = (link: string) => parseLink(link, { allowHttp }) !== null
  // A process that waited for one that died must have time left to ask by itself.
  const leaseMs = Math.floor(Math.min(MAX_LEASE_MS, upstreamTimeoutMs / 2))
  const options = { prefix: entries, leaseMs, tombstonesKey: toTombstonesKey(account) }
  return (source) => createShared(source, { redis, clock, owner: randomUUID(), isLink }, options)
}

/** Whose turn it is to ask about a task. Processes that poll at different intervals agree all the same. */
function shareTurns(redis: Redis, { taskPollMs }: Config, prefix: string): Turns {
  // However long a poll may take, a process that waits for one that died goes on within an interval.
  const leaseMs = Math.min(MAX_LEASE_MS, taskPollMs)
  return createTurns(redis, after, { prefix, owner: randomUUID(), leaseMs })
}

/** Longer than Redis is not asked after it has been silent. */
const SILENCE_MS = 3000

/** What was created under which key. */
function shareKeys(redis: Redis, { upstreamTimeoutMs }: Config, prefix: string): SharedKeys {
  // The file that is to be spoken may have to be looked up first.
  const patienceMs = 2 * upstreamTimeoutMs + 1000
  return createSharedKeys(
    { redis, monotonicMs: clock.monotonicMs, delay, owner: randomUUID() },
    { prefix, patienceMs, silenceMs: SILENCE_MS },
  )
}
