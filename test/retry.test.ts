import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs, createRetryBudget, parseRetryAfter } from '../src/wire/retry.js'

const nowMs = Date.UTC(2026, 7, 6, 8, 49, 37)

describe('Retry-After', () => {
  it.each([
    ['1', 1],
    ['0', 0],
    ['3600', 3600],
    [' 5 ', 5],
    ['007', 7],
    ['Thu, 06 Aug 2026 08:49:47 GMT', 10],
    ['Thursday, 06-Aug-26 08:49:47 GMT', 10],
    ['Thu Aug  6 08:49:47 2026', 10],
    ['Thu, 06 Aug 2026 08:49:37 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
    ['2147483', 2147483],
    ['2147484', 2147483],
    ['100000000000000000000', 2147483],
    ['9'.repeat(400), 2147483],
    ['Thu, 06 Aug 9999 08:49:47 GMT', 2147483],
    [undefined, undefined],
    ['', undefined],
    [' ', undefined],
    ['abc', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['Infinity', undefined],
    ['1, 2', undefined],
    ['2026-08-06T08:49:47Z', undefined],
    ['Thu, 99 Aug 2026 08:49:47 GMT', undefined],
    ['Thu, 06 Xxx 2026 08:49:47 GMT', undefined],
    ['Thu, 06 Aug 2026 08:49:47 PST', undefined],
    ['Thu, 06 Aug 2026', undefined],
  ])('reads %j as %j seconds', (value, seconds) => {
    expect(parseRetryAfter(value, nowMs)).toBe(seconds)
  })

  it('rounds a part of a second up, so that nobody asks too early', () => {
    expect(parseRetryAfter('Thu, 06 Aug 2026 08:49:47 GMT', nowMs + 1)).toBe(10)
    expect(parseRetryAfter('Thu, 06 Aug 2026 08:49:47 GMT', nowMs + 9_999)).toBe(1)
  })

  it('gives nothing that a timer could not wait for, whatever the header says', () => {
    const anything = fc.oneof(fc.string(), fc.bigInt().map(String), fc.date().map(String))
    fc.assert(
      fc.property(fc.option(anything, { nil: undefined }), (value) => {
        const seconds = parseRetryAfter(value, nowMs)
        if (seconds === undefined) return
        expect(Number.isInteger(seconds)).toBe(true)
        expect(seconds).toBeGreaterThanOrEqual(0)
        expect(seconds * 1000).toBeLessThanOrEqual(2 ** 31 - 1)
      }),
    )
  })
})

describe('backoff', () => {
  it('doubles its ceiling with each attempt, up to the cap', () => {
    const ceilings = [0, 1, 2, 3, 4, 5000].map((attempt) => backoffMs(attempt, { random: () => 1 }))
    expect(ceilings).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  it('takes any point below the ceiling, zero included', () => {
    expect(backoffMs(2, { random: () => 0 })).toBe(0)
    expect(backoffMs(2, { random: () => 0.5 })).toBe(200)
  })

  it('starts at the base and ends at the cap that it is given', () => {
    expect(backoffMs(0, { baseMs: 500, random: () => 1 })).toBe(500)
    expect(backoffMs(9, { baseMs: 500, capMs: 2000, random: () => 1 })).toBe(2000)
  })
})

const count = (take: () => boolean) => {
  let taken = 0
  while (taken < 10_000 && take()) taken++
  return taken
}

describe('retry budget', () => {
  it('grants a dead upstream 100 retries, and then none', () => {
    const budget = createRetryBudget()
    expect(count(() => budget.withdraw('other'))).toBe(100)
    expect(budget.withdraw('other')).toBe(false)
  })

  it('grants half as many after time-outs', () => {
    const budget = createRetryBudget()
    expect(count(() => budget.withdraw('timeout'))).toBe(50)
  })

  it('takes nothing when it says no', () => {
    const budget = createRetryBudget({ capacity: 9 })
    expect(budget.withdraw('timeout')).toBe(false)
    expect(budget.withdraw('other')).toBe(true)
    expect(budget.withdraw('other')).toBe(false)
  })

  it('gives back to a retry that succeeds what it took', () => {
    const budget = createRetryBudget({ capacity: 10 })
    for (const kind of ['timeout', 'other', 'timeout'] as const) {
      expect(budget.withdraw(kind)).toBe(true)
      budget.deposit(kind)
    }
    expect(count(() => budget.withdraw('other'))).toBe(2)
  })

  it('recovers one token with each first success, and never above its capacity', () => {
    const budget = createRetryBudget({ capacity: 10 })
    count(() => budget.withdraw('other'))
    for (let i = 0; i < 4; i++) budget.deposit()
    expect(budget.withdraw('other')).toBe(false)
    budget.deposit()
    expect(budget.withdraw('other')).toBe(true)
    for (let i = 0; i < 1000; i++) budget.deposit()
    expect(count(() => budget.withdraw('other'))).toBe(2)
  })
})
