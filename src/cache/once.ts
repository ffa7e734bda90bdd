// Things that only one may have: the first in this process and, with Redis, in all of them.
import type { Redis } from './redis.js'

export type Once = {
  /** Takes it until then, for whoever asks first. `undefined`: somebody has it. */
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
}

// Key: what is taken. Value: for how long.
const TAKE = `
return redis.call('SET', KEYS[1], 'taken', 'NX', 'PX', ARGV[1]) and 1 or 0`

const GIVE_BACK = `
return redis.call('DEL', KEYS[1])`

/** While Redis is out of reach, each process knows of itself alone. */
export function createOnce(nowMs: () => number, shared?: Shared): Once {
  const taken = new Map<string, number>()

  /** Of those that were taken first: later ones end later, or hardly sooner. */
  function forget(): void {
    for (const [key, untilMs] of taken) {
      if (untilMs > nowMs()) return
      taken.delete(key)
    }
  }

  async function isElsewhere(key: string, lifeMs: number, { redis, prefix }: Shared): Promise<boolean> {
    return (await redis.run(TAKE, [`${prefix}:${key}`], [String(lifeMs)])) === 0
  }

  return {
    take: async (key, untilMs) => {
      forget()
      const lifeMs = Math.ceil(untilMs - nowMs())
      if (lifeMs <= 0 || (taken.get(key) ?? 0) > nowMs()) return undefined
      taken.set(key, untilMs)
      if (shared && (await isElsewhere(key, lifeMs, shared))) return undefined
      return {
        giveBack: async () => {
          taken.delete(key)
          if (shared) await shared.redis.run(GIVE_BACK, [`${shared.prefix}:${key}`], [])
        },
      }
    },
  }
}
