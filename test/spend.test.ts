// The day's budget, of one process and of several.
import { describe, expect, it } from 'vitest'
import { createSpend, type Ledger, type Spend } from '../src/cache/spend.js'
import { FileError } from '../src/errors.js'
import { startClient } from './helpers/faults.js'
import { PATIENT } from './helpers/patience.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { openRedis, startRedis, withoutRedis } from './helpers/redis.js'
import { createFakeClock } from './helpers/source.js'
import { holdTime } from './helpers/time.js'

const PRICE = 4000
const PREFIX = 'mff:1:test'
const HOUR = 3_600_000

function open(calls: number, ledger?: Ledger, clock = createFakeClock()) {
  const limits = { limitMicroUsd: calls * PRICE + 1, priceMicroUsd: PRICE }
  const spend = createSpend({ nowMs: clock.nowMs, ledger }, limits)
  return { spend, clock }
}

/** How many of so many requests at the same time get their price. */
async function reserve(spend: Spend, count: number) {
  const reservations = await Promise.all(Array.from({ length: count }, () => spend.reserve()))
  return reservations.filter((each) => each !== undefined)
}

const count = async (spend: Spend, wanted = 10) => (await reserve(spend, wanted)).length

describe('the budget of one process', () => {
  it('lets exactly so many requests through, however they come', async () => {
    expect(await count(open(5).spend, 50)).toBe(5)
    const { spend } = open(5)
    const counts = [await count(spend, 3), await count(spend, 3), await count(spend, 3)]
    expect(counts).toEqual([3, 2, 0])
  })

  it('holds again what was given back', async () => {
    const { spend } = open(5)
    const [first] = await reserve(spend, 5)
    expect(await count(spend)).toBe(0)
    first?.refund()
    expect(await count(spend)).toBe(1)
  })

  it('is full again at midnight UTC, and says how long that is', async () => {
    const { spend, clock } = open(2)
    clock.pass(23 * HOUR)
    expect(await count(spend)).toBe(2)
    expect(spend.secondsLeft()).toBe(3600)
    clock.pass(HOUR - 1)
    expect([await count(spend), spend.secondsLeft()]).toEqual([0, 1])
    clock.pass(1)
    expect([await count(spend), spend.secondsLeft()]).toEqual([2, 86_400])
  })

  it('is not full again when the clock is set back and forth', async () => {
    const { spend, clock } = open(2)
    expect(await count(spend)).toBe(2)
    clock.set(-HOUR)
    expect(await count(spend)).toBe(2)
    clock.set(HOUR)
    expect(await count(spend)).toBe(0)
  })

  it('leaves yesterday what was reserved then and given back today', async () => {
    const { spend, clock } = open(2)
    const [first] = await reserve(spend, 1)
    clock.pass(24 * HOUR)
    first?.refund()
    expect(await count(spend)).toBe(2)
  })

  it.each([
    ['nothing is allowed', 0, PRICE, 0],
    ['the price is more than the limit', PRICE - 1, PRICE, 0],
    ['nothing has a price', 0, 0, 10],
  ])('where %s', async (_, limitMicroUsd, priceMicroUsd, expected) => {
    const spend = createSpend({ nowMs: Date.now }, { limitMicroUsd, priceMicroUsd })
    expect(await count(spend)).toBe(expected)
  })
})

describe.skipIf(withoutRedis)('the budget of several processes', () => {
  async function start(calls: number, processes: number) {
    const server = await startRedis()
    const opened = await Promise.all(
      Array.from({ length: processes }, async (_, index) => {
        const redis = openRedis(server.url, { ...PATIENT, restMs: 200 })
        await redis.tried
        return { ...open(calls, { redis, prefix: PREFIX, owner: `process-${index}` }), redis }
      }),
    )
    const [one, two] = opened.map(({ spend }) => spend) as [Spend, Spend]
    return { server, opened, one, two, date: '2026-09-01' }
  }

  it('lets exactly so many requests through, at the same time as well', async () => {
    const { opened, server, date } = await start(50, 4)
    const counts = await Promise.all(opened.map(({ spend }) => count(spend, 40)))
    expect(counts.reduce((sum, each) => sum + each)).toBe(50)
    const ledger = await server.send('HVALS', `${PREFIX}:spend:${date}`)
    expect((ledger as string[]).reduce((sum, each) => sum + Number(each), 0)).toBe(50 * PRICE)
    expect(await server.send('PTTL', `${PREFIX}:spend:${date}`)).toBeGreaterThan(24 * HOUR)
  })

  it('holds for all what one gives back', async () => {
    const { one, two } = await start(5, 2)
    const [first] = await reserve(one, 5)
    expect(await count(two)).toBe(0)
    first?.refund()
    await expect.poll(() => count(two)).toBe(1)
  })

  it('goes on with what each knows while Redis is gone, and is told of it afterwards', async () => {
    const { one, two, opened, server } = await start(10, 2)
    expect([await count(one, 3), await count(two, 1)]).toEqual([3, 1])
    await server.kill()
    await expect.poll(() => opened.some(({ redis }) => redis.isWell())).toBe(false)
    // The first knows of its own three; the second of these and its own.
    expect(await count(two, 2)).toBe(2)
    await server.start()
    await expect.poll(() => opened.every(({ redis }) => redis.isWell())).toBe(true)
    expect(await count(two, 0)).toBe(0)
    expect(await count(two, 1)).toBe(1)
    // All that Redis had known is gone with it, and is there again as soon as each has asked.
    expect(await count(one, 100)).toBe(3)
    expect(await count(two, 100)).toBe(0)
  })

  it('is not full again when Redis forgets', async () => {
    const { one, two, server } = await start(10, 2)
    expect([await count(one, 5), await count(two, 2)]).toEqual([5, 2])
    for (const _ of [1, 2]) {
      await server.send('FLUSHALL')
      // The second knows of the first one's five, and goes on knowing it, though the ledger says nothing of them yet.
      expect(await count(two, 1)).toBe(1)
    }
    expect([await count(two, 10), await count(one, 10)]).toEqual([1, 0])
  })

  it('is asked nothing of a Redis that has not answered, and of no other ledger', async () => {
    const time = holdTime()
    const { one, server, date, opened } = await start(5, 1)
    await server.send('SET', `${PREFIX}:spend:${date}`, 'no ledger')
    expect(await count(one, 2)).toBe(2)
    server.freeze()
    const unanswered = opened[0]?.redis.run('return 1', [], [])
    await time.pass(PATIENT.deadlineMs)
    expect(await unanswered).toBeUndefined()
    // Without any time that passes.
    expect(await count(one)).toBe(3)
  })
})

describe('a client with a budget', () => {
  const found = (id: string) =>
    JSON.stringify({ file: { file_id: Number(id) }, base_resp: { status_code: 0 } })
  const toId = (target: string) => target.split('=').at(-1) ?? ''

  it('makes no call beyond it, and says when there will be more', async () => {
    const peer = await startPeer((socket, { target }) => socket.write(toAnswer(found(toId(target)))))
    const { spend } = open(5)
    const { ask } = startClient(peer.url.href, { spend })
    const endings = await Promise.all(Array.from({ length: 8 }, (_, index) => ask(String(1_000_000 + index))))
    const errors = endings.flatMap(({ error }) => error ?? [])
    expect(errors).toEqual(
      Array(3).fill(new FileError('SPEND_LIMIT_EXCEEDED', { retryAfterSeconds: 86_400, refused: true })),
    )
    expect(peer.requests).toHaveLength(5)
    expect(endings.reduce((sum, { sent }) => sum + sent, 0)).toBe(5)
  })

  it('pays for each attempt, and shows the failure of the last one that it could pay', async () => {
    const peer = await startPeer((socket) => socket.write(toAnswer('', { status: '503 x' })))
    const { ask } = startClient(peer.url.href, { spend: open(2).spend })
    expect((await ask()).error?.code).toBe('UPSTREAM_UNAVAILABLE')
    expect(peer.requests).toHaveLength(2)
    expect((await ask()).error?.code).toBe('SPEND_LIMIT_EXCEEDED')
    expect(peer.requests).toHaveLength(2)
  })

  it('gets back what nothing was sent for', async () => {
    const { spend } = open(5)
    const { ask } = startClient('http://127.0.0.1:1', { spend })
    expect(await ask()).toMatchObject({ error: { code: 'UPSTREAM_UNAVAILABLE' }, sent: 0 })
    expect(await count(spend)).toBe(5)
  })
})
