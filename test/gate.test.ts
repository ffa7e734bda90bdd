import { describe, expect, it } from 'vitest'
import { createGate } from '../src/wire/gate.js'

const patient = () => new AbortController().signal
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('gate', () => {
  it('lets the limit in at once, and the rest one by one as others leave', async () => {
    const gate = createGate({ limit: 2, maxQueued: 10 })
    const order: string[] = []
    const enter = async (name: string) => {
      const release = await gate.enter(patient())
      order.push(name)
      return release
    }
    const first = await enter('a')
    const second = await enter('b')
    const third = enter('c')
    const fourth = enter('d')
    await settle()
    expect(order).toEqual(['a', 'b'])
    second()
    await third
    expect(order).toEqual(['a', 'b', 'c'])
    first()
    await fourth
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  it('counts a place that is given back twice once', async () => {
    const gate = createGate({ limit: 1, maxQueued: 10 })
    const release = await gate.enter(patient())
    release()
    release()
    await gate.enter(patient())
    let entered = false
    gate.enter(patient()).then(() => {
      entered = true
    })
    await settle()
    expect(entered).toBe(false)
  })

  it('lets a waiter go at once when its signal aborts, with that reason, and serves the next', async () => {
    const gate = createGate({ limit: 1, maxQueued: 2 })
    const release = await gate.enter(patient())
    const leaver = new AbortController()
    const left = gate.enter(leaver.signal)
    const stayed = gate.enter(patient())
    const reason = new Error('gone')
    leaver.abort(reason)
    await expect(left).rejects.toBe(reason)
    release()
    await expect(stayed).resolves.toBeTypeOf('function')
  })

  it('frees the place in the queue that an aborted waiter held', async () => {
    const gate = createGate({ limit: 1, maxQueued: 1 })
    await gate.enter(patient())
    const leaver = new AbortController()
    const left = gate.enter(leaver.signal)
    await expect(gate.enter(patient())).rejects.toThrow('The queue is full.')
    leaver.abort()
    await expect(left).rejects.toThrow()
    const waiting = gate.enter(patient())
    await expect(Promise.race([waiting, settle()])).resolves.toBeUndefined()
  })

  it('turns away who comes with an aborted signal, even when there is room', async () => {
    const gate = createGate({ limit: 1, maxQueued: 1 })
    await expect(gate.enter(AbortSignal.abort('late'))).rejects.toBe('late')
    await expect(gate.enter(patient())).resolves.toBeTypeOf('function')
  })

  it('ignores an abort that comes after the place was given', async () => {
    const gate = createGate({ limit: 1, maxQueued: 1 })
    const release = await gate.enter(patient())
    const caller = new AbortController()
    const entered = gate.enter(caller.signal)
    release()
    const releaseLate = await entered
    caller.abort()
    releaseLate()
    await expect(gate.enter(patient())).resolves.toBeTypeOf('function')
  })

  it('keeps exact count through a thousand comings, goings and desertions', async () => {
    const gate = createGate({ limit: 3, maxQueued: 1000 })
    let inside = 0
    let most = 0
    const visits = Array.from({ length: 1000 }, async (_, i) => {
      const caller = new AbortController()
      if (i % 7 === 0) setImmediate(() => caller.abort('bored'))
      const release = await gate.enter(caller.signal)
      most = Math.max(most, ++inside)
      await settle()
      inside--
      release()
    })
    const outcomes = await Promise.allSettled(visits)
    expect(most).toBe(3)
    expect(inside).toBe(0)
    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(100)
    const again = await Promise.all([1, 2, 3].map(() => gate.enter(patient())))
    expect(again).toHaveLength(3)
  })
})
