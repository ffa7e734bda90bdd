// The scripts of the lease, each against a real server: who may take it, keep it, and give it back.
import { describe, expect, it } from 'vitest'
import { encodeEntry } from '../src/cache/entry.js'
import { createLeases, MAX_LEASE_MS } from '../src/cache/lease.js'
import { toTombstonesKey } from '../src/cache/tombstones.js'
import { ID, PREFIX, toOutcome } from './helpers/instances.js'
import { PATIENT } from './helpers/patience.js'
import { openRedis, startRedis, withoutRedis } from './helpers/redis.js'
import { toId } from './helpers/source.js'

const KEY = `${PREFIX}:${ID}`
const LEASE = `${KEY}:lease`
const id = toId(ID)
const entry = encodeEntry(toOutcome(ID))

async function start(leaseMs = MAX_LEASE_MS) {
  const server = await startRedis()
  const redis = openRedis(server.url, PATIENT)
  await redis.tried
  const leases = createLeases(redis, { prefix: PREFIX, leaseMs, tombstonesKey: toTombstonesKey(PREFIX) })
  const find = async (token: string) => (await leases.find(id, { token }))?.kind
  const holder = () => server.send('GET', LEASE)
  const leftMs = async () => Number(await server.send('PTTL', LEASE))
  return { server, leases, find, holder, leftMs }
}

describe.skipIf(withoutRedis)('a lease', () => {
  it('is its taker’s alone, for the time of a lease', async () => {
    const { find, holder, leftMs } = await start()
    expect([await find('one'), await find('two'), await holder()]).toEqual(['leased', 'held', 'one'])
    expect(await leftMs()).toBeGreaterThan(0)
    expect(await leftMs()).toBeLessThanOrEqual(MAX_LEASE_MS)
  })

  it('lasts longer when its holder renews it', async () => {
    const { server, leases, find, holder, leftMs } = await start()
    await find('one')
    await server.send('PEXPIRE', LEASE, String(MAX_LEASE_MS / 3))
    await leases.renew(id, 'one')
    expect(await leftMs()).toBeGreaterThan(MAX_LEASE_MS / 3)
    expect(await holder()).toBe('one')
  })

  it('that was lost and taken by nobody is its holder’s again when it renews', async () => {
    const { server, leases, find, holder, leftMs } = await start()
    await find('one')
    await server.send('DEL', LEASE)
    await leases.renew(id, 'one')
    expect(await holder()).toBe('one')
    expect(await leftMs()).toBeGreaterThan(0)
    expect(await find('two')).toBe('held')
  })

  it('that another has by now is not taken from it by renewing', async () => {
    const { server, leases, find, holder, leftMs } = await start()
    await find('one')
    await server.send('DEL', LEASE)
    await find('two')
    await server.send('PERSIST', LEASE)
    await leases.renew(id, 'one')
    expect([await holder(), await leftMs()]).toEqual(['two', -1])
  })

  it.each([
    ['for longer than any lease lasts', ['PX', String(100 * MAX_LEASE_MS)]],
    ['for ever', []],
  ])('that was set %s is nobody’s', async (_, life) => {
    const { server, find, holder, leftMs } = await start()
    await server.send('SET', LEASE, 'of a process gone wrong', ...life)
    expect([await find('one'), await holder()]).toEqual(['leased', 'one'])
    expect(await leftMs()).toBeLessThanOrEqual(MAX_LEASE_MS)
  })

  it('that was set for just as long as the longest is held', async () => {
    const { server, find } = await start(1000)
    await server.send('SET', LEASE, 'of another process', 'PX', String(MAX_LEASE_MS))
    expect(await find('one')).toBe('held')
  })
})

describe.skipIf(withoutRedis)('whoever lands', () => {
  it('gives its lease back, and keeps what it has found for all', async () => {
    const { server, leases, find, holder } = await start()
    await find('one')
    await leases.land(id, 'one', { keepMs: 60_000, entry })
    expect([await holder(), await server.send('GET', KEY)]).toEqual([null, entry])
  })

  it('keeps it also where the lease was lost and taken by nobody', async () => {
    const { server, leases, find } = await start()
    await find('one')
    await server.send('DEL', LEASE)
    await leases.land(id, 'one', { keepMs: 60_000, entry })
    expect(await server.send('GET', KEY)).toBe(entry)
  })

  it.each([
    ['an entry to keep', { keepMs: 60_000, entry }],
    ['nothing to keep', { keepMs: 0, entry }],
    ['a failure', {}],
  ])('with %s leaves lease and entry to another that has the lease by now', async (_, landing) => {
    const { server, leases, find, holder } = await start()
    await find('one')
    await server.send('DEL', LEASE)
    await find('two')
    await server.send('SET', KEY, 'of the other', 'PX', '60000')
    await leases.land(id, 'one', landing)
    expect([await holder(), await server.send('GET', KEY)]).toEqual(['two', 'of the other'])
  })

  it('without anything to keep drops what was kept', async () => {
    const { server, leases, find, holder } = await start()
    await server.send('SET', KEY, 'stale', 'PX', '60000')
    await find('one')
    await leases.land(id, 'one', { keepMs: 0, entry })
    expect([await holder(), await server.send('EXISTS', KEY)]).toEqual([null, 0])
  })

  it('with a failure leaves what was kept as it was', async () => {
    const { server, leases, find } = await start()
    await server.send('SET', KEY, 'stale', 'PX', '60000')
    await find('one')
    await leases.land(id, 'one', {})
    expect(await server.send('GET', KEY)).toBe('stale')
  })
})
