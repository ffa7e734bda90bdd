import { describe, expect, it } from 'vitest'
import { createFlights } from '../src/cache/flight.js'

const stays = () => new AbortController().signal

/** A flight whose end the test decides. */
function createFlight() {
  const signals: AbortSignal[] = []
  let land: { resolve(value: string): void; reject(error: Error): void } | undefined
  const outcome = new Promise<string>((resolve, reject) => {
    land = { resolve, reject }
  })
  const start = (signal: AbortSignal) => {
    signals.push(signal)
    return outcome
  }
  return {
    start,
    signals,
    resolve: (value: string) => land?.resolve(value),
    reject: (error: Error) => land?.reject(error),
  }
}

describe('createFlights', () => {
  it('gives one outcome to all who ask while it is under way', async () => {
    const flights = createFlights<string>()
    const { start, signals, resolve } = createFlight()
    const all = Promise.all([1, 2, 3].map(() => flights.join('a', stays(), start)))
    expect(flights.has('a')).toBe(true)
    resolve('done')
    expect(await all).toEqual(['done', 'done', 'done'])
    expect(signals).toHaveLength(1)
    expect(flights.has('a')).toBe(false)
  })

  it('gives one failure to all who ask, and starts anew for the next', async () => {
    const flights = createFlights<string>()
    const { start, signals, reject } = createFlight()
    const all = Promise.allSettled([1, 2].map(() => flights.join('a', stays(), start)))
    reject(new Error('down'))
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await flights.join('a', stays(), async () => 'up')).toBe('up')
    expect(signals).toHaveLength(1)
  })

  it('keeps flights of different keys apart', async () => {
    const flights = createFlights<string>()
    const both = [flights.join('a', stays(), async () => 'A'), flights.join('b', stays(), async () => 'B')]
    expect(await Promise.all(both)).toEqual(['A', 'B'])
  })

  it('lets a waiter leave at once, and goes on for the others', async () => {
    const flights = createFlights<string>()
    const { start, signals, resolve } = createFlight()
    const leaver = new AbortController()
    const left = flights.join('a', leaver.signal, start)
    const stayed = flights.join('a', stays(), start)
    leaver.abort('gone')
    await expect(left).rejects.toBe('gone')
    expect(signals[0]?.aborted).toBe(false)
    resolve('done')
    expect(await stayed).toBe('done')
  })

  it('is aborted with its last waiter, and whoever comes next starts another', async () => {
    const flights = createFlights<string>()
    const { start, signals } = createFlight()
    const leavers = [new AbortController(), new AbortController()]
    const all = Promise.allSettled(leavers.map(({ signal }) => flights.join('a', signal, start)))
    for (const leaver of leavers) leaver.abort('gone')
    await all
    expect(signals[0]?.aborted).toBe(true)
    expect(await flights.join('a', stays(), async () => 'new')).toBe('new')
  })

  it('starts nothing for one who has left already', async () => {
    const flights = createFlights<string>()
    const { start, signals } = createFlight()
    await expect(flights.join('a', AbortSignal.abort('gone'), start)).rejects.toBe('gone')
    expect(signals).toEqual([])
  })

  it('leaves no listener behind on a signal that lives on', async () => {
    const flights = createFlights<string>()
    const { signal } = new AbortController()
    const added: string[] = []
    const spy = Object.assign(signal, {
      addEventListener: (type: string) => added.push(type),
      removeEventListener: () => added.pop(),
    })
    await flights.join('a', spy, async () => 'done')
    expect(added).toEqual([])
  })
})
