// What a request leaves behind must be garbage at once. If anything old holds it, it grows old as well, and only a full
// collection takes it away: that doubles the work of each look-up.
import { expect, it } from 'vitest'
import { createCache } from '../src/cache/cache.js'
import { createTombstones } from '../src/cache/tombstones.js'
import type { FileId } from '../src/file.js'
import { createWire } from '../src/wire/wire.js'
import { startUpstream } from './bench/upstream.js'
import { collect } from './helpers/collect.js'
import { createAsker, createFile } from './helpers/source.js'

const OPERATIONS = 4000
const AT_A_TIME = 32

async function run(operate: (turn: number) => Promise<unknown>): Promise<void> {
  let turn = 0
  const loop = async () => {
    while (turn < OPERATIONS) await operate(turn++)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, loop))
}

/** Bytes of each operation that a young generation's collection does not take away. */
async function measure(operate: (turn: number) => Promise<unknown>): Promise<number> {
  await run(operate)
  collect()
  const before = process.memoryUsage().heapUsed
  await run(operate)
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  return (process.memoryUsage().heapUsed - before) / OPERATIONS
}

it('keeps nothing of a look-up that is not to be reused', async () => {
  const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }
  const lifetimes = { ttlMs: 0, notFoundMs: 0, linkMinValidityMs: 0 }
  const cache = createCache(
    (id) => new Promise((resolve) => setImmediate(resolve, createFile(id))),
    { clock, count() {}, tombstones: createTombstones(clock) },
    { ...lifetimes, maxEntries: 10, timeoutMs: 10_000 },
  )
  const find = (turn: number) =>
    cache.find(String(335_560_000_000_000 + turn) as FileId, {
      asker: createAsker(),
      meter: { sent() {}, refunded() {} },
    })
  expect(await measure(find)).toBeLessThan(200)
})

it('keeps nothing of a request that was answered', async () => {
  const upstream = await startUpstream()
  const wire = createWire(new URL(upstream.url), { attemptTimeoutMs: 60_000 })
  const get = (turn: number) =>
    wire.get(`/?file_id=${turn + 1}`, {
      deadlineMs: performance.now() + 60_000,
      stop: undefined,
      onTurn() {},
      onSent() {},
    })
  expect(await measure(get)).toBeLessThan(400)
  await wire.close()
  upstream.close()
})
