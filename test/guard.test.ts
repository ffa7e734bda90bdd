import { describe, expect, it } from 'vitest'
import { createGuard, type Operations } from '../src/client/guard.js'
import { FileError, type FileErrorCode } from '../src/errors.js'
import type { FileSource } from '../src/file.js'
import type { Order, Price, TaskId, TaskKind } from '../src/task.js'
import {
  createBytesCall,
  createFakeClock,
  createFakeSource,
  createFile,
  createLookup,
  toId,
} from './helpers/source.js'

const SECOND = 1000

/** A client whose other operations are not asked for. */
function toClient(retrieve: FileSource, more: Partial<Operations> = {}): Operations {
  const fail = () => Promise.reject(new TypeError('It was not to be asked for.'))
  return { retrieve, list: fail, delete: fail, content: fail, create: fail, query: fail, ...more }
}

/** A guard over a source that answers what `set` said last, for all files or for one. */
function start(isExempt: (id: string) => boolean = () => false) {
  const clock = createFakeClock()
  const answers = new Map<string, FileError | object | Promise<object>>()
  let answer: FileError | object = {}
  const { asked, source } = createFakeSource((id) => answers.get(id) ?? answer)
  const { retrieve: files, isWell } = createGuard(toClient(source), clock, { isExempt })
  /** `well`, or the code of the failure and after how long it says to come back; and whether a call was made. */
  async function lookUp(id = '1') {
    const lookup = createLookup()
    const outcome = await files(toId(id), lookup).then(
      () => 'well',
      ({ code, retryAfterSeconds }: FileError) => `${code} ${retryAfterSeconds}`,
    )
    return `${outcome}, ${lookup.sent}`
  }
  async function lookUpMany(count: number, first = 1) {
    const outcomes: string[] = []
    for (let id = first; id < first + count; id++) outcomes.push(await lookUp(String(id)))
    return outcomes
  }
  const set = (next: FileError | object | Promise<object>, id?: string) => {
    if (id === undefined) answer = next
    else answers.set(id, next)
  }
  return { clock, asked, files, isWell, lookUp, lookUpMany, set }
}

const limit = (retryAfterSeconds: number) => new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds })
const down = () => new FileError('UPSTREAM_UNAVAILABLE')

/** A guard over a source of the test's own. */
function guard(source: FileSource) {
  const clock = createFakeClock()
  const { retrieve: files } = createGuard(toClient(source), clock, { isExempt: () => false })
  const ask = (id: string) =>
    files(toId(id), createLookup()).then(
      () => 'well',
      ({ code, refused }: FileError) => `${code} ${refused}`,
    )
  return { clock, files, ask }
}

describe('after a rate limit', () => {
  it('no look-up makes a call for as long as the upstream said, and each is told what is left', async () => {
    const { lookUp, clock, set, isWell } = start()
    set(limit(60))
    expect(isWell()).toBe(true)
    expect(await lookUp()).toBe('UPSTREAM_RATE_LIMITED 60, 1')
    set({})
    expect(isWell()).toBe(false)
    expect(await lookUp()).toBe('UPSTREAM_RATE_LIMITED 60, 0')
    expect(await lookUp('2')).toBe('UPSTREAM_RATE_LIMITED 60, 0')
    clock.pass(20.5 * SECOND)
    expect(await lookUp('2')).toBe('UPSTREAM_RATE_LIMITED 40, 0')
    clock.pass(39.499 * SECOND)
    expect(await lookUp('2')).toBe('UPSTREAM_RATE_LIMITED 1, 0')
    clock.pass(1)
    expect(isWell()).toBe(true)
    expect(await lookUp('2')).toBe('well, 1')
  })

  it('the window outlasts look-ups that began before it, whatever becomes of them', async () => {
    const ends: ((error?: FileError) => void)[] = []
    const { clock, files, ask } = guard(
      (id) =>
        new Promise((resolve, reject) => {
          ends.push((error) => (error ? reject(error) : resolve(createFile(id))))
        }),
    )
    const all = Promise.allSettled(['1', '2', '3', '4'].map(ask))
    const [first, second, third, fourth] = ends
    first?.(limit(60))
    second?.()
    third?.(down())
    fourth?.(new FileError('UPSTREAM_UNAUTHENTICATED'))
    await all
    clock.pass(30 * SECOND)
    await expect(files(toId('5'), createLookup())).rejects.toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      retryAfterSeconds: 30,
    })
  })

  it('others are shut out also where they have just succeeded', async () => {
    const { lookUp, set } = start()
    expect(await lookUp('1')).toBe('well, 1')
    set(limit(60), '2')
    await lookUp('2')
    expect(await lookUp('3')).toBe('UPSTREAM_RATE_LIMITED 60, 0')
  })

  it('a hint beyond an hour is not believed', async () => {
    const { lookUp, clock, set } = start()
    set(limit(2_147_483))
    await lookUp()
    set({})
    clock.pass(3600 * SECOND)
    expect(await lookUp('2')).toBe('well, 1')
  })
})

const ofAccount: readonly FileErrorCode[] = [
  'UPSTREAM_UNAUTHENTICATED',
  'UPSTREAM_INSUFFICIENT_BALANCE',
  'UPSTREAM_QUOTA_EXCEEDED',
]

describe.each(ofAccount)('after %s', (code) => {
  it('other files fail alike for two seconds', async () => {
    const { lookUpMany, lookUp, clock, set } = start()
    const upstream = { httpStatus: 200, statusCode: 1, statusMessage: null, traceId: null }
    set(new FileError(code, { upstream }))
    const outcomes = await lookUpMany(3)
    expect(outcomes.map((outcome) => outcome.split(' ')[0])).toEqual([code, code, code])
    expect(outcomes.map((outcome) => outcome.at(-1))).toEqual(['1', '0', '0'])
    clock.pass(2 * SECOND)
    set({})
    expect(await lookUp('2')).toBe('well, 1')
  })

  it('others that have just succeeded are asked for', async () => {
    const { lookUp, set, isWell } = start()
    expect(await lookUp('1')).toBe('well, 1')
    set(new FileError(code), '2')
    expect(await lookUp('2')).toMatch(/, 1$/)
    expect(await lookUp('3')).toBe('well, 1')
    expect(isWell()).toBe(true)
  })

  it('the file that shut others out does not do so again once they succeed', async () => {
    const { lookUp, clock, set } = start()
    set(new FileError(code), 'bad')
    await lookUp('bad')
    expect(await lookUp('2')).toMatch(/, 0$/)
    clock.pass(2 * SECOND)
    expect(await lookUp('2')).toBe('well, 1')
    for (let round = 0; round < 5; round++) {
      clock.pass(10 * SECOND)
      expect(await lookUp('bad')).toMatch(/, 1$/)
      expect(await lookUp('2')).toBe('well, 1')
    }
  })
})

it('tells what the upstream said, and that it was not asked again', async () => {
  const { files, lookUp, set } = start()
  const upstream = { httpStatus: 200, statusCode: 1004, statusMessage: null, traceId: null }
  set(new FileError('UPSTREAM_UNAUTHENTICATED', { upstream }))
  await lookUp()
  await expect(files(toId('2'), createLookup())).rejects.toMatchObject({ upstream, refused: true })
})

it('a look-up that waits for its turn is told that asking has become useless', async () => {
  const turns: (() => void)[] = []
  const { files, ask } = guard(async (id, lookup) => {
    if (id === '1') throw new FileError('UPSTREAM_UNAUTHENTICATED')
    return new Promise((_, reject) => {
      turns.push(() => {
        try {
          lookup.check?.(lookup)
        } catch (error) {
          reject(error)
        }
      })
    })
  })
  const waiting = files(toId('2'), createLookup())
  for (const turn of turns) turn() // nothing is known yet
  await ask('1')
  for (const turn of turns) turn()
  await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED', refused: true })
})

describe('a file that failed', () => {
  const codes: readonly FileErrorCode[] = [
    'UPSTREAM_FORBIDDEN',
    'UPSTREAM_INVALID_REQUEST',
    'UPSTREAM_ERROR',
    'UPSTREAM_TIMEOUT',
    'UPSTREAM_UNAVAILABLE',
    'UPSTREAM_BAD_RESPONSE',
    'UPSTREAM_CONTENT_REJECTED',
  ]

  it.each(codes)('with %s fails alike without a call for a second, doubling to five', async (code) => {
    const { lookUp, clock, set } = start()
    set(new FileError(code))
    for (const seconds of [1, 2, 4, 5, 5]) {
      expect(await lookUp()).toMatch(new RegExp(`^${code} (${seconds}|null), 1$`))
      clock.pass(seconds * SECOND - 1)
      expect(await lookUp()).toMatch(new RegExp(`^${code} (1|null), 0$`))
      clock.pass(1)
    }
  })

  it('says when to come back where that makes sense', async () => {
    const { lookUp, clock, set } = start()
    set(down())
    await lookUp()
    clock.pass(SECOND)
    expect(await lookUp()).toBe('UPSTREAM_UNAVAILABLE 2, 1')
    clock.pass(0.5 * SECOND)
    expect(await lookUp()).toBe('UPSTREAM_UNAVAILABLE 2, 0')
    set(new FileError('UPSTREAM_FORBIDDEN'), '2')
    expect(await lookUp('2')).toBe('UPSTREAM_FORBIDDEN null, 1')
  })

  it('and then succeeded begins at a second again', async () => {
    const { lookUp, clock, set } = start()
    set(down())
    await lookUp()
    clock.pass(SECOND)
    await lookUp()
    clock.pass(2 * SECOND)
    set({})
    expect(await lookUp()).toBe('well, 1')
    set(down())
    expect(await lookUp()).toBe('UPSTREAM_UNAVAILABLE 1, 1')
  })

  it('begins at a second again after a while', async () => {
    const { lookUp, clock, set } = start()
    set(down())
    await lookUp()
    clock.pass(12 * SECOND)
    expect(await lookUp()).toBe('UPSTREAM_UNAVAILABLE 1, 1')
  })

  it.each(codes)('with %s, others are asked for', async (code) => {
    const { lookUp, set } = start()
    set(new FileError(code), 'bad')
    await lookUp('bad')
    expect(await lookUp('2')).toBe('well, 1')
  })

  it('is forgotten when a thousand others have failed since', async () => {
    const { lookUp, lookUpMany, set, asked } = start()
    set(new FileError('UPSTREAM_FORBIDDEN'))
    await lookUpMany(1001)
    expect(await lookUp('2')).toMatch(/, 0$/)
    expect(await lookUp('1')).toMatch(/, 1$/)
    expect(asked).toHaveLength(1002)
  })

  it('"no such file" is an answer, which is not for the guard to remember', async () => {
    const { lookUp, set } = start()
    set(new FileError('FILE_NOT_FOUND'))
    expect(await lookUp()).toBe('FILE_NOT_FOUND null, 1')
    expect(await lookUp()).toBe('FILE_NOT_FOUND null, 1')
  })
})

describe('while the upstream is down', () => {
  it.each<FileErrorCode>(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_BAD_RESPONSE'])(
    '%s of ten files in a row, one look-up a second finds out whether it is back',
    async (code) => {
      const { asked, lookUpMany, clock, set, isWell } = start()
      set(new FileError(code))
      await lookUpMany(9)
      expect(isWell()).toBe(true)
      await lookUpMany(191, 10)
      expect(isWell()).toBe(false)
      expect(asked).toHaveLength(11) // the first that came then was the first probe
      for (const second of [1, 2, 3]) {
        clock.pass(SECOND)
        await lookUpMany(20, 1000 * second)
        expect(asked).toHaveLength(11 + second)
      }
      clock.pass(SECOND)
      set({})
      expect(isWell()).toBe(false)
      expect(new Set(await lookUpMany(20, 9000))).toEqual(new Set(['well, 1']))
      expect(isWell()).toBe(true)
    },
  )

  it('look-ups that wait for their turn are told so, all but the probe', async () => {
    const turns: (() => void)[] = []
    const { ask } = guard(async (id, lookup) => {
      if (Number(id) <= 10) throw down()
      await new Promise<void>((resolve) => turns.push(resolve))
      lookup.check?.(lookup)
      return createFile(id)
    })
    const waiting = ask('11')
    for (let id = 1; id <= 10; id++) await ask(String(id))
    const probe = ask('12')
    for (const turn of turns) turn()
    expect(await Promise.all([waiting, probe])).toEqual(['UPSTREAM_UNAVAILABLE true', 'well'])
  })

  it('says when to come back, and does not wait for a probe that hangs', async () => {
    const { lookUpMany, lookUp, clock, set, asked } = start()
    set(down())
    await lookUpMany(11)
    expect(await lookUp('12')).toBe('UPSTREAM_UNAVAILABLE 1, 0')
    clock.pass(SECOND)
    set(new Promise(() => {}))
    void lookUp('13')
    clock.pass(SECOND)
    void lookUp('14')
    expect(asked).toHaveLength(13)
  })

  it('a probe does not go to a file that has just failed, unless nobody asks for another', async () => {
    const { lookUpMany, lookUp, clock, set, asked } = start()
    set(down())
    await lookUpMany(11)
    clock.pass(5 * SECOND)
    expect(await lookUp('1')).toBe('UPSTREAM_UNAVAILABLE 1, 0')
    expect(await lookUp('20')).toMatch(/, 1$/)
    clock.pass(5 * SECOND)
    expect(await lookUp('1')).toBe('UPSTREAM_UNAVAILABLE 1, 0')
    clock.pass(SECOND)
    expect(await lookUp('1')).toMatch(/, 1$/)
    expect(asked).toHaveLength(13)
  })

  it('probes are made with one attempt, other look-ups with as many as they are worth', async () => {
    const probes: unknown[] = []
    const { ask } = guard(async (_, { isProbe }) => {
      probes.push(isProbe)
      throw down()
    })
    for (let id = 1; id <= 11; id++) await ask(String(id))
    expect(probes).toEqual([...Array(10).fill(false), true])
  })

  it('a look-up that everybody left, or that a limit of ours refused, shows nothing', async () => {
    const { lookUpMany, lookUp, set } = start()
    set(new FileError('UPSTREAM_UNAVAILABLE', { refused: true }))
    await lookUpMany(20)
    expect(await lookUp('1')).toBe('UPSTREAM_UNAVAILABLE null, 1')
  })
})

describe('while others succeed', () => {
  it('nobody is shut out by files that fail, however many', async () => {
    const { lookUp, lookUpMany, set, isWell, clock } = start()
    for (let round = 0; round < 20; round++) {
      set({})
      expect(await lookUp('good')).toBe('well, 1')
      set(down())
      await lookUpMany(50, 1000 * (round + 1))
      clock.pass(0.9 * SECOND)
      expect(isWell()).toBe(true)
    }
  })

  it('files that shut everybody out once do not do so again', async () => {
    const { lookUp, lookUpMany, set, isWell, clock } = start()
    set(down())
    await lookUpMany(10)
    expect(isWell()).toBe(false)
    set({})
    expect(await lookUp('good')).toBe('well, 1')
    set(down())
    for (let round = 0; round < 5; round++) {
      clock.pass(20 * SECOND)
      await lookUpMany(10)
      expect(isWell()).toBe(true)
    }
  })

  it('one file that fails makes few calls, however often it is asked for', async () => {
    const { lookUp, set, clock, asked } = start()
    set(down(), 'bad')
    for (let ms = 0; ms < 60 * SECOND; ms += 20) {
      await lookUp('bad')
      if (ms % 1000 === 0) expect(await lookUp('good')).toBe('well, 1')
      clock.pass(20)
    }
    expect(asked.filter((id) => id === 'bad').length).toBeLessThanOrEqual(15)
  })
})

/** A guard over a source that is down until the test says otherwise, with uploads and creations. */
function startWrites(outcome: FileError = down()) {
  const clock = createFakeClock()
  const asked: string[] = []
  let failure: FileError | undefined = outcome
  const answer = <T>(what: string, value: T) => {
    asked.push(what)
    return failure ? Promise.reject(failure) : Promise.resolve(value)
  }
  const client = toClient((id) => answer('file', createFile(id)), {
    create: ({ kind }) => answer(kind, { id: '7' as TaskId, usageCharacters: null }),
  })
  const guarded = createGuard(client, clock, { isExempt: () => false })
  const toOutcome = (work: Promise<unknown>) =>
    work.then(
      () => 'well',
      ({ code, refused }: FileError) => `${code} ${refused}`,
    )
  let files = 0
  const lookUp = () => toOutcome(guarded.retrieve(toId(String(++files)), createLookup()))
  return {
    clock,
    asked,
    isWell: guarded.isWell,
    lookUp,
    /** Ten files fail, which shuts the guard. */
    shut: async () => {
      for (let count = 0; count < 10; count++) await lookUp()
      asked.length = 0
    },
    upload: () => toOutcome(guarded.upload(false, () => answer('upload', {}))),
    create: (kind: TaskKind = 'video') =>
      toOutcome(guarded.create({ kind } as Order, { microUsd: 1, settle: () => 1 }, createLookup())),
    set: (next: FileError | undefined) => {
      failure = next
    },
  }
}

const lost = (code: FileErrorCode) => new FileError(code, { cause: new FileError('UPSTREAM_TIMEOUT') })

describe.each([
  ['uploads', 'upload', 'UPLOAD_OUTCOME_UNKNOWN'],
  ['creations', 'create', 'TASK_OUTCOME_UNKNOWN'],
] as const)('while the upstream is down, %s', (_, operation, unknown) => {
  it('fail without a call, and are no probe where look-ups come', async () => {
    const { shut, lookUp, clock, asked, ...writes } = startWrites()
    await shut()
    for (let second = 0; second < 20; second++) {
      expect(await writes[operation]()).toBe('UPSTREAM_UNAVAILABLE true')
      clock.pass(SECOND)
      await lookUp()
    }
    expect(asked).toEqual(Array(20).fill('file'))
  })

  it('find out by themselves that it is back where no look-up comes', async () => {
    const { shut, clock, asked, set, isWell, ...writes } = startWrites()
    await shut()
    set(lost(unknown))
    for (let second = 0; second < 13; second++) {
      await writes[operation]()
      await writes[operation]()
      clock.pass(SECOND)
    }
    expect(asked).toHaveLength(2)
    expect(isWell()).toBe(false)
    set(undefined)
    clock.pass(6 * SECOND)
    expect(await writes[operation]()).toBe('well')
    expect(isWell()).toBe(true)
    expect(await writes[operation]()).toBe('well')
  })

  it('say nothing about it where they succeed beside look-ups that fail', async () => {
    const { lookUp, set, isWell, ...writes } = startWrites()
    for (let count = 0; count < 9; count++) await lookUp()
    set(undefined)
    expect(await writes[operation]()).toBe('well')
    set(down())
    await lookUp()
    expect(isWell()).toBe(false)
  })

  it('open no window where a limit of our own refuses them', async () => {
    const { set, ...writes } = startWrites(
      new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds: 60, refused: true }),
    )
    await writes[operation]()
    set(undefined)
    expect(await writes[operation]()).toBe('well')
  })

  it('are let in again after one that the upstream refused', async () => {
    const { shut, clock, set, isWell, ...writes } = startWrites()
    await shut()
    set(new FileError('UPSTREAM_CONTENT_REJECTED'))
    clock.pass(6 * SECOND)
    expect(await writes[operation]()).toBe('UPSTREAM_CONTENT_REJECTED false')
    expect(isWell()).toBe(true)
  })

  it('without a known outcome are no sign of life', async () => {
    const { lookUp, set, isWell, ...writes } = startWrites()
    for (let count = 0; count < 9; count++) await lookUp()
    set(lost(unknown))
    expect(await writes[operation]()).toBe(`${unknown} false`)
    set(down())
    await lookUp()
    expect(isWell()).toBe(false)
  })
})

describe.each(['upload', 'create'] as const)('an account that has no room for another %s', (operation) => {
  it.each<FileErrorCode>([
    'UPSTREAM_QUOTA_EXCEEDED',
    'UPSTREAM_INSUFFICIENT_BALANCE',
    'UPSTREAM_RATE_LIMITED',
  ])('is spared more of them after %s, and looks up files as before', async (code) => {
    const { lookUp, asked, set, isWell, ...writes } = startWrites()
    set(new FileError(code, { retryAfterSeconds: 60 }))
    expect(await writes[operation]()).toBe(`${code} false`)
    expect(await writes[operation]()).toBe(`${code} true`)
    set(undefined)
    expect([await lookUp(), isWell()]).toEqual(['well', true])
    expect(asked).toEqual([expect.not.stringMatching('file'), 'file'])
  })
})

it('an upload whose bytes are not those that were announced is no sign of life', async () => {
  const { shut, lookUp, clock, set, isWell, upload } = startWrites()
  for (let count = 0; count < 9; count++) await lookUp()
  set(new FileError('DIGEST_MISMATCH'))
  expect(await upload()).toBe('DIGEST_MISMATCH false')
  set(down())
  await lookUp()
  expect(isWell()).toBe(false)
  await shut()
  set(new FileError('DIGEST_MISMATCH'))
  clock.pass(6 * SECOND)
  expect(await upload()).toBe('DIGEST_MISMATCH false')
  expect(isWell()).toBe(false)
})

it('a creation that waits for its turn is told that the upstream is down', async () => {
  const clock = createFakeClock()
  let turn = () => {}
  const client = toClient(() => Promise.reject(down()), {
    create: async (_, __, lookup) => {
      await new Promise<void>((resolve) => {
        turn = resolve
      })
      lookup.check?.(lookup)
      throw new TypeError('It was not to be sent.')
    },
  })
  const { create, retrieve } = createGuard(client, clock, { isExempt: () => false })
  const waiting = create({ kind: 'video' } as Order, { microUsd: 1, settle: () => 1 }, createLookup())
  for (let id = 1; id <= 10; id++) await retrieve(toId(String(id)), createLookup()).catch(() => {})
  turn()
  await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', refused: true })
})

it('a query that waits for its turn is told of a rate limit that a file has met meanwhile', async () => {
  let turn = () => {}
  const client = toClient(() => Promise.reject(limit(60)), {
    query: async (_, __, lookup) => {
      await new Promise<void>((resolve) => {
        turn = resolve
      })
      lookup.check?.(lookup)
      throw new TypeError('It was not to be sent.')
    },
  })
  const { query, retrieve } = createGuard(client, createFakeClock(), { isExempt: () => false })
  const waiting = query('video', '7' as TaskId, createLookup())
  await retrieve(toId('1'), createLookup()).catch(() => {})
  turn()
  await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_RATE_LIMITED', refused: true })
})

it('lets exempt files fail and succeed without a trace', async () => {
  const { lookUp, set } = start((id) => id.length < 3)
  set(limit(60))
  expect(await lookUp('12')).toBe('UPSTREAM_RATE_LIMITED 60, 1')
  expect(await lookUp('12')).toBe('UPSTREAM_RATE_LIMITED 60, 1')
  set({})
  expect(await lookUp('12')).toBe('well, 1')
  expect(await lookUp('12345')).toBe('well, 1')
})

describe('each operation', () => {
  /** A guard over an upstream where all fails like that; whoever asks is told whether it was refused unasked. */
  function startFailing(code: FileErrorCode, retryAfterSeconds: number | null = null) {
    const asked: string[] = []
    const fail = (...name: unknown[]) => {
      asked.push(name.join(' '))
      return Promise.reject(new FileError(code, { retryAfterSeconds }))
    }
    const guard = createGuard(
      {
        retrieve: (id) => fail('retrieve', id),
        list: (purpose) => fail('list', purpose),
        delete: (id, purpose) => fail('delete', id, purpose),
        content: (id) => fail('content', id),
        create: ({ kind }) => fail('create', kind),
        query: (kind, id) => fail('query', kind, id),
      },
      createFakeClock(),
      { isExempt: (id) => id === '4' },
    )
    const isRefused = (outcome: Promise<unknown>) =>
      outcome.then(
        () => undefined,
        ({ refused }: FileError) => refused,
      )
    return {
      asked,
      retrieve: (id: string) => isRefused(guard.retrieve(toId(id), createLookup())),
      list: (purpose?: string) => isRefused(guard.list(purpose, createLookup())),
      remove: (id: string, purpose?: string) => isRefused(guard.delete(toId(id), purpose, createLookup())),
      content: (id: string) => isRefused(guard.content(toId(id), createBytesCall(), createLookup())),
      query: (kind: TaskKind, id: string) => isRefused(guard.query(kind, id as TaskId, createLookup())),
      create: (kind: TaskKind) => isRefused(guard.create({ kind } as Order, {} as Price, createLookup())),
      upload: (isTrial: boolean) => isRefused(guard.upload(isTrial, () => fail('upload'))),
    }
  }

  it('has its failure remembered under all that it was asked with, and under no more', async () => {
    const { asked, retrieve, list, remove, content, query } = startFailing('UPSTREAM_INVALID_REQUEST')
    const all: Readonly<Record<string, () => Promise<unknown>>> = {
      'retrieve 1': () => retrieve('1'),
      'retrieve 2': () => retrieve('2'),
      'list ': () => list(),
      'list a': () => list('a'),
      'list b': () => list('b'),
      'delete 1 ': () => remove('1'),
      'delete 1 a': () => remove('1', 'a'),
      'delete 1 b': () => remove('1', 'b'),
      'delete 2 a': () => remove('2', 'a'),
      'content 1': () => content('1'),
      'content 2': () => content('2'),
      'query video 1': () => query('video', '1'),
      'query video 2': () => query('video', '2'),
      'query speech 1': () => query('speech', '1'),
    }
    for (const isKnown of [false, true])
      for (const [name, ask] of Object.entries(all)) expect(await ask(), name).toBe(isKnown)
    expect(asked).toEqual(Object.keys(all))
  })

  it('is not asked for again if the upstream lacks it, and others are', async () => {
    const { list, remove, content, query, create, upload, retrieve } = startFailing('UPSTREAM_UNSUPPORTED')
    for (const [id, isKnown] of [
      ['1', false],
      ['2', true],
    ] as const) {
      for (const ask of [list, remove, content]) expect(await ask(id), ask.name).toBe(isKnown)
      for (const kind of ['video', 'speech'] as const) {
        expect(await query(kind, id), kind).toBe(isKnown)
        expect(await create(kind), kind).toBe(isKnown)
      }
      expect(await upload(false)).toBe(isKnown)
      expect(await retrieve(id)).toBe(false)
    }
  })

  it('is asked for what fails by its name alone, whatever holds for the account', async () => {
    const { asked, retrieve, remove, content, upload } = startFailing('UPSTREAM_RATE_LIMITED', 60)
    await retrieve('1')
    for (const id of ['2', '4']) {
      const isOther = id === '2'
      for (const ask of [retrieve, remove, content]) expect(await ask(id)).toBe(isOther)
      expect(await upload(!isOther)).toBe(isOther)
    }
    expect(asked).toEqual(['retrieve 1', 'retrieve 4', 'delete 4 ', 'content 4', 'upload'])
  })
})
