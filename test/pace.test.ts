import { describe, expect, it } from 'vitest'
import { createPace } from '../src/client/pace.js'
import { FileError } from '../src/errors.js'
import { createRetryBudget } from '../src/wire/retry.js'
import { startClient } from './helpers/faults.js'
import { toVideo } from './helpers/orders.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { createLookup, toId } from './helpers/source.js'
import { startUpstream } from './helpers/upstream.js'

describe('what the upstream has lately needed', () => {
  it('is an eighth of an attempt before the first answer, so that no fresh look-up is held back', () => {
    expect(createPace(5000).neededMs()).toBe(625)
  })

  it('is what the first answer took', () => {
    const pace = createPace(5000)
    pace.observe(300)
    expect(pace.neededMs()).toBe(300)
  })

  it('follows a change within some answers, and forgets a single slow one', () => {
    const pace = createPace(5000)
    pace.observe(100)
    for (let answers = 0; answers < 20; answers++) pace.observe(3000)
    expect(pace.neededMs()).toBeGreaterThan(2700)
    for (let answers = 0; answers < 20; answers++) pace.observe(100)
    expect(pace.neededMs()).toBeLessThan(320)
  })

  it('is never more than an attempt may take', () => {
    const pace = createPace(5000)
    pace.observe(60_000)
    expect(pace.neededMs()).toBe(5000)
  })
})

/** Time enough for a busy machine. */
const PATIENT = { timeoutMs: 20_000, connectTimeoutMs: 10_000 }

describe('a look-up', () => {
  const file = toAnswer('{"file":{"file_id":437030092800001}}')

  it('is not sent with less time left than that, and says that it is our own deadline', async () => {
    const peer = await startPeer((socket) => setTimeout(() => socket.write(file), 200))
    const { ask, records } = startClient(peer.url.href, PATIENT)
    expect((await ask()).file).toBeDefined()
    const { error, sent } = await ask('1', { deadlineMs: performance.now() + 150 })
    expect([error?.code, error?.refused, sent]).toEqual(['UPSTREAM_TIMEOUT', true, 0])
    expect([peer.requests.length, records]).toEqual([1, ['OK']])
  })

  it('leaves the queue when it is stopped, and is not sent', async () => {
    const peer = await startPeer(() => {})
    const { client } = startClient(peer.url.href, { ...PATIENT, connections: 1 })
    client.retrieve(toId('1'), createLookup({ deadlineMs: performance.now() + 20_000 })).catch(() => {})
    await expect.poll(() => peer.requests.length).toBe(1)
    const lookup = createLookup({ deadlineMs: performance.now() + 20_000 })
    const waiting = client.retrieve(toId('2'), lookup)
    lookup.stop?.()
    await expect(waiting).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', refused: true })
    expect(peer.requests).toHaveLength(1)
  })

  it('is not sent once nobody waits', async () => {
    const peer = await startPeer((socket) => socket.write(file))
    const { ask } = startClient(peer.url.href)
    const { error, sent } = await ask('1', { isAbandoned: true })
    expect([error?.refused, sent, peer.requests.length]).toEqual([true, 0, 0])
  })

  it.each([
    ['1000, then 503', '{"base_resp":{"status_code":1000}}', '200 OK'],
    ['a page, then 503', '<html>', '200 OK'],
    ['503, then 1000', '{}', '503 Service Unavailable'],
  ])(
    'is sent twice at the most when one of its answers may have been billed: %s',
    async (_, first, status) => {
      const second = status === '200 OK' ? toAnswer('{}', { status: '503 Down' }) : undefined
      let answered = 0
      const peer = await startPeer((socket) => {
        const billed = toAnswer('{"base_resp":{"status_code":1000}}')
        socket.write([toAnswer(first, { status }), second ?? billed, file][answered++] ?? file)
      })
      const { error, sent } = await startClient(peer.url.href, PATIENT).ask()
      expect([error?.code, sent, peer.requests.length]).toEqual(['UPSTREAM_UNAVAILABLE', 2, 2])
    },
  )

  it('is sent three times where nothing was served', async () => {
    let answered = 0
    const peer = await startPeer((socket) =>
      socket.write(answered++ < 2 ? toAnswer('{}', { status: '503 Down' }) : file),
    )
    expect(await startClient(peer.url.href, PATIENT).ask()).toMatchObject({ file: {}, sent: 3 })
  })
})

describe('the retry budget', () => {
  it('gets back what a retry took when that ends in a failure that stays, since the upstream is alive', async () => {
    let answered = 0
    const peer = await startPeer((socket) => {
      const refusal = toAnswer('{"base_resp":{"status_code":2061}}')
      socket.write(answered++ % 2 === 0 ? toAnswer('{}', { status: '503 Down' }) : refusal)
    })
    const budget = createRetryBudget({ capacity: 5, cost: 5 })
    const { ask } = startClient(peer.url.href, { ...PATIENT, budget })
    for (const id of ['1', '2', '3']) expect(await ask(id)).toMatchObject({ sent: 2 })
  })
})

describe('the retry budget is filled', () => {
  /** An upstream that answers so, or not at all, and how often something was put into the budget. */
  async function start(answer?: string) {
    const { url } = await startUpstream(() => answer ?? ((response) => response.destroy()))
    let deposits = 0
    const budget = { withdraw: () => false, deposit: () => deposits++ }
    const { client, ask, records } = startClient(url, { ...PATIENT, budget })
    const create = () => client.create(toVideo(), { microUsd: 1, settle: () => 1 }, within()).catch(() => {})
    return { ask, create, records, deposits: () => deposits }
  }
  const within = () => createLookup({ deadlineMs: performance.now() + 20_000 })

  it.each([
    ['a task that was created', '{"task_id":"7"}', 'OK'],
    ['a creation that was refused', '{"base_resp":{"status_code":1026}}', 'UPSTREAM_CONTENT_REJECTED'],
  ])('by %s', async (_, body, ending) => {
    const { create, deposits, records } = await start(body)
    await create()
    expect([deposits(), records]).toEqual([1, [ending]])
  })

  it.each([
    ['has no answer', undefined, 'UPSTREAM_UNAVAILABLE'],
    ['has an answer without a task', '{}', 'UPSTREAM_BAD_RESPONSE'],
  ])('not by a creation that %s', async (_, answer, ending) => {
    const { create, deposits, records } = await start(answer)
    await create()
    expect([deposits(), records]).toEqual([0, [ending]])
  })

  it('not by a look-up that was never sent, whatever it ends in', async () => {
    const { ask, deposits } = await start()
    const refusal = new FileError('UPSTREAM_UNAUTHENTICATED', { refused: true })
    const check = () => {
      throw refusal
    }
    expect(await ask('1', { check })).toMatchObject({ error: refusal, sent: 0 })
    expect(deposits()).toBe(0)
  })
})

describe('the price of a look-up', () => {
  it('is taken anew where the day for which it was taken is over when it would be sent', async () => {
    const peer = await startPeer((socket) => socket.write(toAnswer('{"file":{"file_id":437030092800001}}')))
    const days: string[] = []
    const spend = {
      reserve: () => {
        const day = days.length === 0 ? 'yesterday' : 'today'
        days.push(day)
        return { confirm: () => day === 'today', refund() {} }
      },
      secondsLeft: () => 1,
      isUsedUp: () => false,
      today: () => ({ limitMicroUsd: 0, leftMicroUsd: 0 }),
      close: async () => {},
    }
    const { ask } = startClient(peer.url.href, { ...PATIENT, spend })
    expect(await ask()).toMatchObject({ file: {}, sent: 1 })
    expect([days, peer.requests.length]).toEqual([['yesterday', 'today'], 1])
  })

  it('is given back where nobody waits any more by the time that it is taken', async () => {
    const peer = await startPeer((socket) => socket.write(toAnswer('{"file":{"file_id":437030092800001}}')))
    const lookup = createLookup({ deadlineMs: performance.now() + 20_000 })
    const refunds: unknown[] = []
    const spend = {
      reserve: async () => {
        lookup.isAbandoned = true
        return { confirm: () => true, refund: (microUsd?: number) => void refunds.push(microUsd) }
      },
      secondsLeft: () => 1,
      isUsedUp: () => false,
      today: () => ({ limitMicroUsd: 0, leftMicroUsd: 0 }),
      close: async () => {},
    }
    const { client } = startClient(peer.url.href, { ...PATIENT, spend })
    await expect(client.retrieve(toId('437030092800001'), lookup)).rejects.toMatchObject({ refused: true })
    expect([lookup.sent, peer.requests.length, refunds]).toEqual([0, 0, [undefined]])
  })
})
