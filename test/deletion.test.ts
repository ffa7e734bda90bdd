// Deleting a file: what it ends in, what is sent for it, and that nobody sees the file afterwards.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDeletion } from '../src/cache/deletion.js'
import { createTombstones } from '../src/cache/tombstones.js'
import type { FileError } from '../src/errors.js'
import type { Behaviour } from '../src/sandbox/behaviour.js'
import { createSandbox } from '../src/sandbox/sandbox.js'
import { KEY, startApp } from './helpers/app.js'
import { LISTENING, run } from './helpers/process.js'
import { openRedis, startRedis, withoutRedis } from './helpers/redis.js'
import { createAsker, createCall, createFakeClock, createFile, toId } from './helpers/source.js'

const VOICE = '437774745600005'
const VIDEO = '437030092800001'

type Env = Readonly<Record<string, string>>

/** The machine may be busy. */
const PATIENT = { timeout: 10_000 }

async function start(behaviour: Partial<Behaviour> = {}, env: Env = {}) {
  const app = await startApp(env)
  app.sandbox.behave(behaviour)
  /** What a deletion ends in, in a word, and what it cost. */
  async function remove(id = VOICE, purpose: string | null = null) {
    const { data, errors, extensions } = await app.query(
      `mutation ($id: ID!, $purpose: FilePurpose) {
        deleteFile(id: $id, purpose: $purpose) { ... on DeletedFile { id } ... on FileError { code retryable } }
      }`,
      { id, purpose },
    )
    expect(errors).toBeUndefined()
    return `${data.deleteFile.code ?? data.deleteFile.id}, ${extensions.cost.calls}`
  }
  /** What a look-up ends in, and what it cost. */
  async function lookUp(id = VOICE) {
    const { data, extensions } = await app.query(
      `{ fileResult(id: "${id}") { ... on File { id } ... on FileError { code } } }`,
    )
    return `${data.fileResult.code ?? data.fileResult.id}, ${extensions.cost.calls}`
  }
  const sent = () =>
    app.sandbox.requests.filter(({ operation }) => operation === 'delete').map(({ body }) => body)
  const isHeld = (id = VOICE) => app.sandbox.held.some((file) => file.id === id)
  return { ...app, remove, lookUp, sent, isHeld }
}

describe('deleteFile', () => {
  it('deletes for one call, and the file is gone without another', async () => {
    const { remove, lookUp, isHeld, sent } = await start()
    expect(await lookUp()).toBe(`${VOICE}, 1`)
    expect([await remove(), isHeld()]).toEqual([`${VOICE}, 1`, false])
    expect(sent()).toEqual([`{"file_id":${VOICE},"purpose":"voice_clone"}`])
    expect(await lookUp()).toBe('FILE_NOT_FOUND, 0')
    expect(await remove()).toBe('FILE_NOT_FOUND, 0')
  })

  it('ends its downloads, by whatever name, without a call', async () => {
    const { remove, lookUp, query, origin, sandbox } = await start({ deleteLagMs: 60_000 })
    await lookUp()
    const { data } = await query(`{ file(id: "${VOICE}") { contentUrl } }`)
    const statuses = () =>
      Promise.all(
        [`${origin}/files/${VOICE}/content`, data.file.contentUrl].map(async (url) => {
          const response = await fetch(url)
          await response.arrayBuffer()
          return response.status
        }),
      )
    expect(await statuses()).toEqual([200, 200])
    await remove()
    const asked = sandbox.requests.length
    expect(await statuses()).toEqual([404, 404])
    expect(sandbox.requests).toHaveLength(asked)
  })

  it('is believed while the upstream still shows the file', async () => {
    const { remove, lookUp, isHeld } = await start({ deleteLagMs: 60_000 })
    await remove()
    expect([await lookUp(), isHeld()]).toEqual(['FILE_NOT_FOUND, 0', true])
  })

  it.each([
    ['x', null, 'INVALID_FILE_ID, 0'],
    [VOICE, 'OTHER', 'INVALID_INPUT, 0'],
    ['424242424242424', null, 'FILE_NOT_FOUND, 1'],
    ['1008', null, 'UPSTREAM_INSUFFICIENT_BALANCE, 1'],
    ['4', null, 'UPSTREAM_UNSUPPORTED, 1'],
  ])('says as data what is wrong with %s of purpose %s', async (id, purpose, ending) => {
    expect(await (await start()).remove(id, purpose)).toBe(ending)
  })

  it('of another purpose is refused without a call where the purpose is known', async () => {
    const { remove, lookUp, isHeld } = await start({ deleteMismatch: 'success' })
    await lookUp()
    expect([await remove(VOICE, 'VIDEO_GENERATION'), isHeld()]).toEqual(['PURPOSE_MISMATCH, 0', true])
    expect(await remove(VOICE, 'VOICE_CLONE')).toBe(`${VOICE}, 1`)
  })

  it('of another purpose that nobody knows here is refused by the upstream, and told as that', async () => {
    const { remove, isHeld, sent } = await start()
    expect([await remove(VOICE, 'VIDEO_GENERATION'), isHeld()]).toEqual(['PURPOSE_MISMATCH, 2', true])
    expect(sent()).toEqual([`{"file_id":${VOICE},"purpose":"video_generation"}`])
  })

  it('says the purpose that it was told', async () => {
    const { remove, sent } = await start()
    expect(await remove(VOICE, 'VOICE_CLONE')).toBe(`${VOICE}, 1`)
    expect(sent()).toEqual([`{"file_id":${VOICE},"purpose":"voice_clone"}`])
  })

  it('looks the purpose up where the upstream refuses to delete without, and only there', async () => {
    const { remove, sandbox, sent } = await start()
    sandbox.fault({
      operation: 'delete',
      name: 'base',
      code: 2013,
      message: 'purpose cannot be empty',
      times: 1,
    })
    expect(await remove()).toBe(`${VOICE}, 3`)
    expect(sent()).toEqual([`{"file_id":${VOICE}}`, `{"file_id":${VOICE},"purpose":"voice_clone"}`])
    expect(await remove(VIDEO)).toBe(`${VIDEO}, 1`)
  })

  it('passes on a refusal that the purpose does not mend', async () => {
    const { remove, sandbox } = await start()
    sandbox.fault({ operation: 'delete', name: 'base', code: 2013, message: 'no' })
    expect(await remove()).toBe('UPSTREAM_INVALID_REQUEST, 3')
  })

  it('whose answer is lost is retryable, sent once, and the file is asked for anew', async () => {
    const { remove, lookUp, sandbox } = await start()
    await lookUp()
    sandbox.fault({ operation: 'delete', name: 'reset', times: 1 })
    expect(await remove()).toBe('UPSTREAM_UNAVAILABLE, 1')
    expect(await lookUp()).toBe(`${VOICE}, 1`)
  })

  it('that was not even sent forgets nothing', async () => {
    const { remove, lookUp, sandbox } = await start()
    await lookUp()
    await sandbox.close()
    expect(await remove()).toBe('UPSTREAM_UNAVAILABLE, 0')
    expect(await lookUp()).toBe(`${VOICE}, 0`)
  })

  it('is under the day’s limit', async () => {
    const { remove, isHeld } = await start({}, { SPEND_LIMIT_USD_PER_DAY: '0' })
    expect([await remove(), isHeld()]).toEqual(['SPEND_LIMIT_EXCEEDED, 0', true])
  })

  it('runs one after the other in one operation, and one failure leaves the others alone', async () => {
    const { query, sandbox } = await start()
    const field = (id: string) =>
      `deleteFile(id: "${id}") { ... on DeletedFile { id } ... on FileError { code } }`
    const { data } = await query(
      `mutation { a: ${field(VOICE)} b: ${field('x')} c: ${field(VOICE)} d: ${field(VIDEO)} }`,
    )
    expect(data).toEqual({
      a: { id: VOICE },
      b: { code: 'INVALID_FILE_ID' },
      c: { code: 'FILE_NOT_FOUND' },
      d: { id: VIDEO },
    })
    expect(sandbox.requests.map(({ body }) => body)).toEqual([`{"file_id":${VOICE}}`, `{"file_id":${VIDEO}}`])
  })
})

/** A process of its own. */
async function startProcess(env: Env) {
  const [, url = ''] = await run({ PORT: '0', COMETAPI_KEY: KEY, ...env }).waitFor(LISTENING)
  await expect
    .poll(async () => (await fetch(new URL('/readyz', url))).json(), PATIENT)
    .toEqual({ status: 'ok' })
  return async (query: string) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    const { data } = (await response.json()) as { data: Record<string, { id?: string; code?: string }> }
    const [result = {}] = Object.values(data)
    return result.code ?? result.id ?? 'File'
  }
}

/** The sandbox behind a gateway that holds look-ups of the voice back until it is told to let them go. */
async function startHeld() {
  const sandbox = await createSandbox({ behaviour: { deleteLagMs: 600_000 } })
  onTestFinished(() => sandbox.close())
  const held: (() => void)[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const authorization = headers.authorization ?? ''
    const body = await text(request)
    const answer = await fetch(sandbox.url + url, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(method === 'POST' && { body }),
    })
    const answered = await answer.text()
    if (url.includes(`retrieve?model=minimax-files-retrieve&file_id=${VOICE}`))
      await new Promise<void>((resolve) => held.push(resolve))
    response.end(answered)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { held, sandbox, env: { UPSTREAM_URL: url, UPSTREAM_TIMEOUT_MS: '60000' } }
}

describe('a file that is deleted while it is looked up', () => {
  const LOOK_UP = `{ fileResult(id: "${VOICE}") { ... on FileError { code } } }`

  it('is not served by any look-up that ends later, nor kept', async () => {
    const { held, env } = await startHeld()
    const { remove, query, lookUp } = await start({}, env)
    const lookUps = Array.from({ length: 50 }, () => query(LOOK_UP))
    await expect.poll(() => held.length, PATIENT).toBe(1)
    expect(await remove()).toBe(`${VOICE}, 1`)
    held[0]?.()
    for (const { data } of await Promise.all(lookUps)) expect(data.fileResult.code).toBe('FILE_NOT_FOUND')
    expect(await lookUp()).toBe('FILE_NOT_FOUND, 0')
  })

  it.skipIf(withoutRedis)(
    'is served by no process of one Redis afterwards, nor by one that comes later',
    async () => {
      const { held, env } = await startHeld()
      const shared = { ...env, REDIS_URL: (await startRedis()).url }
      const [one, other] = [await start({}, shared), await start({}, shared)]
      await other.lookUp(VIDEO) // kept in its memory, and in Redis
      const lookUps = Array.from({ length: 25 }, () => [one.query(LOOK_UP), other.query(LOOK_UP)]).flat()
      await expect.poll(() => held.length, PATIENT).toBeGreaterThan(0)
      for (const id of [VOICE, VIDEO]) expect(await one.remove(id)).toBe(`${id}, 1`)
      await expect.poll(() => other.lookUp(VIDEO), PATIENT).toBe('FILE_NOT_FOUND, 0')
      // A process whose lease ran out on a busy machine asks by itself.
      const release = setInterval(() => {
        for (const letGo of held.splice(0)) letGo()
      }, 10)
      const answers = await Promise.all(lookUps)
      clearInterval(release)
      for (const { data } of answers) expect(data.fileResult.code).toBe('FILE_NOT_FOUND')
      const later = await start({}, shared)
      for (const process of [one, other, later])
        for (const id of [VOICE, VIDEO])
          await expect.poll(() => process.lookUp(id), PATIENT).toBe('FILE_NOT_FOUND, 0')
    },
  )
})

it.skipIf(withoutRedis)(
  'a file that is deleted while fifty look-ups are in flight in each of two processes is served by none of them',
  async () => {
    const { held, env, sandbox } = await startHeld()
    const shared = { ...env, REDIS_URL: (await startRedis()).url }
    const processes = [await startProcess(shared), await startProcess(shared)] as const
    const toLookUp = (id: string) =>
      `{ fileResult(id: "${id}") { ... on File { id } ... on FileError { code } } }`
    const toDeletion = (id: string) =>
      `mutation { deleteFile(id: "${id}") { ... on DeletedFile { id } ... on FileError { code } } }`
    for (const query of processes) expect(await query(toLookUp(VIDEO))).toBe(VIDEO)
    const lookUps = processes.flatMap((query) => Array.from({ length: 50 }, () => query(toLookUp(VOICE))))
    await expect.poll(() => held.length, PATIENT).toBeGreaterThan(0)
    for (const id of [VOICE, VIDEO]) expect(await processes[0](toDeletion(id))).toBe(id)
    // The other one has heard of the later deletion, so it has of the earlier one.
    await expect.poll(() => processes[1](toLookUp(VIDEO)), PATIENT).toBe('FILE_NOT_FOUND')
    const release = setInterval(() => {
      for (const letGo of held.splice(0)) letGo()
    }, 10)
    const answers = await Promise.all(lookUps)
    expect(new Set(answers)).toEqual(new Set(['FILE_NOT_FOUND']))
    const asked = sandbox.calls
    for (const query of [...processes, await startProcess(shared)])
      await expect.poll(() => query(toLookUp(VOICE)), PATIENT).toBe('FILE_NOT_FOUND')
    clearInterval(release)
    expect(sandbox.calls).toBe(asked)
  },
)

it.skipIf(withoutRedis)(
  'what is found out of a doubted file by a look-up that was under way is kept nowhere',
  async () => {
    const { held, env, sandbox } = await startHeld()
    const server = await startRedis()
    const shared = { ...env, REDIS_URL: server.url }
    const [one, other] = [await start({}, shared), await start({}, shared)]
    const lookUp = other.lookUp()
    await expect.poll(() => held.length, PATIENT).toBe(1)
    sandbox.fault({ operation: 'delete', name: 'base', code: 1000 })
    expect(await one.remove()).toBe('UPSTREAM_UNAVAILABLE, 1')
    expect(await server.send('KEYS', '*:doubt')).toHaveLength(1)
    held[0]?.()
    await lookUp
    expect(await server.send('KEYS', `*:${VOICE}`)).toEqual([])
  },
)

describe('tombstones', () => {
  it('last a day, and the oldest go first where there are too many', () => {
    const clock = createFakeClock()
    const { bury, has } = createTombstones(clock)
    for (let i = 1; i <= 10_001; i++) void bury(toId(String(i)))
    expect([has(toId('1')), has(toId('2')), has(toId('10001'))]).toEqual([false, true, true])
    clock.pass(86_400_000)
    expect(has(toId('2'))).toBe(false)
  })

  it.skipIf(withoutRedis)(
    'are told when Redis comes back, and known to whoever was out of reach',
    async () => {
      const server = await startRedis()
      const open = async () => {
        const redis = openRedis(server.url, { restMs: 50, deadlineMs: 2000 })
        await redis.tried
        return createTombstones(createFakeClock(), { redis, prefix: 'p', entryPrefix: 'e', doubtMs: 5000 })
      }
      const [one, other] = [await open(), await open()]
      const lost: string[] = []
      other.onLoss((ids) => lost.push(...ids))
      await one.bury(toId('1'))
      await expect.poll(() => other.has(toId('1')), PATIENT).toBe(true)
      await server.kill()
      await one.bury(toId('2'))
      await server.start()
      await expect.poll(() => other.has(toId('2')), PATIENT).toBe(true)
      expect(lost).toEqual(['1', '2'])
      await one.doubt(toId('3'))
      await expect.poll(() => lost, PATIENT).toEqual(['1', '2', '3'])
      expect(other.has(toId('3'))).toBe(false)
      expect(Number(await server.send('PTTL', 'p:deleted'))).toBeGreaterThan(0)
    },
  )
})

describe('createDeletion', () => {
  it('asks once for all who delete a file at the same time, and goes on when they leave', async () => {
    const clock = createFakeClock()
    const tombstones = createTombstones(clock)
    let end = (_error?: FileError) => {}
    let asked = 0
    const remove = createDeletion(
      () => {
        asked++
        return new Promise<void>((resolve, reject) => {
          end = (error) => (error ? reject(error) : resolve())
        })
      },
      {
        monotonicMs: clock.monotonicMs,
        tombstones,
        recall: () => createFile('1', { bytes: 7 }),
        find: () => Promise.reject(new TypeError('not to be asked')),
      },
      { timeoutMs: 1000 },
    )
    const asker = createAsker()
    const left = remove(toId('1'), undefined, createCall(asker)).catch(({ code }: FileError) => code)
    const stayed = remove(toId('1'), undefined, createCall())
    asker.leave()
    expect(await left).toBe('UPSTREAM_UNAVAILABLE')
    end()
    expect(await stayed).toEqual({ bytes: 7 })
    expect([asked, tombstones.has(toId('1'))]).toEqual([1, true])
  })
})
