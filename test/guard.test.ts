import { describe, expect, it } from 'vitest'
import { createGuard } from '../src/client/guard.js'
import { FileError, type FileErrorCode } from '../src/errors.js'
import { createCall, createFakeClock, createFakeSource, createFile, toId } from './helpers/source.js'

const SECOND = 1000

/** A guard over a source that answers what `set` said last. */
function start(toAccount: (id: string) => string = () => '') {
  const clock = createFakeClock()
  let answer: FileError | object = {}
  const { asked, source } = createFakeSource(() => answer)
  const { files, isWell } = createGuard(source, clock, { toAccount })
  /** `well`, or the code of the failure and after how long it says to come back; and whether a call was made. */
  async function lookUp(id = '1') {
    const call = createCall()
    const outcome = await files(toId(id), call).then(
      () => 'well',
      ({ code, retryAfterSeconds }: FileError) => `${code} ${retryAfterSeconds}`,
    )
    return `${outcome}, ${call.sent}`
  }
  async function lookUpMany(count: number) {
    const outcomes: string[] = []
    for (let id = 1; id <= count; id++) outcomes.push(await lookUp(String(id)))
    return outcomes
  }
  const set = (next: typeof answer) => {
    answer = next
  }
  return { clock, asked, files, isWell, lookUp, lookUpMany, set }
}

const limit = (retryAfterSeconds: number) => new FileError('UPSTREAM_RATE_LIMITED', { retryAfterSeconds })
const down = () => new FileError('UPSTREAM_UNAVAILABLE')

describe('after a rate limit', () => {
  it('no look-up makes a call for as long as the upstream said, and each is told what is left', async () => {
    const { lookUp, clock, set, isWell } = start()
    set(limit(60))
    expect(isWell('')).toBe(true)
    expect(await lookUp()).toBe('UPSTREAM_RATE_LIMITED 60, 1')
    set({})
    expect(isWell('')).toBe(false)
    expect(await lookUp('2')).toBe('UPSTREAM_RATE_LIMITED 60, 0')
    clock.pass(20.5 * SECOND)
    expect(await lookUp('2')).toBe('UPSTREAM_RATE_LIMITED 40, 0')
    clock.pass(39.499 * SECOND)
    expect(await lookUp('2')).toBe('UPSTREAM_RATE_LIMITED 1, 0')
    clock.pass(1)
    expect(isWell('')).toBe(true)
    expect(await lookUp('2')).toBe('well, 1')
  })

  it('the window outlasts look-ups that began before it, whatever becomes of them', async () => {
    const ends: ((error?: FileError) => void)[] = []
    const clock = createFakeClock()
    const { source } = createFakeSource(
      () => new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve({})))),
    )
    const { files } = createGuard(source, clock, { toAccount: () => '' })
    const all = Promise.allSettled([1, 2, 3, 4].map((id) => files(toId(String(id)), createCall())))
    const [first, second, third, fourth] = ends
    first?.(limit(60))
    second?.()
    third?.(down())
    fourth?.(new FileError('UPSTREAM_UNAUTHENTICATED'))
    await all
    clock.pass(30 * SECOND)
    await expect(files(toId('5'), createCall())).rejects.toMatchObject({
      code: 'UPSTREAM_RATE_LIMITED',
      retryAfterSeconds: 30,
    })
  })

  it('a hint beyond an hour is not believed', async () => {
    const { lookUp, clock, set } = start()
    set(limit(2_147_483))
    await lookUp()
    set({})
    clock.pass(3600 * SECOND)
    expect(await lookUp()).toBe('well, 1')
  })
})

describe('after a failure of the account', () => {
  it.each<FileErrorCode>([
    'UPSTREAM_UNAUTHENTICATED',
    'UPSTREAM_INSUFFICIENT_BALANCE',
    'UPSTREAM_QUOTA_EXCEEDED',
  ])('%s, other files fail alike for two seconds', async (code) => {
    const { lookUpMany, lookUp, clock, set } = start()
    const upstream = { httpStatus: 200, statusCode: 1, statusMessage: null, traceId: null }
    set(new FileError(code, { upstream }))
    expect(await lookUpMany(3)).toEqual([`${code} null, 1`, `${code} null, 0`, `${code} null, 0`])
    clock.pass(2 * SECOND)
    set({})
    expect(await lookUp()).toBe('well, 1')
  })

  it('tells what the upstream said, and that it was not asked again', async () => {
    const { files, lookUp, set } = start()
    const upstream = { httpStatus: 200, statusCode: 1004, statusMessage: null, traceId: null }
    set(new FileError('UPSTREAM_UNAUTHENTICATED', { upstream }))
    await lookUp()
    await expect(files(toId('2'), createCall())).rejects.toMatchObject({ upstream, refused: true })
  })
})

it('a look-up that waits for its turn is told that asking has become useless', async () => {
  const clock = createFakeClock()
  const turns: (() => void)[] = []
  const { files } = createGuard(
    async (id, { onTurn }) => {
      if (id === '1') throw new FileError('UPSTREAM_UNAUTHENTICATED')
      return new Promise((_, reject) => {
        turns.push(() => {
          try {
            onTurn?.()
          } catch (error) {
            reject(error)
          }
        })
      })
    },
    clock,
    { toAccount: () => '' },
  )
  const waiting = files(toId('2'), createCall())
  for (const turn of turns) turn() // nothing is known yet
  await files(toId('1'), createCall()).catch(() => {})
  for (const turn of turns) turn()
  await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_UNAUTHENTICATED', refused: true })
})

describe('after a failure of one file', () => {
  it.each<FileErrorCode>([
    'FILE_NOT_FOUND',
    'UPSTREAM_FORBIDDEN',
    'UPSTREAM_INVALID_REQUEST',
    'UPSTREAM_ERROR',
  ])('%s, other files are asked for', async (code) => {
    const { lookUpMany, lookUp, set } = start()
    set(new FileError(code))
    await lookUpMany(30)
    set({})
    expect(await lookUp()).toBe('well, 1')
  })
})

describe('while the upstream is down', () => {
  it.each<FileErrorCode>(['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_BAD_RESPONSE'])(
    '%s ten times in a row, one look-up a second finds out whether it is back',
    async (code) => {
      const { asked, lookUpMany, clock, set, isWell } = start()
      set(new FileError(code))
      await lookUpMany(9)
      expect(isWell('')).toBe(true)
      await lookUpMany(191)
      expect(asked).toHaveLength(10)
      for (const second of [1, 2, 3]) {
        clock.pass(SECOND)
        await lookUpMany(20)
        expect(asked).toHaveLength(10 + second)
      }
      clock.pass(SECOND)
      set({})
      expect(isWell('')).toBe(false)
      expect(new Set(await lookUpMany(20))).toEqual(new Set(['well, 1']))
      expect(isWell('')).toBe(true)
    },
  )

  it('look-ups that wait for their turn are told so, all but the probe', async () => {
    const clock = createFakeClock()
    const turns: (() => void)[] = []
    const { files } = createGuard(
      async (id, { onTurn }) => {
        if (Number(id) <= 10) throw down()
        await new Promise<void>((resolve) => turns.push(resolve))
        onTurn?.()
        return { file: createFile(id), freshUntilMs: 0 }
      },
      clock,
      { toAccount: () => '' },
    )
    const ask = (id: number) =>
      files(toId(String(id)), createCall()).then(
        () => 'well',
        ({ code, refused }: FileError) => `${code} ${refused}`,
      )
    const waiting = ask(11)
    for (let id = 1; id <= 10; id++) await ask(id)
    clock.pass(SECOND)
    const probe = ask(12)
    for (const turn of turns) turn()
    expect(await Promise.all([waiting, probe])).toEqual(['UPSTREAM_UNAVAILABLE true', 'well'])
  })

  it('says when to come back, and does not wait for a probe that hangs', async () => {
    const { lookUpMany, lookUp, clock, set, asked } = start()
    set(down())
    await lookUpMany(10)
    expect(await lookUp()).toBe('UPSTREAM_UNAVAILABLE 1, 0')
    clock.pass(SECOND)
    set(new Promise(() => {}))
    void lookUp()
    clock.pass(SECOND)
    void lookUp()
    expect(asked).toHaveLength(12)
  })

  it('probes are made with one attempt, other look-ups with as many as they are worth', async () => {
    const clock = createFakeClock()
    const probes: unknown[] = []
    const { files } = createGuard(
      async (_, { isProbe }) => {
        probes.push(isProbe)
        throw down()
      },
      clock,
      { toAccount: () => '' },
    )
    for (let id = 1; id <= 10; id++) await files(toId(String(id)), createCall()).catch(() => {})
    clock.pass(SECOND)
    await files(toId('11'), createCall()).catch(() => {})
    expect(probes).toEqual([...Array(10).fill(false), true])
  })

  it('now and then only, nothing is refused', async () => {
    const { lookUp, set } = start()
    for (let round = 0; round < 50; round++) {
      set(round % 10 === 0 ? {} : down())
      expect(await lookUp()).toMatch(/, 1$/)
    }
  })

  it('a look-up whose asker left, or that a limit of ours refused, shows nothing', async () => {
    const { files, lookUpMany, lookUp, set } = start()
    set(new FileError('UPSTREAM_UNAVAILABLE', { refused: true }))
    await lookUpMany(20)
    set(down())
    const left = createCall(AbortSignal.abort())
    for (let id = 1; id <= 20; id++) await files(toId(String(id)), left).catch(() => {})
    set({})
    expect(await lookUp()).toBe('well, 1')
  })
})

it('keeps the troubles of one account from the others', async () => {
  const { lookUp, set } = start((id) => (id.length < 3 ? id : ''))
  set(limit(60))
  await lookUp('12')
  set({})
  expect(await lookUp('12')).toBe('UPSTREAM_RATE_LIMITED 60, 0')
  expect(await lookUp('13')).toBe('well, 1')
  expect(await lookUp('12345')).toBe('well, 1')
})
