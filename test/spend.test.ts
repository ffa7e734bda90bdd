// The day's budget, of one process and of several.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createLedger, type Ledger } from '../src/cache/ledger.js'
import type { Redis, RedisOptions } from '../src/cache/redis.js'
import { createSpend, type Spend } from '../src/cache/spend.js'
import { FileError } from '../src/errors.js'
import { startClient } from './helpers/faults.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { launchRedis, openRedis, startRedis, startWay, withoutRedis } from './helpers/redis.js'
import { createFakeClock, createLookup } from './helpers/source.js'

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
  const reservations = await Promise.all(Array.from({ length: count }, () => spend.reserve(createLookup())))
  return reservations.filter((each) => each !== undefined)
}

/** The same, with each request sent. */
async function spendAll(spend: Spend, wanted = 10): Promise<number> {
  const reservations = await reserve(spend, wanted)
  return reservations.filter((each) => each.confirm()).length
}

const count = async (spend: Spend, wanted = 10) => (await reserve(spend, wanted)).length

describe('the budget of one process', () => {
  it('lets exactly so many requests through, however they come', async () => {
    expect(await count(open(5).spend, 50)).toBe(5)
    const { spend } = open(5)
    const counts = [await count(spend, 3), await count(spend, 3), await count(spend, 3)]
    expect(counts).toEqual([3, 2, 0])
  })

  it('answers at once, without a promise', () => {
    const { spend } = open(1)
    expect(spend.reserve(createLookup())).not.toBeInstanceOf(Promise)
    expect(spend.isUsedUp()).toBe(true)
    expect(spend.reserve(createLookup())).toBeUndefined()
  })

  it('holds again what was given back', async () => {
    const { spend } = open(5)
    const [first] = await reserve(spend, 5)
    expect(await count(spend)).toBe(0)
    first?.refund()
    expect(await count(spend)).toBe(1)
  })

  it('says to ask again soon while what is reserved may come back, and at midnight once it is spent', async () => {
    const { spend } = open(5)
    const [first, second, ...others] = await reserve(spend, 5)
    for (const each of others) each.confirm()
    expect([await count(spend), spend.secondsLeft(), spend.secondsLeft(2 * PRICE)]).toEqual([0, 2, 2])
    expect(spend.secondsLeft(3 * PRICE)).toBe(86_400)
    first?.confirm()
    expect([spend.secondsLeft(), spend.secondsLeft(2 * PRICE)]).toEqual([2, 86_400])
    second?.refund()
    expect([await count(spend, 1), spend.secondsLeft()]).toEqual([1, 2])
    const { spend: dear } = open(5)
    const reservation = dear.reserve(createLookup(), 5 * PRICE) as typeof first
    reservation?.confirm() // what it makes may turn out to cost less
    expect(dear.secondsLeft()).toBe(2)
    reservation?.refund(0)
    expect(dear.secondsLeft()).toBe(86_400)
  })

  it('takes requests of several prices, each while there is room for it', () => {
    const { spend } = open(10)
    expect(spend.reserve(createLookup(), 6 * PRICE)).toBeDefined()
    expect(spend.reserve(createLookup(), 5 * PRICE)).toBeUndefined()
    const dear = spend.reserve(createLookup(), 3 * PRICE) as { refund(microUsd?: number): void }
    expect([spend.reserve(createLookup()), spend.reserve(createLookup())].map(Boolean)).toEqual([true, false])
    dear.refund(PRICE)
    dear.refund(PRICE)
    expect([spend.reserve(createLookup()), spend.reserve(createLookup())].map(Boolean)).toEqual([true, false])
  })

  it('lets what costs nothing through, though it is used up', () => {
    const { spend } = open(0)
    const free = spend.reserve(createLookup(), 0) as { confirm(): boolean }
    expect([spend.reserve(createLookup()), free.confirm()]).toEqual([undefined, true])
  })

  it('is full again at midnight UTC, and says how long that is', async () => {
    const { spend, clock } = open(2)
    clock.pass(23 * HOUR)
    expect(await spendAll(spend)).toBe(2)
    expect(spend.secondsLeft()).toBe(3600)
    clock.pass(HOUR - 1)
    expect([await count(spend), spend.secondsLeft()]).toEqual([0, 1])
    clock.pass(1)
    expect([await spendAll(spend), spend.secondsLeft()]).toEqual([2, 86_400])
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

  it('takes a call for the day on which it is sent', async () => {
    const { spend, clock } = open(2)
    clock.pass(24 * HOUR - 1)
    const [sent, queued] = await reserve(spend, 2)
    expect(sent?.confirm()).toBe(true)
    clock.pass(1)
    expect(queued?.confirm()).toBe(false)
    expect(await count(spend)).toBe(2)
    clock.set(-1)
    expect(await count(spend)).toBe(1) // it was given back when its day was over
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

describe('a budget with a ledger', () => {
  const openAnswer = { heldMicroUsd: PRICE, others: new Map(), isOpen: true }

  /** Answers as the test says. */
  function openFake(answers: readonly Awaited<ReturnType<Ledger['claim']>>[]) {
    const claims: string[] = []
    const ledger: Ledger = {
      claim: async (date) => answers[claims.push(date) - 1],
      listen: () => {},
    }
    return { ...open(1, ledger), claims }
  }

  it('asks again when a ledger opens later, though nobody waits', async () => {
    const { spend, claims } = openFake([{ ...openAnswer, isOpen: false }, openAnswer])
    const lookup = { stop: undefined as (() => void) | undefined }
    const reservation = spend.reserve(lookup)
    lookup.stop?.()
    expect(await reservation).toBeUndefined()
    await expect.poll(() => claims).toHaveLength(2)
  })

  it('reports what it knows when it is asked to, until the report has arrived', async () => {
    const reports: boolean[] = []
    let hear = (_message: string) => {}
    const redis: Redis = {
      run: async (_script, _keys, values) =>
        reports.push(values.includes('asked')) > 1 ? [0, 1, []] : undefined,
      isWell: () => true,
      listen: (_channel, onMessage) => {
        hear = onMessage
      },
      onUp: () => {},
      tried: Promise.resolve(),
      close: async () => {},
    }
    const { spend } = open(1, createLedger(redis, { prefix: PREFIX, owner: 'one' }))
    hear('')
    expect([await count(spend, 1), await count(spend, 1)]).toEqual([0, 0])
    expect(reports).toEqual([true, true, false])
  })

  it('asks for the new day what was asked for right before midnight', async () => {
    const { spend, clock, claims } = openFake([{ ...openAnswer, heldMicroUsd: 0 }, openAnswer])
    clock.pass(24 * HOUR - 1)
    const reservation = spend.reserve(createLookup())
    clock.pass(1)
    expect((await reservation)?.confirm()).toBe(true)
    expect(claims).toEqual(['2026-09-01', '2026-09-02'])
  })
})

describe.skipIf(withoutRedis)('the budget of several processes', () => {
  type Server = Awaited<ReturnType<typeof startRedis>>
  type Options = { readonly calls?: number; readonly reunionMs?: number; readonly connect?: RedisOptions }

  let owners = 0
  // For the tests at the end, which need a Redis that has been up for long. The others run meanwhile.
  let first: Awaited<ReturnType<typeof launchRedis>>
  let second: typeof first
  beforeAll(async () => {
    first = await launchRedis()
    second = await launchRedis({ dbfilename: 'kept.rdb' })
  })
  afterAll(() => Promise.all([first?.stop(), second?.stop()]))

  /** One more process. It has seen the ledger when this resolves. */
  async function join(
    { url }: Pick<Server, 'url'>,
    { calls = 10, reunionMs = 0, connect = {} }: Options = {},
    clock = createFakeClock(),
  ) {
    // Patient where time is not the point: the machine may be busy.
    const redis = openRedis(url, { restMs: 100, deadlineMs: 2000, ...connect })
    await redis.tried
    const ledger = createLedger(redis, { prefix: PREFIX, owner: `process-${++owners}`, reunionMs })
    const { spend } = open(calls, ledger, clock)
    onTestFinished(() => spend.close())
    await redis.run('return 1', [], []) // by now the ledger has answered as well
    /** As if it were killed: nothing is given back any more. */
    const kill = () => redis.close()
    return { spend, redis, kill }
  }

  async function start(processes: number, options: Options = {}, running?: Server) {
    const server = running ?? (await startRedis())
    const clock = createFakeClock()
    const joinOne = () => join(server, options, clock)
    const opened: Process[] = []
    // One after the other: the first finds nobody else to wait for, and opens the ledger at once.
    while (opened.length < processes) opened.push(await joinOne())
    const [one, two, three] = opened as [Process, Process, Process]
    return { server, clock, joinOne, opened, one, two, three }
  }

  type Process = Awaited<ReturnType<typeof join>>
  const countAll = async (processes: readonly Process[], wanted = 100) =>
    (await Promise.all(processes.map(({ spend }) => count(spend, wanted)))).reduce((sum, each) => sum + each)
  const isUp = (processes: readonly Process[]) => processes.every(({ redis }) => redis.isWell())
  const ledgerKey = `${PREFIX}:spend:2026-09-01`

  it('lets exactly so many requests through, at the same time as well', async () => {
    const { opened, server } = await start(4, { calls: 50 })
    expect(await countAll(opened, 40)).toBe(50)
    await expect.poll(() => opened.every(({ spend }) => spend.isUsedUp())).toBe(true)
    expect(await server.send('PTTL', ledgerKey)).toBeGreaterThan(24 * HOUR)
  })

  it('lets requests of several prices through to the last micro-dollar', async () => {
    const { opened } = await start(3, { calls: 2200 })
    const DEAR = 700 * PRICE
    const [one, two, three] = opened as [Process, Process, Process]
    // By now each has something set aside.
    for (const { spend } of opened) expect(await count(spend, 30)).toBe(30)
    const take = async ({ spend }: Process, priceMicroUsd: number) =>
      (await spend.reserve(createLookup(), priceMicroUsd)) !== undefined
    expect(await Promise.all([take(one, DEAR), take(two, DEAR), take(three, DEAR)])).toEqual([
      true,
      true,
      true,
    ])
    // 10 calls are left, and what was wanted for more is there for whoever wants less.
    expect(await Promise.all([take(one, DEAR), take(two, 11 * PRICE)])).toEqual([false, false])
    expect(await countAll(opened, 10)).toBe(10)
    expect(await take(one, PRICE)).toBe(false)
  })

  it('holds for all what one gives back', async () => {
    const { one, two } = await start(2)
    const [first] = await reserve(one.spend, 10)
    expect(await count(two.spend)).toBe(0)
    first?.refund()
    first?.refund()
    await expect.poll(() => two.spend.isUsedUp()).toBe(false)
    expect(await count(two.spend)).toBe(1)
  })

  it('tells each when it is used up, though only one has spent', async () => {
    const { one, two } = await start(2)
    expect(await count(one.spend, 9)).toBe(9)
    expect(two.spend.isUsedUp()).toBe(false)
    expect(await count(one.spend, 9)).toBe(1)
    await expect.poll(() => two.spend.isUsedUp()).toBe(true)
  })

  it.each([
    ['everything', ['FLUSHALL']],
    ['the ledger, as an eviction does', ['DEL', ledgerKey]],
    ['what the ledger was', ['SET', ledgerKey, 'no ledger']],
  ])('is not full again when Redis forgets %s', async (_, command) => {
    const { one, two, three, server } = await start(3)
    expect([await count(one.spend, 5), await count(two.spend, 2)]).toEqual([5, 2])
    for (const { spend } of [two, three]) {
      await server.send(...command)
      expect(await count(spend, 1)).toBe(1)
    }
    await server.send(...command)
    expect(await countAll([one, two, three])).toBe(1)
  })

  it('is not full again when Redis forgets, and the one that had spent is gone', async () => {
    const { one, two, three, server } = await start(3)
    expect(await count(one.spend, 6)).toBe(6)
    await one.kill()
    await server.send('FLUSHALL')
    expect(await countAll([two, three])).toBe(4)
  })

  it('is not full again for one that has not heard yet of what Redis forgot', async () => {
    const { one, two, server } = await start(2)
    const first = reserve(one.spend, 6)
    await new Promise((resolve) => process.nextTick(setImmediate, resolve)) // by now it is on its way
    // Our loop reads nothing meanwhile: the second asks before it has heard of the first.
    const flush =
      "require('net').connect(process.argv[1], '127.0.0.1').end('FLUSHALL\\r\\nQUIT\\r\\n').resume()"
    execFileSync(process.execPath, ['-e', flush, new URL(server.url).port])
    const second = reserve(two.spend, 10)
    expect([...(await first), ...(await second)]).toHaveLength(10)
  })

  it('is known to one that came after it was spent, and has asked for nothing yet', async () => {
    const { one, server, joinOne } = await start(1)
    expect(await count(one.spend, 6)).toBe(6)
    const late = await joinOne()
    await one.kill()
    await server.send('FLUSHALL')
    expect(await count(late.spend)).toBe(4)
  })

  it('is neither passed nor out of reach while Redis forgets all the time', async () => {
    const { opened, server } = await start(3, { reunionMs: 500 })
    let isOver = false
    const forget = async () => {
      while (!isOver) await server.send('FLUSHALL')
    }
    const forgetting = forget()
    expect(await countAll(opened, 2)).toBe(6)
    // What two are given at the same time, while both ledgers get lost, may be taken from neither of them.
    let got = await countAll(opened, 4)
    isOver = true
    await forgetting
    await expect.poll(async () => (got += await countAll(opened, 1))).toBe(4)
    expect(await countAll(opened)).toBe(0)
  })

  it('lets nothing through but what is set aside while Redis is gone, and goes on with it afterwards', async () => {
    const { one, two, opened, server } = await start(2, { calls: 1000 })
    expect([await spendAll(one.spend, 300), await count(two.spend, 1)]).toEqual([300, 1])
    await server.kill()
    await expect.poll(() => isUp(opened)).toBe(false)
    // A part in 128 of the 700 that were left; the other has not spent enough to set more than one aside.
    expect([await spendAll(one.spend), await count(two.spend)]).toEqual([5, 1])
    expect(one.spend.secondsLeft()).toBe(2)
    await server.start()
    await expect.poll(() => isUp(opened)).toBe(true)
    expect(await count(two.spend, 600)).toBe(600)
    expect((await Promise.all(opened.map(({ spend }) => spendAll(spend, 200)))).reduce((a, b) => a + b)).toBe(
      1000 - 300 - 1 - 6 - 600,
    )
    expect(one.spend.secondsLeft()).toBeGreaterThan(80_000)
  })

  it('is taken from what is set aside, without waiting for Redis', async () => {
    const { one } = await start(1, { calls: 1000 })
    expect(await count(one.spend, 300)).toBe(300)
    for (let time = 0; time < 20; time++) {
      const reservation = one.spend.reserve(createLookup())
      expect(reservation).toBeDefined()
      expect(reservation).not.toBeInstanceOf(Promise)
      await one.redis.run('return 1', [], []) // by now there is more again
    }
  })

  it('gets back what is set aside when little is left, and when its owner stops', async () => {
    const { one, two, three, server } = await start(3, { calls: 1000 })
    expect([await count(one.spend, 300), await count(two.spend, 300)]).toEqual([300, 300])
    await one.spend.close()
    expect(String(await server.send('HVALS', ledgerKey))).toContain(`:${300 * PRICE}`)
    expect(await count(one.spend)).toBe(0)
    let got = await count(three.spend, 390)
    await expect.poll(async () => (got += await count(three.spend, 10))).toBe(400)
    expect(await count(two.spend)).toBe(0)
  })

  it('holds for processes that have limits of their own', async () => {
    const { one, server, joinOne, clock } = await start(1)
    const frugal = await join(server, { calls: 5 }, clock)
    expect([await count(frugal.spend, 3), await count(one.spend, 6)]).toEqual([3, 6])
    expect([await count(frugal.spend, 3), frugal.spend.isUsedUp()]).toEqual([0, true])
    expect(await count((await joinOne()).spend)).toBe(1)
  })

  it.each([
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    ['is a replica', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [
      'refuses us',
      ['ACL', 'SETUSER', 'default', 'resetchannels'],
      ['ACL', 'SETUSER', 'default', 'allchannels'],
    ],
  ])('lets nothing through while Redis %s', async (_, ill, well) => {
    const { one, two, three, opened, server } = await start(3)
    expect(await count(one.spend, 6)).toBe(6)
    await server.send(...ill)
    expect(await countAll([one, two, three])).toBe(0)
    expect(one.spend.isUsedUp()).toBe(false)
    await server.send(...well)
    await expect.poll(() => isUp(opened), { timeout: 5000 }).toBe(true)
    expect(await countAll(opened)).toBe(4)
  })

  it('is not paid twice when a Redis that hung does what nobody waits for any more', async () => {
    const { one, two, server, opened } = await start(2, { connect: { deadlineMs: 50 } })
    expect(await count(one.spend, 2)).toBe(2)
    server.freeze()
    const refused = countAll(opened, 8)
    expect(await refused).toBe(0)
    server.thaw()
    await expect.poll(() => isUp(opened)).toBe(true)
    expect(await countAll([two, one])).toBe(8)
  })

  it('is not changed by what a process asked on an earlier connection, and comes late', async () => {
    const server = await startRedis()
    const openLedger = async () => {
      const redis = openRedis(server.url, { deadlineMs: 2000 })
      await redis.tried
      return createLedger(redis, { prefix: PREFIX, owner: 'one', reunionMs: 0 })
    }
    const [now, late] = [await openLedger(), await openLedger()]
    const claim = { keptMicroUsd: 0, limitMicroUsd: 10, known: new Map() }
    const hold = (ledger: Ledger, wishedMicroUsd: number) =>
      ledger.claim('2026-09-01', { ...claim, wishedMicroUsd })
    await expect.poll(() => hold(now, 3)).toMatchObject({ heldMicroUsd: 3, isOpen: true })
    expect(await hold(now, 5)).toMatchObject({ heldMicroUsd: 5 })
    expect(await hold(late, 1)).toBeUndefined()
    expect(await server.send('HGET', ledgerKey, 'one')).toMatch(/:5$/)
  })

  it('keeps nobody waiting who has left', async () => {
    const { one, server } = await start(1)
    await server.kill()
    const lookups = Array.from({ length: 3 }, () => ({ stop: undefined as (() => void) | undefined }))
    const waiting = lookups.map((lookup) => one.spend.reserve(lookup))
    for (const { stop } of lookups) stop?.()
    expect(await Promise.all(waiting)).toEqual([undefined, undefined, undefined])
  })

  it('gives the new day no call that was reserved on the old one, however long the queue', async () => {
    const { opened, clock } = await start(3, { calls: 64 })
    clock.pass(24 * HOUR - 1)
    const queued = await Promise.all(opened.map(({ spend }) => reserve(spend, 32)))
    expect(queued.flat()).toHaveLength(64)
    const [before, after] = [queued.flat().slice(0, 20), queued.flat().slice(20)]
    expect(before.map((each) => each.confirm())).toEqual(Array(20).fill(true))
    clock.pass(1)
    expect(after.map((each) => each.confirm())).toEqual(Array(44).fill(false))
    const anew = await Promise.all(opened.map(({ spend }) => reserve(spend, 40)))
    expect(anew.flat()).toHaveLength(64)
    expect(anew.flat().every((each) => each.confirm())).toBe(true)
    // What was given back at midnight is the old day's.
    for (const each of after) each.refund()
    expect(await countAll(opened)).toBe(0)
    clock.set(-1)
    expect(await countAll(opened)).toBe(44)
  })

  describe('on a Redis that has been up for long', () => {
    // Until nobody can still be on the way back to it. The tests that kill one come last, each with its own.
    const empty = async (server: Server) => {
      const upSeconds = async () =>
        Number(/uptime_in_seconds:(\d+)/.exec(String(await server.send('INFO', 'server')))?.[1])
      await expect.poll(upSeconds).toBeGreaterThanOrEqual(4)
      await server.send('FLUSHALL')
      return server
    }

    it('is told to one that comes after Redis forgot, by one that lives', async () => {
      const { one, server, joinOne } = await start(2, { reunionMs: 500 }, await empty(first))
      expect(await count(one.spend, 6)).toBe(6)
      await one.kill()
      await server.send('FLUSHALL')
      const late = await joinOne()
      expect(await count(late.spend)).toBe(4)
    })

    it('is told to one that comes back after Redis forgot what was spent meanwhile', async () => {
      const { one, server, clock } = await start(2, { reunionMs: 500 }, await empty(first))
      const way = await startWay(server, {})
      const away = await join(way, { reunionMs: 500 }, clock)
      expect(await count(away.spend, 1)).toBe(1)
      for (const socket of way.open) socket.destroy()
      expect(await count(one.spend, 6)).toBe(6)
      await one.kill()
      await server.send('FLUSHALL')
      await expect.poll(() => isUp([away])).toBe(true)
      expect(await count(away.spend)).toBe(3)
    })

    it('is not full again after Redis was killed, whoever comes back first, or comes anew', async () => {
      const { one, two, three, server, joinOne } = await start(3, { reunionMs: 3000 }, await empty(first))
      expect([await count(one.spend, 3), await count(two.spend, 3)]).toEqual([3, 3])
      await one.kill()
      await server.kill()
      await expect.poll(() => isUp([two, three])).toBe(false)
      await server.start()
      const anew = await joinOne()
      expect(await countAll([anew, three, two])).toBe(4)
    })

    it('is not full again after Redis came back with what it had known long ago', async () => {
      const { one, two, server, joinOne } = await start(2, { reunionMs: 3000 }, await empty(second))
      expect(await count(one.spend, 2)).toBe(2)
      await server.send('SAVE')
      expect(await count(one.spend, 5)).toBe(5)
      await two.redis.run('return 1', [], []) // by now it has heard of that: Redis tells the one who asked first
      await one.kill()
      await server.kill()
      await server.start()
      const anew = await joinOne()
      expect(await countAll([anew, two])).toBe(3)
    })
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
