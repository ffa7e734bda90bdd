// Several processes on one Redis pay for a file once between them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeEntry, toPrefix } from '../src/cache/entry.js'
import type { Outcome } from '../src/cache/outcome.js'
import type { Redis } from '../src/cache/redis.js'
import { FileError } from '../src/errors.js'
import { eventually } from './helpers/faults.js'
import { createInstance, createSource, ID, openInstance, PREFIX, toOutcome } from './helpers/instances.js'
import { launchRedis, type RedisServer, startRedis, startWay, withoutRedis } from './helpers/redis.js'
import { createLookup } from './helpers/source.js'
import { holdTime } from './helpers/time.js'

const KEY = `${PREFIX}:${ID}`
const IN_FORCE = { deadlineMs: 50 }
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

const said504 = { httpStatus: 504, statusCode: null, statusMessage: null, traceId: null }
const timeout = new FileError('UPSTREAM_TIMEOUT', { upstream: said504 })

type Answer = Parameters<typeof createSource>[0]
type Options = Parameters<typeof openInstance>[2]

let common: Awaited<ReturnType<typeof launchRedis>>
beforeAll(async () => {
  if (!withoutRedis) common = await launchRedis()
})
afterAll(() => common?.stop())

/** A server that nobody breaks, empty; so many processes on it, and one source behind all of them. */
async function start(count: number, answer?: Answer, options?: Options) {
  await common.send('FLUSHALL')
  return startOn(common, count, answer, options)
}

/** The same on a server that the test may break. */
async function startAlone(count: number, answer?: Answer, options?: Options) {
  return startOn(await startRedis(), count, answer, options)
}

async function startOn(server: RedisServer, count: number, answer?: Answer, options: Options = {}) {
  const { source, gate, ...seen } = createSource(answer)
  const instances = await Promise.all(times(count, () => openInstance(server.url, source, options)))
  const [first, second] = instances as [Instance, Instance]
  /** At the same time: nobody is answered before all have looked. */
  const lookUpAll = (id?: string) => {
    gate.open = Promise.all(instances.map(({ looked }) => looked()))
    return Promise.all(instances.map(({ lookUp }) => lookUp(id)))
  }
  return { server, source, ...seen, instances, first, second, lookUpAll }
}

type Instance = Awaited<ReturnType<typeof openInstance>>

const store = ({ send }: RedisServer, outcome: Outcome, ms = 60_000) =>
  send('SET', KEY, encodeEntry(outcome), 'PX', String(ms))
const kept = async ({ send }: RedisServer) => (await send('KEYS', '*')) as string[]
const said = (endings: readonly { said: unknown }[]) => [...new Set(endings.map((ending) => ending.said))]

describe.skipIf(withoutRedis)('the shared tier', () => {
  it('gives what another process has asked for, with the same times', async () => {
    const { asked, first, second } = await start(2)
    const paid = await first.lookUp()
    const reused = await second.lookUp()
    expect([paid.sent, reused.sent, asked.length]).toEqual([1, 0, 1])
    expect(reused.outcome).toEqual({
      ...paid.outcome,
      origin: expect.stringMatching(/^(shared|joined)$/), // the first may not have told the store yet
      freshUntilMs: expect.closeTo(paid.outcome?.freshUntilMs ?? 0, -2),
      staleUntilMs: expect.closeTo(paid.outcome?.staleUntilMs ?? 0, -2),
    })
  })

  it('is asked past where what it has has proved wrong, and then has what is new', async () => {
    const { asked, first, second } = await start(2)
    await first.lookUp()
    const anew = await Promise.all([first, second].map(({ lookUp }) => lookUp(ID, createLookup(), 'wrong')))
    expect(anew.map(({ sent }) => sent).sort()).toEqual([0, 1])
    expect((await second.lookUp()).sent).toBe(0)
    expect(asked).toHaveLength(2)
  })

  it('passes on why a file is asked for anew, which decides what is kept of the answer', async () => {
    const reasons: unknown[] = []
    await common.send('FLUSHALL')
    const { lookUp } = await openInstance(common.url, async (id, _lookup, anew) => {
      reasons.push(anew)
      const nowMs = Date.now()
      const untilMs = anew === 'expected' ? nowMs : nowMs + 60_000
      const answer = new FileError('FILE_NOT_FOUND')
      return toOutcome(id, { answer, freshUntilMs: untilMs, staleUntilMs: untilMs })
    })
    for (const anew of [undefined, 'expected', undefined] as const) await lookUp(ID, createLookup(), anew)
    expect(reasons).toEqual([undefined, 'expected', undefined])
  })

  it('gives a file that is to be there soon to whoever comes when it is there, for one call', async () => {
    const { asked, first, second } = await start(2)
    const paid = await first.lookUp(ID, createLookup(), 'expected')
    const reused = await second.lookUp(ID, createLookup(), 'expected')
    expect([paid.sent, reused.sent, reused.said, asked.length]).toEqual([1, 0, 'a.mp4', 1])
  })

  it('makes one call for eight processes that ask at the same time', async () => {
    const { asked, lookUpAll } = await start(8)
    const endings = await lookUpAll()
    expect(said(endings)).toEqual(['a.mp4'])
    expect(asked).toHaveLength(1)
  })

  it('wakes those who wait as soon as there is an answer', async () => {
    holdTime() // so that nobody asks again
    const { asked, lookUpAll } = await start(3)
    expect(said(await lookUpAll())).toEqual(['a.mp4'])
    expect(asked).toHaveLength(1)
  })

  it('keeps "no such file" for its own time', async () => {
    const missing = new FileError('FILE_NOT_FOUND')
    const until = () => ({ freshUntilMs: Date.now() + 30_000, staleUntilMs: Date.now() + 30_000 })
    const { asked, first, lookUpAll, server } = await start(4, () => ({ answer: missing, ...until() }))
    expect(said([...(await lookUpAll()), await first.lookUp()])).toEqual(['FILE_NOT_FOUND'])
    expect(asked).toHaveLength(1)
    expect(await server.send('PTTL', KEY)).toBeLessThanOrEqual(30_000)
    first.clock.aheadMs = 30_000
    expect((await first.lookUp()).sent).toBe(1)
  })

  it('shares a failure with those who wait, and with nobody who comes later', async () => {
    const upstream = { httpStatus: 200, statusCode: 1002, statusMessage: 'rate limit', traceId: 'a1' }
    const limit = new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 60, upstream })
    const { asked, first, lookUpAll } = await start(4, () => limit)
    const errors = (await lookUpAll()).map(({ error }) => error)
    const { code, retryAfterSeconds } = limit
    for (const error of errors) expect(error).toMatchObject({ code, retryAfterSeconds, upstream })
    // One of them asked.
    expect(errors.map((error) => error?.learnt).sort()).toEqual([false, true, true, true])
    expect(asked).toHaveLength(1)
    await first.lookUp()
    expect(asked).toHaveLength(2)
  })

  it.each<[string, Partial<Outcome>]>([
    ['a.mp4', {}],
    ['FILE_NOT_FOUND', { answer: new FileError('FILE_NOT_FOUND') }],
  ])('shares an answer that may not be reused with those who wait alone: %s', async (name, answer) => {
    const used = { freshUntilMs: 0, staleUntilMs: 0 }
    const { asked, first, lookUpAll, server } = await start(4, () => ({ ...answer, ...used }))
    const endings = await lookUpAll()
    expect(said(endings)).toEqual([name])
    expect(endings.map(({ error }) => error)).toEqual(Array(4).fill(undefined))
    expect(asked).toHaveLength(1)
    expect(Math.max(...endings.map(({ outcome }) => outcome?.freshUntilMs ?? 0))).toBe(0)
    await first.lookUp()
    expect(asked).toHaveLength(2)
    expect(await kept(server)).not.toContain(KEY)
  })

  it('drops a stale answer when the new one may not be reused', async () => {
    const { first, server } = await start(1, () => ({ freshUntilMs: 0, staleUntilMs: 0 }))
    await store(server, toOutcome(ID, { freshUntilMs: 1 }))
    await first.lookUp()
    await eventually(async () => expect(await kept(server)).not.toContain(KEY))
  })

  it('does not share a refusal of one process, such as a full queue', async () => {
    const full = new FileError('UPSTREAM_UNAVAILABLE', { refused: true })
    const { asked, lookUpAll } = await start(3, () => (asked.length === 1 ? full : {}))
    expect((await lookUpAll()).map((ending) => ending.said).sort()).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'a.mp4',
      'a.mp4',
    ])
    expect(asked).toHaveLength(2)
  })

  it.each([
    ['the deadline of one', new FileError('UPSTREAM_TIMEOUT')],
    ['the limit of one', new FileError('SPEND_LIMIT_EXCEEDED', { refused: true })],
    ['a connection of one that broke', new FileError('UPSTREAM_UNAVAILABLE')],
  ])('does not share what is no word of the upstream: %s', async (_, own) => {
    const { asked, lookUpAll } = await start(3, () => (asked.length === 1 ? own : {}))
    expect((await lookUpAll()).map((ending) => ending.said).sort()).toEqual([own.code, 'a.mp4', 'a.mp4'])
    expect(asked).toHaveLength(2)
  })

  it('counts what another process was asking for as joined, and what it had asked for as shared', async () => {
    const { instances, second } = await start(3)
    const origins = (await Promise.all(instances.map(({ lookUp }) => lookUp()))).map(({ origin }) => origin)
    expect(origins.sort()).toEqual(['joined', 'joined', 'upstream'])
    await eventually(async () => expect((await second.lookUp()).origin).toBe('shared'))
  })

  it('gives a stale answer where asking fails in a way that may pass, to those who wait as well', async () => {
    const { asked, lookUpAll, server } = await start(3, () => timeout)
    await store(server, toOutcome(ID, { freshUntilMs: Date.now() - 1000 }))
    const endings = await lookUpAll()
    expect(said(endings)).toEqual(['a.mp4'])
    for (const { outcome } of endings) {
      expect(outcome?.freshUntilMs).toBeLessThan(Date.now())
      expect(outcome?.staleUntilMs).toBeGreaterThan(Date.now())
    }
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['the failure is one that stays', new FileError('UPSTREAM_FORBIDDEN'), 60_000],
    ['it would be too old by then', new FileError('UPSTREAM_TIMEOUT'), 40],
  ])('gives none where %s', async (_, error, leftMs) => {
    const { first, server } = await start(1, () => error)
    const staleUntilMs = Date.now() + leftMs
    await store(server, toOutcome(ID, { freshUntilMs: 1, staleUntilMs }))
    expect((await first.lookUp()).said).toBe(error.code)
  })
})

describe.skipIf(withoutRedis)('clocks that are wrong', () => {
  const HOUR = 3_600_000

  it('let nothing live longer: ours behind', async () => {
    const { first, second } = await start(2)
    await first.lookUp()
    second.clock.aheadMs = -HOUR
    const { outcome } = await second.lookUp()
    expect((outcome?.freshUntilMs ?? 0) - (Date.now() - HOUR)).toBeLessThanOrEqual(60_000)
    expect((outcome?.staleUntilMs ?? 0) - (Date.now() - HOUR)).toBeLessThanOrEqual(120_000)
  })

  it('let nothing live longer: ours ahead, by which the link has died', async () => {
    const { first, second } = await start(2)
    await first.lookUp()
    second.clock.aheadMs = HOUR
    expect((await second.lookUp()).sent).toBe(1)
  })

  it('let nothing live longer: an entry without an end', async () => {
    const { first, server } = await start(1)
    await server.send('SET', KEY, encodeEntry(toOutcome(ID)))
    expect((await first.lookUp()).sent).toBe(1)
    await eventually(async () => expect(await server.send('PTTL', KEY)).toBeGreaterThan(0))
  })
})

describe.skipIf(withoutRedis)('[59] what is off in the store is replaced', () => {
  const other = encodeEntry(toOutcome('437030092800002'))
  const whole = encodeEntry(toOutcome(ID))

  it.each([
    ['half of an entry', ['SET', KEY, whole.slice(0, -30)]],
    ['another version', ['SET', KEY, whole.replace('"v":1', '"v":0')]],
    ['a number', ['SET', KEY, '42']],
    ['another file', ['SET', KEY, other]],
    ['a link that may not be handed out', ['SET', KEY, whole.replace('https:', 'http:')]],
    ['a failure', ['SET', KEY, encodeEntry(toOutcome(ID, { answer: new FileError('UPSTREAM_ERROR') }))]],
    ['far too much', ['SET', KEY, whole.replace('a.mp4', 'a'.repeat(200_000))]],
    ['a list', ['LPUSH', KEY, whole]],
    ['a lease that is no text', ['LPUSH', `${KEY}:lease`, 'a']],
    ['a lease without an end', ['SET', `${KEY}:lease`, 'a']],
  ])('%s', async (_, command) => {
    const { asked, instances, server, lookUpAll } = await start(2)
    await server.send(...command)
    await server.send('PEXPIRE', KEY, '120000') // as long as what is fresh is kept
    const endings = await lookUpAll()
    expect(said(endings)).toEqual(['a.mp4'])
    expect(asked).toHaveLength(1)
    await eventually(async () => expect(await kept(server)).toEqual([KEY]))
    expect(await instances[1]?.lookUp()).toMatchObject({ said: 'a.mp4', sent: 0 })
    expect(asked).toHaveLength(1)
  })
})

describe.skipIf(withoutRedis)('[68] two accounts on one Redis', () => {
  it('never see each other’s files', async () => {
    const { server } = await start(0)
    const mine = createSource(() => ({}))
    const theirs = createSource(() => ({ answer: new FileError('FILE_NOT_FOUND') }))
    const [me, them] = await Promise.all([
      openInstance(server.url, mine.source),
      openInstance(server.url, theirs.source, { prefix: toPrefix('https://api.example/', 'another key') }),
    ])
    const endings = await Promise.all([me.lookUp(), them.lookUp()])
    endings.push(await me.lookUp(), await them.lookUp())
    expect(endings.map((ending) => ending.said)).toEqual([
      'a.mp4',
      'FILE_NOT_FOUND',
      'a.mp4',
      'FILE_NOT_FOUND',
    ])
    expect([mine.asked, theirs.asked]).toEqual([[ID], [ID]])
    const keys = await kept(server)
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(key).toMatch(/^mff:1:[0-9a-f]{32}:437030092800001$/)
  })
})

/** What answers each script so, and lets the test speak on every channel. */
function createFakeRedis(answer: (hear: (message: string) => void) => unknown) {
  const runs: string[] = []
  let hear = (_message: string) => {}
  const redis: Redis = {
    run: async (script) => {
      runs.push(script)
      return answer(hear)
    },
    isWell: () => true,
    listen: (_channel, onMessage) => {
      hear = onMessage
    },
    onUp: () => {},
    tried: Promise.resolve(),
    close: async () => {},
  }
  return { redis, runs }
}

describe.skipIf(withoutRedis)('the lease', () => {
  const LEASE_MS = 3000

  it('is kept for as long as the call lasts', async () => {
    const time = holdTime()
    let answer = () => {}
    const slow = new Promise<object>((resolve) => {
      answer = () => resolve({})
    })
    const { asked, lookUpAll, server } = await start(3, () => slow, { leaseMs: LEASE_MS })
    const endings = lookUpAll()
    await expect.poll(() => asked).toHaveLength(1)
    for (let third = 0; third < 3; third++) {
      await server.send('PEXPIRE', `${KEY}:lease`, String(LEASE_MS - 1000))
      await time.pass(LEASE_MS / 3)
      await expect.poll(() => server.send('PTTL', `${KEY}:lease`)).toBeGreaterThan(LEASE_MS - 1000)
    }
    answer()
    expect(said(await endings)).toEqual(['a.mp4'])
    expect(asked).toHaveLength(1)
    expect(time.count()).toBe(0)
  })

  it('of a process that died goes to one of those who wait, within a tenth of a second of its end', async () => {
    const time = holdTime()
    const { asked, server, lookUpAll } = await start(4)
    await server.send('SET', `${KEY}:lease`, 'of the dead', 'PX', String(LEASE_MS))
    const endings = lookUpAll()
    await expect.poll(time.count).toBe(4) // all have seen it, and wait
    await server.send('DEL', `${KEY}:lease`)
    await time.pass(100)
    expect(said(await endings)).toEqual(['a.mp4'])
    expect(asked).toHaveLength(1)
  })

  it('is given back when the look-up ends before it was sent, and the next one gets it', async () => {
    let unsent = true
    const { first, second, asked } = await start(2, () => {
      const refusal = unsent ? new FileError('UPSTREAM_UNAVAILABLE', { refused: true }) : {}
      unsent = false
      return refusal
    })
    const left = first.lookUp()
    await eventually(() => expect(asked).toHaveLength(1))
    const waited = second.lookUp()
    expect((await left).said).toBe('UPSTREAM_UNAVAILABLE')
    expect(await waited).toMatchObject({ said: 'a.mp4', sent: 1 })
  })

  it('is not waited for by somebody who leaves', async () => {
    const { redis, runs } = createFakeRedis(() => ['held', 'another', '', 0])
    const { source, asked } = createSource()
    const lookup = { ...createLookup(), isAbandoned: false, stop: undefined as (() => void) | undefined }
    setImmediate(() => {
      lookup.isAbandoned = true
      lookup.stop?.()
    })
    const { said } = await createInstance(redis, source).lookUp(ID, lookup)
    expect(said).toBe('UPSTREAM_UNAVAILABLE')
    expect([asked.length, runs.length]).toEqual([0, 1])
  })

  it('is not waited for past the deadline of the look-up', async () => {
    const { first, server, asked } = await start(1)
    await server.send('SET', `${KEY}:lease`, 'another', 'PX', String(LEASE_MS))
    const { said } = await first.lookUp(ID, createLookup({ deadlineMs: performance.now() + 150 }))
    expect(said).toBe('UPSTREAM_TIMEOUT')
    expect(asked).toEqual([])
  })

  it('leaves the stale answer that was seen before, where the store has lost it by the time that asking fails', async () => {
    const stale = encodeEntry(toOutcome(ID, { freshUntilMs: 1, staleUntilMs: Date.now() + 60_000 }))
    const { redis, runs } = createFakeRedis(() =>
      runs.length === 1 ? ['held', 'another', stale, 60_000] : ['leased', 'ours', '', 0],
    )
    const { source, asked } = createSource(() => new FileError('UPSTREAM_TIMEOUT'))
    expect((await createInstance(redis, source).lookUp()).said).toBe('a.mp4')
    expect(asked).toHaveLength(1)
  })

  it('is known to be free when the word of it comes together with the answer that it is held', async () => {
    const landed = encodeEntry(toOutcome(ID))
    const { redis, runs } = createFakeRedis((hear) => {
      hear('another')
      return runs.length === 1 ? ['held', 'another', '', 0] : ['landed', '', landed, 0]
    })
    const { source, asked } = createSource()
    holdTime() // so that it does not ask again by itself
    const { said } = await createInstance(redis, source).lookUp()
    expect([said, asked.length, runs.length]).toEqual(['a.mp4', 0, 2])
  })

  it.each([
    ['no list', 'OK'],
    ['another list', [1, 2, 3, 4]],
    ['an error within', ['held', new Error('WRONGTYPE'), '', 0]],
    ['nothing', undefined],
  ])('does not matter where a peer answers %s', async (_, reply) => {
    const { redis } = createFakeRedis(() => reply)
    const { source } = createSource()
    expect(await createInstance(redis, source).lookUp()).toMatchObject({ said: 'a.mp4', sent: 1 })
  })

  it('leads to one call also where messages do not come through', async () => {
    const server = await startRedis()
    await server.send('ACL', 'SETUSER', 'files', 'on', 'nopass', '~*', '+@all', 'resetchannels')
    const url = server.url.replace('//', '//files:any@')
    const { asked, lookUpAll } = await startOn({ ...server, url }, 3, () => timeout)
    expect(said(await lookUpAll())).toEqual(['UPSTREAM_TIMEOUT'])
    expect(asked).toHaveLength(1)
  })
})

describe.skipIf(withoutRedis)('a Redis in trouble', () => {
  it('[55] fails no look-up when it dies while some wait', async () => {
    const { server, instances } = await startAlone(3)
    const endings = Promise.all(
      times(20, (index) => instances.map(({ lookUp }) => lookUp(String(1_000_000 + index)))).flat(),
    )
    await server.kill()
    expect(said(await endings)).toEqual(['a.mp4'])
    await server.start()
    await eventually(() => expect(instances.every(({ redis }) => redis.isWell())).toBe(true))
    const paid = await instances[0]?.lookUp()
    const reused = await instances[1]?.lookUp()
    expect([paid?.sent, reused?.sent]).toEqual([1, 0])
  })

  it('[56] adds 50 ms to a look-up when it hangs, then nothing', async () => {
    const time = holdTime()
    const { server, first, asked } = await startAlone(1, undefined, IN_FORCE)
    server.freeze()
    for (const id of ['1000001', '1000002', '1000003']) {
      const ending = first.lookUp(id)
      await time.pass(45)
      expect(asked).not.toContain(id)
      await time.pass(5)
      expect((await ending).said).toBe('a.mp4')
    }
    expect((await first.lookUp('1000004')).said).toBe('a.mp4')
  })

  it('[56] holds up nobody afterwards by the leases that it gave out when it thawed', async () => {
    const time = holdTime()
    const { server, first } = await startAlone(1, undefined, { ...IN_FORCE, leaseMs: 3000 })
    await first.lookUp() // it knows the scripts
    server.freeze()
    for (const id of times(5, (index) => String(1_000_000 + index))) {
      const ending = first.lookUp(id)
      await time.pass(50)
      await ending
    }
    server.thaw()
    const leased = async () => (await kept(server)).filter((key) => key.endsWith(':lease'))
    await eventually(async () => expect(await leased()).not.toEqual([]))
    await eventually(() => expect(first.redis.isWell()).toBe(true))
    for (const key of await leased()) {
      // Without any time that passes, and so without waiting for the lease.
      expect(await first.lookUp(key.split(':').at(-2))).toMatchObject({ said: 'a.mp4', sent: 1 })
    }
  })

  it('[57] serves when it takes 45 ms for each answer', async () => {
    const time = holdTime()
    const way = { ms: 0 }
    const { url } = await startWay(await startRedis(), way)
    const { source } = createSource()
    const { lookUp } = await openInstance(url, source, IN_FORCE)
    await lookUp() // the server knows the scripts
    await expect.poll(time.count).toBe(0) // and has kept the answer
    way.ms = 45
    const ending = lookUp('1000001')
    await expect.poll(time.count).toBe(2) // the deadline, and the answer on its way
    await time.pass(45)
    expect(await ending).toMatchObject({ said: 'a.mp4', sent: 1 })
    await time.pass(50)
  })

  it('[58] asks for the entry and its time at once, so that nothing can come between', async () => {
    const { server, first, second } = await startAlone(2)
    await first.lookUp()
    await eventually(async () => expect(await kept(server)).toEqual([KEY]))
    await server.send('ACL', 'SETUSER', 'default', '-pttl')
    // Not even the right to the second of the two reads is there: the look-up is a miss, and no failure.
    expect((await second.lookUp()).said).toBe('a.mp4')
    await server.send('ACL', 'SETUSER', 'default', '+pttl')
    expect(await second.lookUp()).toMatchObject({ said: 'a.mp4', sent: 0 })
  })

  it('[60] serves when it is full, and still gives what it has', async () => {
    const { server, first, second } = await startAlone(2)
    await first.lookUp()
    await eventually(async () => expect(await kept(server)).toEqual([KEY]))
    await server.send('CONFIG', 'SET', 'maxmemory', '1')
    expect(await second.lookUp()).toMatchObject({ said: 'a.mp4', sent: 0 })
    for (const instance of [first, second]) {
      expect(await instance.lookUp('1000001')).toMatchObject({ said: 'a.mp4', sent: 1 })
    }
    expect(second.redis.logs.at(-1)).toBe('notice Redis refused a command {"code":"OOM"}')
    await server.send('CONFIG', 'SET', 'maxmemory', '0')
    await first.lookUp('1000001')
    await eventually(async () => expect(await second.lookUp('1000001')).toMatchObject({ sent: 0 }))
  })

  it('[60] does not wait for the write', async () => {
    const freeze = () => {
      server.freeze()
      return {}
    }
    const time = holdTime()
    const { server, first } = await startAlone(1, freeze, IN_FORCE)
    expect((await first.lookUp()).said).toBe('a.mp4')
    await time.pass(50)
  })
})
