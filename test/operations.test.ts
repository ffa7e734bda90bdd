// What the client makes of listing and deleting, over real sockets: how it asks, how often, and what answers mean.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGuard } from '../src/client/guard.js'
import { createTargets } from '../src/client/request.js'
import { FileError } from '../src/errors.js'
import type { ListedFile } from '../src/file.js'
import type { FaultRule } from '../src/sandbox/rules.js'
import { createSandbox, type Options } from '../src/sandbox/sandbox.js'
import { startClient } from './helpers/faults.js'
import { createBytesCall, createFakeClock, createLookup, toId } from './helpers/source.js'

const VOICE = '437774745600005'
const BEYOND = '9007199254740993'

async function start(behaviour: Options['behaviour'] = {}, rule?: FaultRule) {
  const sandbox = await createSandbox({ behaviour })
  onTestFinished(() => sandbox.close())
  if (rule) sandbox.fault(rule)
  const { client, records } = startClient(sandbox.url)
  const lookup = createLookup({ deadlineMs: performance.now() + 4000 })
  const toCode = (error: FileError) => error.code
  return {
    sandbox,
    records,
    lookup,
    list: (purpose?: string) =>
      client.list(purpose, lookup).then((files) => files as readonly ListedFile[], toCode),
    remove: (id = VOICE, purpose?: string) =>
      client.delete(toId(id), purpose, lookup).then(() => 'deleted', toCode),
    isHeld: (id = VOICE) => sandbox.held.some((file) => file.id === id),
  }
}

/** A client of an upstream that gives one answer to everything. */
async function startSaying(body: string) {
  const server = createServer((_, response) => void response.end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return startClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).client
}

const inTime = () => createLookup({ deadlineMs: performance.now() + 20_000 })

async function startOne(body: string) {
  const client = await startSaying(body)
  return client.list(undefined, inTime())
}

/** What operations of an upstream that lacks them are met with. */
const absences = ['404', 'html', 'redirect'] as const

describe('a listing', () => {
  it('has every file with what the upstream says of it, ids exact, and no links', async () => {
    const { list, sandbox, records } = await start()
    const files = await list()
    expect(files).toHaveLength(sandbox.files.length)
    expect(files).toContainEqual({
      id: BEYOND,
      filename: 'beyond-2-53.txt',
      bytes: expect.any(Number),
      createdAtMs: expect.any(Number),
      purposeName: expect.any(String),
    })
    expect(sandbox.requests.map(({ target }) => target)).toEqual(['/v1/files/list'])
    expect(records).toEqual(['OK'])
  })

  it('is of one purpose where that is asked for, known to us or not', async () => {
    const { list } = await start()
    const names = async (purpose: string) => {
      const files = await list(purpose)
      return typeof files === 'string' ? files : files.map(({ purposeName }) => purposeName)
    }
    expect(new Set(await names('voice_clone'))).toEqual(new Set(['voice_clone']))
    expect(await names('music_generation')).toEqual(['music_generation'])
    expect(await names('never heard of')).toBe('UPSTREAM_INVALID_REQUEST')
  })

  it.each(['empty', 'absent', 'null'] as const)(
    'without a file is empty, however that is said (%s)',
    async (emptyList) => {
      const { list } = await start({ emptyList, listCap: 0 })
      expect(await list()).toEqual([])
    },
  )

  it('leaves out what is no file, and is none at all if it is no list', async () => {
    expect(
      await startOne('{"files":[{"file_id":1},{"file_id":"x"},7,null],"base_resp":{"status_code":0}}'),
    ).toHaveLength(1)
    expect(await startOne('{"data":{"files":[{"file_id":1}],"base_resp":{"status_code":0}}}')).toHaveLength(1)
    await expect(startOne('{"files":{},"base_resp":{"status_code":0}}')).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
    await expect(startOne('{"files":[{"file_id":1},')).rejects.toMatchObject({
      code: 'UPSTREAM_BAD_RESPONSE',
    })
  })

  it('of nearly 8 MiB is taken, and one of more is not', async () => {
    const row = (id: number) =>
      `{"file_id":${id},"bytes":1,"created_at":1790000000,"filename":"${'n'.repeat(60)}.mp4","purpose":"video_generation"}`
    const body = (count: number) =>
      `{"files":[${Array.from({ length: count }, (_, i) => row(10 ** 14 + i)).join(',')}],"base_resp":{"status_code":0}}`
    expect(await startOne(body(48_000))).toHaveLength(48_000)
    await expect(startOne(body(51_000))).rejects.toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' })
  })

  it('is asked for as often as a look-up: once more after a fault that may pass', async () => {
    const { list, sandbox, lookup } = await start(
      {},
      { operation: 'list', name: 'base', code: 1000, times: 1 },
    )
    expect(await list()).toHaveLength(sandbox.files.length)
    expect(lookup.sent).toBe(2)
  })
})

describe('a deletion', () => {
  it('names the id exactly as a JSON number, and the purpose where it is known', async () => {
    const { remove, sandbox, isHeld } = await start()
    expect([await remove(BEYOND), await remove(VOICE, 'voice_clone')]).toEqual(['deleted', 'deleted'])
    expect([isHeld(BEYOND), isHeld(VOICE)]).toEqual([false, false])
    expect(sandbox.requests.map(({ method, target, body }) => `${method} ${target} ${body}`)).toEqual([
      `POST /v1/files/delete {"file_id":${BEYOND}}`,
      `POST /v1/files/delete {"file_id":${VOICE},"purpose":"voice_clone"}`,
    ])
  })

  it('of a file that is not there is told as that', async () => {
    const { remove } = await start()
    expect(await remove('424242424242424')).toBe('FILE_NOT_FOUND')
  })

  it.each([
    ['without an id', '', 'deleted'],
    ['with an empty one', '"file_id":"",', 'deleted'],
    ['with its id', `"file_id":${BEYOND},`, 'deleted'],
    ['with another', '"file_id":9007199254740992,', 'UPSTREAM_BAD_RESPONSE'],
    ['with one that is none', '"file_id":"x",', 'UPSTREAM_BAD_RESPONSE'],
  ])('is believed only of its own file: success %s', async (_, id, expected) => {
    const client = await startSaying(`{${id}"base_resp":{"status_code":0}}`)
    const outcome = client.delete(toId(BEYOND), undefined, inTime()).then(
      () => 'deleted',
      ({ code }: FileError) => code,
    )
    expect(await outcome).toBe(expected)
  })

  it.each<[string, FaultRule, string]>([
    ['is reset', { operation: 'delete', name: 'reset' }, 'UPSTREAM_UNAVAILABLE'],
    ['says 1000', { operation: 'delete', name: 'base', code: 1000 }, 'UPSTREAM_UNAVAILABLE'],
    ['says HTTP 503', { operation: 'delete', name: 'status', status: 503, code: '' }, 'UPSTREAM_UNAVAILABLE'],
    ['is cut off', { operation: 'delete', name: 'truncate-json' }, 'UPSTREAM_BAD_RESPONSE'],
  ])('is not sent again where its answer %s', async (_, rule, code) => {
    const { remove, lookup, records } = await start({}, rule)
    expect([await remove(), lookup.sent, records]).toEqual([code, 1, [code]])
  })

  it('is not sent again on a connection that closed as it was written', async () => {
    const { remove, list, lookup } = await start({}, { operation: 'delete', name: 'reset' })
    await list() // the connection has served
    expect([await remove(), lookup.sent]).toEqual(['UPSTREAM_UNAVAILABLE', 2])
  })

  it('is sent once more where the answer says that it was turned away', async () => {
    const { remove, lookup, isHeld } = await start(
      {},
      { operation: 'delete', name: 'status', status: 429, times: 1 },
    )
    expect([await remove(), lookup.sent, isHeld()]).toEqual(['deleted', 2, false])
  })
})

describe('an upstream without the operation', () => {
  it.each(absences)('says so, however it shows that (%s), and is asked once', async (unsold) => {
    const { list, remove, lookup } = await start({ sold: ['retrieve'], unsold })
    expect([await list(), lookup.sent]).toEqual(['UPSTREAM_UNSUPPORTED', 1])
    expect([await remove(), lookup.sent]).toEqual(['UPSTREAM_UNSUPPORTED', 2])
  })

  it('is not asked for it again for a minute, by whatever id; other operations go on', async () => {
    const clock = createFakeClock()
    const asked: string[] = []
    const lack = (name: string) => {
      asked.push(name)
      return Promise.reject(new FileError('UPSTREAM_UNSUPPORTED'))
    }
    const guard = createGuard(
      {
        retrieve: () => lack('retrieve'),
        list: () => Promise.resolve([]),
        delete: (id) => lack(id),
        content: (id) => lack(`content ${id}`),
        create: () => lack('create'),
        query: () => lack('query'),
      },
      clock,
      { isExempt: (id) => id === '4' },
    )
    const remove = (id: string) =>
      guard
        .delete(toId(id), undefined, createLookup())
        .catch(({ code, refused }: FileError) => `${code} ${refused}`)
    expect(await remove('4')).toBe('UPSTREAM_UNSUPPORTED false') // fails on request, and says nothing of others
    expect(await remove('11')).toBe('UPSTREAM_UNSUPPORTED false')
    expect(await remove('12')).toBe('UPSTREAM_UNSUPPORTED true')
    expect(await guard.list(undefined, createLookup())).toEqual([])
    clock.pass(60_000)
    expect(await remove('12')).toBe('UPSTREAM_UNSUPPORTED false')
    expect(asked).toEqual(['4', '11', '12'])
    await expect(guard.content(toId('13'), createBytesCall(), createLookup())).rejects.toMatchObject({
      code: 'UPSTREAM_UNSUPPORTED',
      refused: false,
    })
  })
})

it('each dialect has its own way to ask', () => {
  const comet = createTargets({ kind: 'cometapi', model: 'a b' }, new URL('https://h/base/'))
  expect([comet.retrieve(toId('1')), comet.list(undefined), comet.list('a&b'), comet.delete]).toEqual([
    '/base/v1/files/retrieve?model=a%20b&file_id=1',
    '/base/v1/files/list?model=a%20b',
    '/base/v1/files/list?model=a%20b&purpose=a%26b',
    '/base/v1/files/delete?model=a%20b',
  ])
  const legacy = createTargets({ kind: 'minimax', groupId: '12' }, new URL('https://h'))
  expect([legacy.list(undefined), legacy.delete]).toEqual([
    '/v1/files/list?GroupId=12',
    '/v1/files/delete?GroupId=12',
  ])
  const plain = createTargets({ kind: 'minimax' }, new URL('https://h'))
  expect([plain.list(undefined), plain.list('x')]).toEqual(['/v1/files/list', '/v1/files/list?purpose=x'])
})
