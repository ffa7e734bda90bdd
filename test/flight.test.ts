import { describe, expect, it } from 'vitest'
import { createFlights } from '../src/cache/flight.js'
import type { Lookup } from '../src/file.js'
import { createAsker } from './helpers/source.js'

/** Flights whose ends the test decides. */
function start() {
  const started: { readonly lookup: Lookup; resolve(value: string): void; reject(error: Error): void }[] = []
  const flights = createFlights<string>(
    (_, lookup) => new Promise((resolve, reject) => started.push({ lookup, resolve, reject })),
  )
  const join = (key = 'a', asker = createAsker()) =>
    flights.join(key, asker, { sent() {}, refunded() {} }, 100)
  return { flights, started, join }
}

describe('createFlights', () => {
  it('gives one outcome to all who ask while it is under way', async () => {
    const { flights, started, join } = start()
    const all = Promise.all([join(), join(), join()])
    expect(flights.has('a')).toBe(true)
    started[0]?.resolve('done')
    expect(await all).toEqual(['done', 'done', 'done'])
    expect(started).toHaveLength(1)
    expect(flights.has('a')).toBe(false)
  })

  it('gives one failure to all who ask, and starts anew for the next', async () => {
    const { started, join } = start()
    const all = Promise.allSettled([join(), join()])
    started[0]?.reject(new Error('down'))
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = join()
    started[1]?.resolve('up')
    expect(await next).toBe('up')
  })

  it('keeps flights of different keys apart', async () => {
    const { started, join } = start()
    const both = Promise.all([join('a'), join('b')])
    started[1]?.resolve('B')
    started[0]?.resolve('A')
    expect(await both).toEqual(['A', 'B'])
  })

  it('gives a dropped one to those who wait for it, and to nobody else', async () => {
    const { flights, started, join } = start()
    const early = join()
    flights.drop('a')
    flights.drop('b')
    expect(flights.has('a')).toBe(false)
    const late = join()
    const isCurrent = () => started.map(({ lookup }) => flights.isCurrent('a', lookup))
    expect(isCurrent()).toEqual([false, true])
    started[0]?.resolve('old')
    expect([await early, flights.has('a'), isCurrent()]).toEqual(['old', true, [false, true]])
    started[1]?.resolve('new')
    expect([await late, isCurrent()]).toEqual(['new', [false, false]])
  })

  it('lets a waiter leave at once, and goes on for the others', async () => {
    const { started, join } = start()
    const leaver = createAsker()
    const left = join('a', leaver)
    const stayed = join()
    leaver.leave()
    await expect(left).rejects.toThrow()
    expect(started[0]?.lookup.isAbandoned).toBe(false)
    started[0]?.resolve('done')
    expect(await stayed).toBe('done')
  })

  it('is stopped with its last waiter while it can be, and whoever comes next starts another', async () => {
    const { started, join } = start()
    const leavers = [createAsker(), createAsker()]
    const all = Promise.allSettled(leavers.map((leaver) => join('a', leaver)))
    let stops = 0
    if (started[0]) started[0].lookup.stop = () => void stops++
    leavers[0]?.leave()
    expect(stops).toBe(0)
    leavers[1]?.leave()
    expect([stops, started[0]?.lookup.isAbandoned]).toEqual([1, true])
    await all
    const next = join()
    started[0]?.reject(new Error('stopped')) // its end is not that of the one that took its place
    const joined = join()
    started[1]?.resolve('new')
    expect(await Promise.all([next, joined])).toEqual(['new', 'new'])
    expect(started).toHaveLength(2)
  })

  it('goes on without a waiter when it cannot be stopped, and whoever comes next joins it', async () => {
    const { started, join } = start()
    const leaver = createAsker()
    const left = join('a', leaver).catch(() => 'left')
    leaver.leave()
    expect(await left).toBe('left')
    expect(started[0]?.lookup.isAbandoned).toBe(true)
    const joined = join()
    expect(started[0]?.lookup.isAbandoned).toBe(false)
    started[0]?.resolve('done')
    expect(await joined).toBe('done')
    expect(started).toHaveLength(1)
  })

  it('that fails as it starts is over', async () => {
    const flights = createFlights<string>(() => {
      throw new Error('a bug')
    })
    const outcome = flights.join('a', createAsker(), { sent() {}, refunded() {} }, 100)
    await expect(outcome).rejects.toThrow('a bug')
    expect(flights.has('a')).toBe(false)
  })

  it('that fails when everybody has left is nobody’s failure', async () => {
    const { flights, started, join } = start()
    const leaver = createAsker()
    const left = join('a', leaver).catch(() => 'left')
    leaver.leave()
    await left
    started[0]?.reject(new Error('nobody hears this'))
    await new Promise(setImmediate)
    expect(flights.has('a')).toBe(false)
  })

  it('starts nothing for one who has left already', async () => {
    const { started, join } = start()
    await expect(join('a', createAsker(true))).rejects.toThrow()
    expect(started).toEqual([])
  })

  it('leaves no callback behind with an asker who stays', async () => {
    const { started, join } = start()
    const asker = createAsker()
    const outcome = join('a', asker)
    expect(asker.callbacks.size).toBe(1)
    started[0]?.resolve('done')
    await outcome
    expect(asker.callbacks.size).toBe(0)
  })
})
