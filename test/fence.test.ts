// Where links may lead: public hosts by https, whatever way an address is written in.
import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { isPublic } from '../src/wire/address.js'
import { createFence, type FenceOptions } from '../src/wire/fence.js'
import { createTransfers } from '../src/wire/transfers.js'
import { startPeer, toAnswer } from './helpers/peer.js'
import { startTunnelProxy } from './helpers/tunnel.js'

/** A resolver that knows one answer. */
function resolveTo(...addresses: string[]): NonNullable<FenceOptions['lookup']> {
  const found = addresses.map(
    (address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }),
  )
  const lookup = (_name: string, _options: object, callback: (error: null, found: LookupAddress[]) => void) =>
    callback(null, found)
  return lookup as unknown as NonNullable<FenceOptions['lookup']>
}

/** Asks through a fence; resolves to the status, or to how it failed. */
async function ask(url: string, options: Partial<FenceOptions> = {}): Promise<unknown> {
  const connect = createFence({ allowLoopback: false, connectTimeoutMs: 5000, ...options })
  const transfers = createTransfers({ idleMs: 10_000, connect })
  const call = { headers: {}, signal: new AbortController().signal }
  try {
    const { status, body } = await transfers.get(url, call)
    body.destroy()
    return status
  } catch (error) {
    return error instanceof Error && 'failure' in error ? error.failure : error
  } finally {
    await transfers.close()
  }
}

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '100.63.255.255',
    '172.32.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
    '9.255.255.255',
    '11.0.0.1',
    '128.0.0.1',
    '169.253.255.255',
    '169.255.0.1',
    '172.15.255.255',
    '192.0.1.1',
    '192.0.3.1',
    '192.88.98.1',
    '192.167.255.255',
    '192.169.0.1',
    '198.17.255.255',
    '198.20.0.1',
    '198.51.99.1',
    '198.51.101.1',
    '203.0.112.1',
    '203.0.114.1',
    '2001:200::1',
    '2001:db9::1',
    '3fff:1000::1',
    '2002:ac20:1::1',
    '::ffff:cb00:7209',
  ])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '192.0.0.8',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '0:0:0:0:0:ffff:7f00:1',
    '::10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::8.8.8.8',
    '2002:a00:1::1',
    '2002:7f00:1::',
    '192.0.2.1',
    '192.88.99.1',
    '198.19.255.255',
    '198.51.100.1',
    '239.255.255.255',
    '2001:1ff::1',
    '3fff::1',
    '4000::1',
    '1fff::1',
    '::ffff:ac10:1',
    '::ffff:cb00:7109',
    '1::ffff:8.8.8.8',
    '::1:8.8.8.8',
    '64::8.8.8.8',
    '1:ff9b::8.8.8.8',
    '64:ff9b::1:8.8.8.8',
    'a.example',
    '',
  ])('%s is not', (address) => {
    expect(isPublic(address)).toBe(false)
  })
})

describe('a link', () => {
  const forms = [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
    '[2002:7f00:1::]',
    'localhost',
    'localhost.',
    'LOCALHOST',
    'a.example@127.0.0.1',
    '0',
  ]

  it('to this machine, in any spelling, is refused before anything connects', async () => {
    const peer = await startPeer((socket) => socket.end(toAnswer('secret')))
    for (const host of forms) {
      expect(await ask(`https://${host}/`), host).toBe('barred')
      expect(await ask(`https://${host}:${peer.url.port}/`), host).toBe('barred')
      expect(await ask(`http://${host}:${peer.url.port}/`), host).toBe('barred')
    }
    expect(peer.connections).toBe(0)
  })

  it.each([
    ['http://a.example/', 'plain http'],
    ['https://a.example:8443/', 'another port'],
    ['https://169.254.169.254/latest/meta-data', 'the metadata of a cloud'],
    ['https://[fe80::1]/', 'a link-local address'],
  ])('%s is refused: %s', async (url) => {
    expect(await ask(url, { lookup: resolveTo('8.8.8.8') })).toBe('barred')
  })

  it('is refused for any address of its name that is not public', async () => {
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['2606:4700::1', '::ffff:10.0.0.1'], []])
      expect(await ask('https://cdn.example/', { lookup: resolveTo(...addresses) })).toBe('barred')
  })

  it('connects to the address that was checked, and asks for no other', async () => {
    const peer = await startPeer((socket) => socket.end(toAnswer('film')))
    let asked = 0
    const rebinding: typeof resolveTo = () => {
      const first = resolveTo('127.0.0.1') as (...args: unknown[]) => void
      const lookup = (...args: unknown[]) => {
        asked++
        first(...args)
      }
      return lookup as unknown as NonNullable<FenceOptions['lookup']>
    }
    const url = `http://localhost:${peer.url.port}/`
    expect(await ask(url, { allowLoopback: true, lookup: rebinding() })).toBe(200)
    expect(asked).toBe(1)
  })

  it('of an upstream on loopback leads to loopback, and still to no other private place', async () => {
    const peer = await startPeer((socket) => socket.end(toAnswer('film')))
    expect(await ask(peer.url.href, { allowLoopback: true })).toBe(200)
    for (const url of [
      'http://10.0.0.1/',
      'https://10.0.0.1/',
      'http://[::ffff:10.0.0.1]/',
      'http://8.8.8.8/',
    ])
      expect(await ask(url, { allowLoopback: true }), url).toBe('barred')
    expect(await ask('http://a.example/', { allowLoopback: true, lookup: resolveTo('127.0.0.1') })).toBe(
      'barred',
    )
  })

  it('goes through the proxy by its name, which is checked as a text', async () => {
    const proxy = await startTunnelProxy(403)
    const findProxy = () => new URL(proxy.url)
    const lookup = resolveTo('127.0.0.1')
    expect(await ask('https://cdn.example/', { findProxy, lookup })).toBe('connect')
    expect(proxy.targets()).toEqual(['cdn.example:443'])
    for (const host of [
      ...forms,
      'intranet',
      'db.internal',
      'printer.local',
      '10.0.0.1',
      '[::ffff:10.0.0.1]',
    ])
      expect(await ask(`https://${host}/`, { findProxy, lookup }), host).toBe('barred')
    expect(proxy.tunnels).toHaveLength(1)
  })
})
