// The fence around Redis: whatever Redis does, it costs no more than the deadline, and no error.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { closedUrl, createCertificate, eventually, hasOpenssl } from './helpers/faults.js'
import { PATIENT } from './helpers/patience.js'
import { openRedis, startRedis, startTcp, startWay, withoutRedis } from './helpers/redis.js'
import { holdTime, watch } from './helpers/time.js'

const ECHO = 'return ARGV[1]'
const DEADLINE_MS = 50
/** Short, so that tests need not wait for it. */
const REST_MS = 200

type Opened = ReturnType<typeof openRedis>

const echo = (redis: Opened, text = 'a') => redis.run(ECHO, [], [text])
const levels = ({ logs }: Opened) => logs.map((line) => line.split(' ')[0])

/** What greets as Redis does, and answers whatever else it is asked as told. */
const startAlike = (answer: (name: string) => string) =>
  startTcp((socket) =>
    socket.on('data', (chunk) => {
      for (const [, name = ''] of String(chunk).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(`${{ HELLO: '%1\r\n+server\r\n+redis', PING: '+PONG' }[name] ?? answer(name)}\r\n`)
    }),
  )

describe('what does not need a server', () => {
  it('[54] is worth one warning, and no delay, where nobody listens', async () => {
    const url = (await closedUrl()).replace('http', 'redis')
    const time = holdTime()
    const redis = openRedis(url, { restMs: REST_MS })
    expect(await echo(redis)).toBeUndefined()
    await redis.tried
    expect(await echo(redis)).toBeUndefined()
    for (let attempt = 0; attempt < 3; attempt++) {
      await time.pass(REST_MS)
      await expect.poll(time.count).toBe(1) // it has failed again, and rests
    }
    expect(redis.logs).toEqual(['warn Redis is unreachable: continuing without it {"reason":"ECONNREFUSED"}'])
  })

  it.each([
    ['is silent', () => {}],
    ['hangs up', (socket: { destroy(): void }) => socket.destroy()],
    [
      'is no Redis',
      (socket: { write(text: string): void }) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ],
    ['says nothing but yes', (socket: { write(text: string): void }) => socket.write('+OK\r\n'.repeat(1000))],
  ])('goes on without a peer that %s, and keeps no connection to it', async (_, serve) => {
    const peer = await startTcp(serve as never)
    const redis = openRedis(peer.url, { connectTimeoutMs: 100, restMs: REST_MS })
    await redis.tried
    expect(await echo(redis)).toBeUndefined()
    expect(levels(redis)).toEqual(['warn'])
    await eventually(() => expect(peer.open.size).toBe(0))
  })

  it.each([
    ['is no primary', "-READONLY You can't write against a read only replica.", 'READONLY'],
    ['refuses in no word of Redis', '-no', 'CLOSED'],
  ])(
    'goes on without a peer that %s, and does not count it as one that refuses',
    async (_, reply, reason) => {
      const peer = await startAlike(() => reply)
      const redis = openRedis(peer.url, PATIENT)
      await redis.tried
      expect(redis.logs).toEqual([`warn Redis is unreachable: continuing without it {"reason":"${reason}"}`])
      await eventually(() => expect(peer.open.size).toBe(0))
    },
  )

  it('does not wait for a connection when it is closed', async () => {
    const peer = await startTcp(() => {})
    const redis = openRedis(peer.url)
    await eventually(() => expect(peer.open.size).toBe(1))
    await redis.close()
    await redis.tried
    await eventually(() => expect(peer.open.size).toBe(0))
    expect(await echo(redis)).toBeUndefined()
    expect(redis.logs).toEqual([])
  })
})

describe.skipIf(withoutRedis)('with a server', () => {
  let time: ReturnType<typeof holdTime>
  beforeEach(() => {
    time = holdTime()
  })

  it('runs scripts, and hears what is published', async () => {
    const { url } = await startRedis()
    const redis = openRedis(url)
    const heard: string[] = []
    redis.listen('first', (message) => heard.push(message))
    await redis.tried
    redis.listen('second', (message) => heard.push(message))
    expect(await echo(redis, '名')).toBe('名')
    const publish = "redis.call('PUBLISH', ARGV[1], ARGV[2]) return 1"
    for (const channel of ['first', 'second', 'third'])
      await redis.run(publish, [], [channel, `to ${channel}`])
    await eventually(() => expect(heard).toEqual(['to first', 'to second']))
    expect(redis.logs).toEqual(['info Redis is reachable {}'])
  })

  it('[55] gives no error and no delay when it is killed, and comes back with it', async () => {
    const server = await startRedis()
    const redis = openRedis(server.url, { restMs: REST_MS })
    await redis.tried
    const heard: string[] = []
    redis.listen('news', (message) => heard.push(message))
    const answers = Array.from({ length: 100 }, () => echo(redis))
    await server.kill()
    expect(new Set(await Promise.all(answers)).size).toBeLessThanOrEqual(2)
    await eventually(() => expect(levels(redis)).toEqual(['info', 'warn']))
    expect(await echo(redis)).toBeUndefined()
    await server.start()
    await eventually(() => expect(levels(redis)).toEqual(['info', 'warn', 'info']))
    expect(await echo(redis)).toBe('a')
    await server.send('PUBLISH', 'news', 'again')
    await eventually(() => expect(heard).toEqual(['again']))
  })

  it('[56] costs 50 ms three times when it hangs, then nothing, until it answers again', async () => {
    const server = await startRedis()
    const redis = openRedis(server.url, { restMs: REST_MS })
    await redis.tried
    server.freeze()
    for (const isLast of [false, false, true]) {
      expect(levels(redis)).toEqual(['info'])
      const answer = watch(echo(redis))
      await time.pass(DEADLINE_MS - 5)
      expect(answer.isOver).toBe(false)
      await time.pass(5)
      expect(answer.isOver).toBe(true)
      expect(await answer.promise).toBeUndefined()
      expect(redis.isWell()).toBe(false)
      expect(levels(redis)).toHaveLength(isLast ? 2 : 1)
    }
    // Without any time that passes.
    const answers = await Promise.all(Array.from({ length: 1000 }, () => echo(redis)))
    expect(new Set(answers)).toEqual(new Set([undefined]))
    server.thaw()
    await eventually(() => expect(levels(redis)).toEqual(['info', 'warn', 'info']))
    expect(await echo(redis)).toBe('a')
    expect(redis.isWell()).toBe(true)
  })

  it('[56] costs two hundred askers at once 50 ms each, when it hangs', async () => {
    const server = await startRedis()
    const redis = openRedis(server.url)
    await redis.tried
    server.freeze()
    const answers = watch(Promise.all(Array.from({ length: 200 }, () => echo(redis))))
    await time.pass(DEADLINE_MS)
    expect(answers.isOver).toBe(true)
    expect(new Set(await answers.promise)).toEqual(new Set([undefined]))
    // It was one silence, not two hundred.
    server.thaw()
    expect(await echo(redis)).toBe('a')
    expect(levels(redis)).toEqual(['info'])
  })

  it('[57] answers within the deadline when it is slow, and does without it when it is slower', async () => {
    const way = { ms: 0 }
    const { url } = await startWay(await startRedis(), way)
    const redis = openRedis(url, { deadlineMs: 150 })
    await redis.tried
    await echo(redis) // from now on the server knows the script
    /** Asks, and returns once the answer is on its way, which takes `way.ms` from then on. */
    const ask = async () => {
      const before = time.count()
      const answer = watch(echo(redis))
      await expect.poll(time.count).toBe(before + 2)
      return answer
    }
    way.ms = 100
    const slow = await ask()
    await time.pass(100)
    expect(await slow.promise).toBe('a')
    way.ms = 250
    const slower = await ask()
    await time.pass(150)
    expect(slower.isOver).toBe(true)
    expect(await slower.promise).toBeUndefined()
  })

  it('[60] notices refusals, and does not leave it alone for them', async () => {
    const { url } = await startRedis()
    const redis = openRedis(url)
    await redis.tried
    for (let round = 0; round < 5; round++) {
      expect(await redis.run("return redis.error_reply('OOM secret')", [], [])).toBeUndefined()
    }
    expect(await echo(redis)).toBe('a')
    expect(new Set(redis.logs.slice(1))).toEqual(new Set(['notice Redis refused a command {"code":"OOM"}']))
  })

  it('connects anew when the server turns out to be a replica', async () => {
    const server = await startRedis()
    const redis = openRedis(server.url, { restMs: REST_MS })
    await redis.tried
    await server.send('REPLICAOF', '127.0.0.1', '1')
    expect(await redis.run("return redis.call('SET', KEYS[1], 'a')", ['key'], [])).toBeUndefined()
    await eventually(() => expect(levels(redis)).toEqual(['info', 'notice', 'warn']))
    await server.send('REPLICAOF', 'NO', 'ONE')
    await eventually(() => expect(levels(redis)).toEqual(['info', 'notice', 'warn', 'info']))
  })

  it('logs in, chooses its database, and shows its password to nobody', async () => {
    const server = await startRedis()
    await server.send('ACL', 'SETUSER', 'files', 'on', '>p%SENTINEL', '~*', '+@all', '&*')
    const at = (user: string) => server.url.replace('//', `//${user}@`)
    const redis = openRedis(`${at('files:p%25SENTINEL')}/3`)
    await redis.tried
    await redis.run("redis.call('SET', KEYS[1], 'a') return 1", ['key'], [])
    expect(await server.send('INFO', 'keyspace')).toContain('db3:keys=1')
    const stranger = openRedis(at('files:SENTINEL'))
    await stranger.tried
    expect(stranger.logs).toEqual(['warn Redis is unreachable: continuing without it {"reason":"WRONGPASS"}'])
    expect([...redis.logs, ...stranger.logs].join()).not.toContain('SENTINEL')
  })

  it('does without messages where it may not subscribe', async () => {
    const server = await startRedis()
    await server.send('ACL', 'SETUSER', 'files', 'on', 'nopass', '~*', '+@all', 'resetchannels')
    const redis = openRedis(server.url.replace('//', '//files:any@'))
    redis.listen('news', () => {})
    await redis.tried
    expect(await echo(redis)).toBe('a')
    expect(redis.logs).toEqual([
      'notice Redis refused a command {"code":"NOPERM"}',
      'notice Redis refused a command {"code":"ERR"}', // a script's PUBLISH
      'info Redis is reachable {}',
    ])
    expect(redis.isWell()).toBe(false)
  })

  it('lets what was asked be answered before it closes', async () => {
    const { url } = await startRedis()
    const redis = openRedis(url)
    await redis.tried
    const answer = echo(redis)
    await redis.close()
    expect(await answer).toBe('a')
    expect(await echo(redis)).toBeUndefined()
  })
})

describe.skipIf(withoutRedis)('a server that hangs now and then', () => {
  it('counts the silences of each connection anew', async () => {
    const server = await startRedis()
    const redis = openRedis(server.url, { restMs: REST_MS })
    await redis.tried
    const beSilent = async (times: number) => {
      server.freeze()
      for (let time = 0; time < times; time++) expect(await echo(redis)).toBeUndefined()
    }
    await beSilent(3)
    expect(levels(redis)).toEqual(['info', 'warn'])
    server.thaw()
    await eventually(() => expect(levels(redis)).toEqual(['info', 'warn', 'info']))
    expect(redis.isWell()).toBe(true)
    await beSilent(2)
    expect(levels(redis)).toEqual(['info', 'warn', 'info'])
    await beSilent(1)
    expect(levels(redis)).toEqual(['info', 'warn', 'info', 'warn'])
  })
})

it.skipIf(withoutRedis)('is well again after one silence, though nobody asks it anything', async () => {
  const server = await startRedis()
  const redis = openRedis(server.url, { restMs: REST_MS })
  await redis.tried
  server.freeze()
  expect(await echo(redis)).toBeUndefined()
  server.thaw()
  expect(redis.isWell()).toBe(false)
  await eventually(() => expect(redis.isWell()).toBe(true))
  expect(levels(redis)).toEqual(['info'])
})

describe.skipIf(withoutRedis)('a server that answers, and refuses what is needed', () => {
  const toDefault = (...rules: string[]) => ['ACL', 'SETUSER', 'default', ...rules]

  it.each([
    ['scripts', toDefault('-@scripting'), toDefault('+@scripting')],
    ['to write', toDefault('-@write'), toDefault('+@write')],
    ['our keys', toDefault('resetkeys', '~other:*'), toDefault('~*')],
    ['our channels', toDefault('resetchannels'), toDefault('allchannels')],
    ['to store', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  ])(
    'is not well while it refuses %s, found at connecting and when asked, and well afterwards',
    async (_, ill, well) => {
      const server = await startRedis()
      const before = openRedis(server.url, { restMs: REST_MS })
      await before.tried
      expect(before.isWell()).toBe(true)
      await server.send(...ill)
      const after = openRedis(server.url, { restMs: REST_MS })
      await after.tried
      expect(after.isWell()).toBe(false)
      const write = "return redis.call('PUBLISH', KEYS[1], redis.call('INCR', KEYS[1]))"
      await eventually(async () => {
        expect(await before.run(write, ['mff:key'], [])).toBeUndefined()
        expect(before.isWell()).toBe(false)
      })
      // An answer to something else does not make it well.
      await echo(after)
      expect(after.isWell()).toBe(false)
      await server.send(...well)
      await eventually(() => expect([before.isWell(), after.isWell()]).toEqual([true, true]))
    },
  )

  it.each([
    ['has no scripts', { 'rename-command': 'EVAL nothing' }],
    ['is a cluster’s', { 'cluster-enabled': 'yes' }],
    ['is a replica', { replicaof: '127.0.0.1 1' }],
  ])('is not well when it %s', async (_, options) => {
    const server = await startRedis(options)
    expect(await server.send('PING')).toBe('PONG')
    const redis = openRedis(server.url, { restMs: REST_MS })
    await redis.tried
    expect(redis.isWell()).toBe(false)
  })

  it('is not well when it is a sentinel', async () => {
    const sentinel = await startAlike((name) => `-ERR unknown command '${name}'`)
    const redis = openRedis(sentinel.url, PATIENT)
    await redis.tried
    expect([redis.isWell(), ...levels(redis)]).toEqual([false, 'notice', 'info'])
  })

  it('needs no more rights than the documentation says, and leaves nothing behind', async () => {
    const server = await startRedis()
    const rights = /`(~mff:\*.+?)`/.exec(readFileSync('docs/deploy.md', 'utf8'))?.[1] ?? ''
    await server.send('ACL', 'SETUSER', 'files', 'on', 'nopass', ...rights.split(' '))
    const redis = openRedis(server.url.replace('//', '//files:any@'))
    await redis.tried
    expect(redis.isWell()).toBe(true)
    expect(await redis.run("return #redis.call('INFO', 'server') > 0", [], [])).toBe(1)
    expect(await server.send('DBSIZE')).toBe(0)
  })
})

it.skipIf(!hasOpenssl)('ends a connection that comes about when nobody wants it any more', async () => {
  const { key, cert } = createCertificate()
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  onTestFinished(() => void vi.unstubAllEnvs())
  const listening = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  onTestFinished(() => void listening.close())
  const arrival = once(listening, 'connection')
  await once(listening, 'listening')
  const redis = openRedis(`rediss://127.0.0.1:${(listening.address() as AddressInfo).port}`)
  const [socket] = (await arrival) as [Socket]
  await redis.close()
  // Only now is there a connection, since it takes two for TLS.
  const secured = new TLSSocket(socket, { isServer: true, key, cert })
  secured.on('error', () => {})
  secured.resume() // else it would not see its end
  await once(secured, 'close')
})
