import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CacheOptions, createCache } from '../src/cache/cache.js'
import type { Outcome } from '../src/cache/outcome.js'
import { createTombstones } from '../src/cache/tombstones.js'
import { FileError } from '../src/errors.js'
import type { File, FileAnswer } from '../src/file.js'
import {
  createAsker,
  createCall,
  createFakeClock,
  createFakeSource,
  createFile,
  toId,
} from './helpers/source.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const link = 'https://cdn.example/a.mp4'
const ID = '437030092800001'

const defaults: CacheOptions = {
  ttlMs: 15 * MINUTE,
  notFoundMs: 10 * SECOND,
  linkMinValidityMs: 10 * MINUTE,
  maxEntries: 100,
  timeoutMs: 10 * SECOND,
}

type Answer = Partial<File> | FileError | Promise<Partial<File>>

/** A cache over a source that answers what `answer` says at the time. */
function start(answer: (id: string) => Answer = () => ({}), options: Partial<CacheOptions> = {}) {
  const clock = createFakeClock()
  const origins: string[] = []
  const { asked, source } = createFakeSource(answer)
  const tombstones = createTombstones(clock)
  const files = createCache(
    source,
    { clock, count: (origin) => origins.push(origin), tombstones },
    { ...defaults, ...options },
  )
  /** The file's name, or the code of the failure, and what the look-up sent. */
  async function lookUp(id = ID) {
    const call = createCall()
    const outcome = await files.find(toId(id), call).then(
      ({ file }) => file.filename,
      (error: FileError) => error.code,
    )
    return [outcome, call.sent]
  }
  return { clock, origins, asked, files, lookUp, tombstones }
}

const signed = (untilMs: number): Partial<File> => ({ downloadUrl: link, downloadUrlExpiresAtMs: untilMs })
const down = () => new FileError('UPSTREAM_UNAVAILABLE')
const gone = () => new FileError('FILE_NOT_FOUND')

describe('a file that is to be there soon', () => {
  it('is asked for each time until it is there, and that it was not is not remembered', async () => {
    let isThere = false
    const { asked, files, lookUp } = start(() => (isThere ? { filename: 'late.mp4' } : gone()))
    expect(await lookUp()).toEqual(['FILE_NOT_FOUND', 1])
    const call = createCall()
    const wait = () =>
      files.await(toId(ID), call).then(
        ({ file }) => file.filename,
        (error) => error.code,
      )
    expect([await wait(), await wait(), call.sent]).toEqual(['FILE_NOT_FOUND', 'FILE_NOT_FOUND', 2])
    expect(await lookUp()).toEqual(['FILE_NOT_FOUND', 1])
    isThere = true
    expect([await wait(), await lookUp()]).toEqual(['late.mp4', ['late.mp4', 0]])
    expect(asked).toHaveLength(5)
  })

  it('is not asked for where it is there already', async () => {
    const { asked, files, lookUp, origins } = start(() => ({ filename: 'there.mp4' }))
    await lookUp()
    const call = createCall()
    const { file } = await files.await(toId(ID), call)
    expect([file.filename, call.sent, asked.length]).toEqual(['there.mp4', 0, 1])
    expect(origins).toEqual(['upstream', 'memory'])
  })
})

describe('a look-up that waits before it may ask', () => {
  /** Each look-up waits until the test lets it go on, as for the lease of another process. */
  function startWaiting() {
    const turns: (() => void)[] = []
    const wait = () => new Promise<void>((resolve) => turns.push(resolve))
    const clock = createFakeClock()
    const { asked, source } = createFakeSource(() => ({ filename: `${asked.length}.mp4` }))
    const files = createCache(
      source,
      {
        clock,
        count: () => {},
        tombstones: createTombstones(clock),
        share: (ask) => async (id, lookup, anew) => {
          await wait()
          return ask(id, lookup, anew)
        },
      },
      defaults,
    )
    const toName = async (work: Promise<FileAnswer>) => (await work).file.filename
    return { turns, asked, files, toName }
  }

  it('takes what has come to memory meanwhile', async () => {
    const { turns, asked, files, toName } = startWaiting()
    const expected = toName(files.await(toId(ID), createCall()))
    const found = toName(files.find(toId(ID), createCall()))
    turns[1]?.()
    expect(await found).toBe('1.mp4')
    turns[0]?.()
    expect(await expected).toBe('1.mp4')
    expect(asked).toHaveLength(1)
  })

  it('asks all the same where what was kept had proved wrong', async () => {
    const { turns, asked, files, toName } = startWaiting()
    const found = toName(files.find(toId(ID), createCall()))
    turns[0]?.()
    await found
    const renewed = toName(files.refresh(toId(ID), createCall()))
    turns[1]?.()
    expect(await renewed).toBe('2.mp4')
    expect(asked).toHaveLength(2)
  })
})

describe('a file whose link has died', () => {
  it('is asked for anew though it is fresh, once for all who ask, and then that is known', async () => {
    let count = 0
    const { asked, files, lookUp, clock } = start(() => ({ filename: `${++count}.mp4` }))
    await lookUp()
    const refresh = async () => (await files.refresh(toId(ID), createCall())).file.filename
    expect(await Promise.all([refresh(), refresh(), lookUp()])).toEqual(['2.mp4', '2.mp4', ['1.mp4', 0]])
    expect(await lookUp()).toEqual(['2.mp4', 0])
    expect(asked).toHaveLength(2)
    clock.pass(HOUR)
    expect(files.recall(toId(ID))?.filename).toBe('2.mp4')
    expect(files.peek(toId(ID))).toBeUndefined()
  })

  it('is neither recalled nor asked for anew once the file is deleted, not even by whoever was asking', async () => {
    let land = (_: Partial<File>) => {}
    const promise = new Promise<Partial<File>>((resolve) => {
      land = resolve
    })
    let count = 0
    const { asked, files, lookUp, tombstones } = start(() => (++count === 1 ? {} : promise))
    await lookUp()
    const refresh = () => files.refresh(toId(ID), createCall()).then(String, (error: FileError) => error.code)
    const early = refresh()
    await tombstones.bury(toId(ID))
    expect(files.recall(toId(ID))).toBeUndefined()
    land({ filename: 'new.mp4' })
    expect([await early, await refresh()]).toEqual(['FILE_NOT_FOUND', 'FILE_NOT_FOUND'])
    expect(files.recall(toId(ID))).toBeUndefined()
    expect(asked).toHaveLength(2)
  })

  it('is recalled for as long as its links are good, and no failure is', async () => {
    const { files, lookUp, clock } = start((id) => (id === ID ? signed(clock.nowMs() + HOUR) : gone()))
    await lookUp()
    await lookUp('1')
    clock.pass(49 * MINUTE)
    expect(files.recall(toId(ID))?.downloadUrl).toBe(link)
    clock.pass(MINUTE)
    expect(files.recall(toId(ID))).toBeUndefined()
    expect(files.recall(toId('1'))).toBeUndefined()
  })
})

describe('a look-up of a file', () => {
  it('is paid once for all who ask at the same time, and for those who ask later', async () => {
    const { lookUp, origins } = start()
    const sent = (await Promise.all(Array.from({ length: 50 }, () => lookUp()))).map(([, calls]) => calls)
    expect(sent.sort()).toEqual([...Array(49).fill(0), 1])
    expect(await lookUp()).toEqual(['a.mp4', 0])
    expect(new Set(origins)).toEqual(new Set(['upstream', 'joined', 'memory']))
    expect(origins).toHaveLength(51)
  })

  it('is made again when the longest time of reuse is over', async () => {
    const { lookUp, clock, asked } = start()
    await lookUp()
    clock.pass(15 * MINUTE - 1)
    expect(await lookUp()).toEqual(['a.mp4', 0])
    clock.pass(1)
    expect(await lookUp()).toEqual(['a.mp4', 1])
    expect(asked).toHaveLength(2)
  })

  it('[65] is made again before its link has less left than promised', async () => {
    const { lookUp, clock } = start(() => signed(clock.nowMs() + 12 * MINUTE))
    await lookUp()
    clock.pass(2 * MINUTE - 1)
    expect(await lookUp()).toEqual(['a.mp4', 0])
    clock.pass(1)
    expect(await lookUp()).toEqual(['a.mp4', 1])
  })

  it('is made each time where reuse is off, but once at a time', async () => {
    const { lookUp, asked } = start(undefined, { ttlMs: 0 })
    await Promise.all([lookUp(), lookUp()])
    expect(asked).toHaveLength(1)
    await lookUp()
    expect(asked).toHaveLength(2)
  })

  it('tells until when its answer may be reused', async () => {
    const { files, clock } = start(() => signed(clock.nowMs() + 12 * MINUTE))
    const untilMs = clock.nowMs() + 2 * MINUTE
    expect((await files.find(toId(ID), createCall())).freshUntilMs).toBe(untilMs)
    clock.pass(MINUTE)
    expect((await files.find(toId(ID), createCall())).freshUntilMs).toBe(untilMs)
  })

  it('has its deadline from when it began', async () => {
    const deadlines: (number | undefined)[] = []
    const clock = createFakeClock()
    const { source } = createFakeSource()
    const files = createCache(
      (id, lookup) => {
        deadlines.push(lookup.deadlineMs)
        return source(id, lookup)
      },
      { clock, count() {}, tombstones: createTombstones(clock) },
      defaults,
    )
    await files.find(toId(ID), createCall())
    expect(deadlines).toEqual([clock.monotonicMs() + 10 * SECOND])
  })

  it('ends for one who leaves, goes on without the last, and is there for the next', async () => {
    let answer: (file: Partial<File>) => void = () => {}
    const { files, asked, lookUp, origins } = start(
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const [first, last] = [createAsker(), createAsker()]
    const outcomes = [first, last].map((asker) => files.find(toId(ID), createCall(asker)))
    first.leave()
    await expect(outcomes[0]).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    last.leave()
    await expect(outcomes[1]).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' })
    const joined = lookUp()
    answer({})
    expect(await joined).toEqual(['a.mp4', 0])
    expect(await lookUp()).toEqual(['a.mp4', 0])
    expect([asked.length, origins]).toEqual([1, ['joined', 'memory']])
  })

  it('can be had at once while its answer is fresh, and only then', async () => {
    const { files, lookUp, clock, origins } = start()
    expect(files.peek(toId(ID))).toBeUndefined()
    await lookUp()
    const untilMs = clock.nowMs() + 15 * MINUTE
    clock.pass(MINUTE)
    expect(files.peek(toId(ID))).toMatchObject({ file: { id: ID }, freshUntilMs: untilMs })
    clock.pass(14 * MINUTE)
    expect(files.peek(toId(ID))).toBeUndefined()
    expect(origins).toEqual(['upstream', 'memory'])
  })
})

describe('"no such file"', () => {
  it('is remembered for its own time', async () => {
    const { lookUp, clock, asked } = start(gone)
    await Promise.all(Array.from({ length: 10 }, () => lookUp()))
    for (const _ of [1, 2, 3]) expect(await lookUp()).toEqual(['FILE_NOT_FOUND', 0])
    expect(asked).toHaveLength(1)
    clock.pass(10 * SECOND)
    expect(await lookUp()).toEqual(['FILE_NOT_FOUND', 1])
  })

  it('[64] takes the place of the file that was there, also while the upstream fails later', async () => {
    let answer: Answer = {}
    const { lookUp, clock } = start(() => answer)
    await lookUp()
    clock.pass(20 * MINUTE)
    answer = gone()
    expect(await lookUp()).toEqual(['FILE_NOT_FOUND', 1])
    clock.pass(MINUTE)
    answer = down()
    expect(await lookUp()).toEqual(['UPSTREAM_UNAVAILABLE', 1])
  })
})

describe('a failure', () => {
  it('[62] goes to all who wait, is not kept, and the next look-up tries again', async () => {
    let answer: Answer = down()
    const { lookUp, asked } = start(() => answer)
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => lookUp()))
    expect(new Set(outcomes.map(([outcome]) => outcome))).toEqual(new Set(['UPSTREAM_UNAVAILABLE']))
    expect(asked).toHaveLength(1)
    answer = {}
    expect(await lookUp()).toEqual(['a.mp4', 1])
  })

  it('[63] that may pass has the old answer served while its link is good, and no longer', async () => {
    let answer: Answer = {}
    const { lookUp, clock, origins, files } = start(() => answer)
    answer = signed(clock.nowMs() + HOUR)
    await lookUp()
    answer = down()
    clock.pass(50 * MINUTE - 1)
    expect(await lookUp()).toEqual(['a.mp4', 1])
    expect(origins.at(-1)).toBe('stale')
    expect((await files.find(toId(ID), createCall())).freshUntilMs).toBeLessThan(clock.nowMs())
    clock.pass(1)
    expect(await lookUp()).toEqual(['UPSTREAM_UNAVAILABLE', 1])
  })

  it('that will not pass is told, whatever was there before', async () => {
    let answer: Answer = {}
    const { lookUp, clock } = start(() => answer)
    await lookUp()
    clock.pass(20 * MINUTE)
    answer = new FileError('UPSTREAM_UNAUTHENTICATED')
    expect(await lookUp()).toEqual(['UPSTREAM_UNAUTHENTICATED', 1])
  })

  it('without a call counts as refused', async () => {
    const { lookUp, origins } = start(() => new FileError('UPSTREAM_RATE_LIMITED', { refused: true }))
    await Promise.all([lookUp(), lookUp()])
    expect(origins).toEqual(['refused', 'refused'])
  })

  it('that is no FileError passes as it is', async () => {
    const clock = createFakeClock()
    const files = createCache(
      () => Promise.reject(new TypeError('a bug')),
      { clock, count() {}, tombstones: createTombstones(clock) },
      defaults,
    )
    await expect(files.find(toId(ID), createCall())).rejects.toThrow('a bug')
  })
})

describe('[66] a wall clock that is set', () => {
  it('back an hour, does not make an answer live longer', async () => {
    const { lookUp, clock } = start()
    await lookUp()
    clock.set(-HOUR)
    clock.pass(15 * MINUTE - 1)
    expect(await lookUp()).toEqual(['a.mp4', 0])
    clock.pass(1)
    expect(await lookUp()).toEqual(['a.mp4', 1])
  })

  it('forward an hour, has a link that would be dead by it fetched again', async () => {
    const { lookUp, clock } = start(() => signed(clock.nowMs() + HOUR))
    await lookUp()
    clock.set(HOUR)
    expect(await lookUp()).toEqual(['a.mp4', 1])
    expect(await lookUp()).toEqual(['a.mp4', 0])
  })
})

describe('any history', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 20 * MINUTE }) }),
      fc.record({ do: fc.constant('set' as const), ms: fc.integer({ min: -HOUR, max: HOUR }) }),
      fc.record({
        do: fc.constant('ask' as const),
        id: fc.constantFrom('1', '2'),
        link: fc.constantFrom('none', 'unsigned', 'signed', 'both', 'down', 'gone'),
        leftMs: fc.integer({ min: 0, max: 3 * HOUR }),
        backupLeftMs: fc.integer({ min: 0, max: 3 * HOUR }),
      }),
    ),
    { minLength: 20, maxLength: 80 },
  )

  it('never reuses an answer whose link has less left than promised', async () => {
    let reused = 0
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 0, max: 20 * MINUTE }),
        async (history, linkMinValidityMs) => {
          let answer: Answer = {}
          const { clock, files } = start(() => answer, { linkMinValidityMs, maxEntries: 2, ttlMs: 2 * HOUR })
          for (const step of history) {
            if (step.do === 'pass') clock.pass(step.ms)
            else if (step.do === 'set') clock.set(step.ms)
            else {
              answer = toAnswer(step, clock.nowMs(), clock.monotonicMs())
              const call = createCall()
              const found = await files.find(toId(step.id), call).catch(() => undefined)
              const isReused = found !== undefined && (call.sent === 0 || answer instanceof FileError)
              if (!isReused) continue
              reused++
              const leftMs = toLeftMs(found.file, clock)
              expect(leftMs).toBeGreaterThanOrEqual(linkMinValidityMs)
              // Nor does it promise that for longer than it holds.
              const promisedMs = Math.max(0, found.freshUntilMs - clock.nowMs())
              expect(leftMs - promisedMs).toBeGreaterThanOrEqual(linkMinValidityMs)
            }
          }
        },
      ),
      { numRuns: 300 },
    )
    expect(reused).toBeGreaterThan(1000)
  })

  type Ask = { link: string; leftMs: number; backupLeftMs: number }

  function toAnswer({ link: kind, leftMs, backupLeftMs }: Ask, nowMs: number, monotonicMs: number): Answer {
    const both = {
      ...signed(nowMs + leftMs),
      backupDownloadUrl: link,
      backupDownloadUrlExpiresAtMs: nowMs + backupLeftMs,
    }
    // A link that shows no end holds for an hour from when it was made, which it notes here for the test.
    const unsigned = { downloadUrl: link, filename: String(monotonicMs + HOUR) }
    const answers: Record<string, Answer> = {
      none: {},
      unsigned,
      signed: signed(nowMs + leftMs),
      both,
      down: down(),
      gone: gone(),
    }
    return answers[kind] ?? {}
  }

  function toLeftMs(file: File, clock: { nowMs(): number; monotonicMs(): number }): number {
    if (file.downloadUrl === null) return Number.POSITIVE_INFINITY
    if (file.downloadUrlExpiresAtMs === null) return Number(file.filename) - clock.monotonicMs()
    const backupMs = file.backupDownloadUrlExpiresAtMs ?? Number.POSITIVE_INFINITY
    return Math.min(file.downloadUrlExpiresAtMs, backupMs) - clock.nowMs()
  }
})

describe('[67] a million files', () => {
  it('leave no more than the newest behind', async () => {
    const { files, asked, lookUp } = start(undefined, { maxEntries: 100 })
    const call = createCall()
    for (let id = 1; id <= 1000; id++) await files.find(toId(String(id)), call)
    expect(await lookUp('901')).toEqual(['a.mp4', 0])
    expect(await lookUp('900')).toEqual(['a.mp4', 1])
    expect(asked).toHaveLength(1001)
  })

  it('leave one behind where one is all there is room for, however long its link', async () => {
    const long = `${link}?${'x'.repeat(8000)}`
    const { lookUp } = start(() => ({ downloadUrl: long, backupDownloadUrl: long }), { maxEntries: 1 })
    await lookUp()
    expect(await lookUp()).toEqual(['a.mp4', 0])
  })

  const long = 'x'.repeat(8000)
  it.each<[string, Partial<File>]>([
    ['links', { downloadUrl: `${link}?${long}` }],
    ['backup links', { backupDownloadUrl: `${link}?${long}` }],
    ['names', { filename: long }],
    ['purposes', { purposeName: long }],
    ['names, beside purposes', { filename: long, purposeName: long.slice(0, 4000) }],
  ])('are bounded by the size of their %s too', async (_, fields) => {
    const { files, lookUp } = start(() => fields, { maxEntries: 100 })
    for (let id = 1; id <= 100; id++) await files.find(toId(String(id)), createCall())
    const kept = await Promise.all(Array.from({ length: 100 }, (_, index) => lookUp(String(index + 1))))
    expect(kept.filter(([, sent]) => sent === 0).length).toBeLessThan(20)
  })
})

it('counts an answer as stale only if it was kept elsewhere and is past a freshness that it had', async () => {
  const clock = createFakeClock()
  const nowMs = clock.nowMs()
  const origins: string[] = []
  const outcomes: readonly Pick<Outcome, 'origin' | 'freshUntilMs' | 'staleUntilMs'>[] = [
    { origin: 'shared', freshUntilMs: nowMs, staleUntilMs: nowMs + 1 },
    { origin: 'shared', freshUntilMs: nowMs + 1, staleUntilMs: nowMs + 1 },
    { origin: 'shared', freshUntilMs: nowMs + 1, staleUntilMs: nowMs + 2 },
    { origin: 'shared', freshUntilMs: nowMs, staleUntilMs: nowMs },
    { origin: 'joined', freshUntilMs: nowMs, staleUntilMs: nowMs + 1 },
    { origin: 'upstream', freshUntilMs: nowMs, staleUntilMs: nowMs + 1 },
  ]
  const files = createCache(
    createFakeSource().source,
    {
      clock,
      count: (origin) => origins.push(origin),
      tombstones: createTombstones(clock),
      share: () => async (id) => ({
        ...(outcomes[Number(id)] ?? { origin: 'upstream', freshUntilMs: 0, staleUntilMs: 0 }),
        answer: createFile(id),
      }),
    },
    defaults,
  )
  for (const id of outcomes.keys()) await files.find(toId(String(id)), createCall())
  expect(origins).toEqual(['stale', 'shared', 'shared', 'shared', 'joined', 'upstream'])
})
