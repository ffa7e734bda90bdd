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
  /** Names whoever takes something, each time another. */
  readonly toOwner: () => string
}

// Key: what is taken. Values: for how long, and by whom.
const TAKE = `
return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[1]) and 1 or 0`

// Value: who took it. Somebody else may have it by now, who came while Redis was out of reach for the first.
const GIVE_BACK = `
return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0`

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

  return {
    take: async (key, untilMs) => {
      forget()
      const lifeMs = Math.ceil(untilMs - nowMs())
      if (lifeMs <= 0 || (taken.get(key) ?? 0) > nowMs()) return undefined
      taken.set(key, untilMs)
      const at = [`${shared?.prefix}:${key}`]
      const owner = shared?.toOwner() ?? ''
      if ((await shared?.redis.run(TAKE, at, [String(lifeMs), owner])) === 0) {
        taken.delete(key) // who has it may give it back
        return undefined
      }
      return {
        giveBack: async () => {
          taken.delete(key)
          await shared?.redis.run(GIVE_BACK, at, [owner])
        },
      }
    },
  }
}
