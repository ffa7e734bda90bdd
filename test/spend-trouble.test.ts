// The day's limit in trouble of every kind at once: whatever Redis and three processes do, no more than the limit is
// paid, and in the end little less.
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLedger } from '../src/cache/ledger.js'
import { createSpend } from '../src/cache/spend.js'
import { openRedis, startRedis, withoutRedis } from './helpers/redis.js'
import { createFakeClock, createLookup } from './helpers/source.js'

const PRICE = 4000
const STEPS = 80

/** The same numbers for the same seed: 0 ≤ x < 1. */
function createRandom(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

async function startTrouble(limit: number, random: () => number) {
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)] as T
  const server = await startRedis()
  const clock = createFakeClock()
  const asking = new Set<Promise<void>>()
  let owners = 0
  let paid = 0

  async function join() {
    const redis = openRedis(server.url, { restMs: 100 })
    await redis.tried
    const ledger = createLedger(redis, { prefix: 'mff', owner: `process-${++owners}`, reunionMs: 500 })
    const limits = { limitMicroUsd: limit * PRICE, priceMicroUsd: PRICE }
    const spend = createSpend({ nowMs: clock.nowMs, ledger }, limits)
    onTestFinished(() => spend.close())
    return { redis, spend }
  }
  const processes = [await join(), await join(), await join()]

  /** Pays for as much as it gets, and gives back one of them now and then. */
  async function pay({ spend } = pick(processes), count = 1 + Math.floor((random() * limit) / 30)) {
    const got = await Promise.all(Array.from({ length: count }, () => spend.reserve(createLookup())))
    const [first, ...rest] = got.filter((each) => each !== undefined)
    if (first === undefined) return
    paid += 1 + rest.length
    expect(paid).toBeLessThanOrEqual(limit)
    if (random() < 0.7) return
    first.refund()
    paid--
  }

  async function replace(isKilled: boolean): Promise<void> {
    const old = pick(processes)
    if (!isKilled) await old.spend.close()
    await old.redis.close()
    processes[processes.indexOf(old)] = await join()
  }

  const payInBackground = () => {
    const work = pay().finally(() => asking.delete(work))
    asking.add(work)
  }
  const kinds: readonly (() => unknown)[] = [
    ...Array.from({ length: 6 }, () => payInBackground),
    () => server.send('FLUSHALL'),
    () => server.send('DEL', 'mff:spend:2026-09-01'),
    () => replace(true),
    () => replace(false),
    async () => {
      await server.kill()
      await server.start()
    },
    async () => {
      await server.send('CONFIG', 'SET', 'maxmemory', '1')
      payInBackground()
      await delay(20)
      await server.send('CONFIG', 'SET', 'maxmemory', '0')
    },
    async () => {
      server.freeze()
      payInBackground()
      await delay(50)
      server.thaw()
    },
  ]
  return {
    step: async () => {
      await pick(kinds)()
      await delay(random() * 20)
    },
    /** All ask for all that is left, until nobody gets any more. */
    payAll: async () => {
      await Promise.all(asking)
      while (!processes.every(({ spend }) => spend.isUsedUp())) {
        for (const each of processes) await pay(each, limit)
      }
      return paid
    },
  }
}

describe.skipIf(withoutRedis)('a limit in trouble', { timeout: 60_000 }, () => {
  it.each([
    [300, 1],
    [3000, 2],
  ])('of %i requests is never passed, whatever happens (%i)', async (limit, seed) => {
    const trouble = await startTrouble(limit, createRandom(seed))
    for (let count = 0; count < STEPS; count++) await trouble.step()
    // Those who were killed took with them what they had set aside, or were just about to spend.
    expect(await trouble.payAll()).toBeGreaterThan(0.5 * limit)
  })
})
