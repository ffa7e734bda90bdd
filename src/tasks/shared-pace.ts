// The queue of all processes for queries of speech tasks: Redis holds the time of the next free turn.
import type { Redis } from '../cache/redis.js'
import { type Queue, SPACING_MS } from './pace.js'

/** Longer than any deadline. Whatever Redis holds, nobody waits longer. */
const MAX_WAIT_MS = 600_000

// A turn that would be too late is not taken. A value that is not a time counts as none.
const ENTER = `
local key = unpack(KEYS)
local mostMs, spacingMs, maxWaitMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local waitMs = math.ceil((tonumber(redis.pcall('GET', key)) or 0) - nowMs)
if not (waitMs > 0 and waitMs <= maxWaitMs) then waitMs = 0 end
if waitMs < mostMs then
  redis.call('SET', key, string.format('%.0f', nowMs + waitMs + spacingMs), 'PX', waitMs + spacingMs)
end
return waitMs`

/** `prefix`: what all keys of the account begin with. */
export function createQueue(redis: Pick<Redis, 'run'>, prefix: string): Queue {
  return async (mostMs) => {
    const values = [Math.max(0, Math.floor(mostMs)), SPACING_MS, MAX_WAIT_MS].map(String)
    const waitMs = await redis.run(ENTER, [`${prefix}:tasks:pace`], values)
    return typeof waitMs === 'number' && waitMs >= 0 ? waitMs : undefined
  }
}
