// Things that only one may have: the first in this process and, with Redis, in all of them.
import type { Redis } from './redis.js'

export type Once = {
  /** Takes what has this key, until a Unix time. `undefined`: somebody has it. */
  take(key: string, untilMs: number): Promise<Taken | undefined>
}

type Taken = {
  /** Somebody else may have it now. */
  giveBack(): Promise<void>
}

type Shared = {
  readonly redis: Redis
  /** What its keys begin with. */
  readonly prefix: string
  /** Names whoever takes something, each time another. */
  readonly toOwner: () => string
}

// Key: what is taken. Values: for how long, and by whom.
const TAKE = `
return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[1]) and 1 or 0`

// Value: who took it. If Redis was out of reach then, somebody else may have taken it since.
const GIVE_BACK = `
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0`

/** So many are kept without a look at which have ended. */
const FEW = 256

/** While Redis is out of reach, each process knows of itself alone. */
export function createOnce(nowMs: () => number, shared?: Shared): Once {
  /** Until when each is taken. */
  const taken = new Map<string, number>()
  let most = FEW

  /** Looks at all of them only when they have doubled since the last time. */
  function forgetEnded(): void {
    if (taken.size < most) return
    for (const [key, untilMs] of taken) if (untilMs <= nowMs()) taken.delete(key)
    most = Math.max(FEW, 2 * taken.size)
  }

  return {
    take: async (key, untilMs) => {
      const lifeMs = Math.ceil(untilMs - nowMs())
      if (lifeMs <= 0 || (taken.get(key) ?? 0) > nowMs()) return undefined
      forgetEnded()
      taken.set(key, untilMs)
      const free = shared ? await takeShared(shared, key, lifeMs) : async () => {}
      if (free === undefined) {
        taken.delete(key) // who has it may give it back
        return undefined
      }
      return {
        giveBack: async () => {
          taken.delete(key)
          await free()
        },
      }
    },
  }
}

/** How to give it back; `undefined` if another process has it. */
async function takeShared(
  { redis, prefix, toOwner }: Shared,
  key: string,
  lifeMs: number,
): Promise<(() => Promise<unknown>) | undefined> {
  const keys = [`${prefix}:${key}`]
  const owner = toOwner()
  if ((await redis.run(TAKE, keys, [String(lifeMs), owner])) === 0) return undefined
  return () => redis.run(GIVE_BACK, keys, [owner])
}
