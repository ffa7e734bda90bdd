// Listing files: pages that add up, one call for all who ask within some seconds, and links that cost their look-ups.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createListing } from '../src/cache/listing.js'
import { createTombstones } from '../src/cache/tombstones.js'
import { FileError } from '../src/errors.js'
import type { ListedFile } from '../src/file.js'
import { parseCursor, toConnection } from '../src/graphql/connection.js'
import type { Behaviour } from '../src/sandbox/behaviour.js'
import { startApp } from './helpers/app.js'
import { measureLongestTurnMs } from './helpers/cpu.js'
import { CALL_MICRO_USD, createCall, createFakeClock, createFile, toId } from './helpers/source.js'

const VOICE = '437774745600005'
const PAGE = `query ($first: Int! = 50, $after: String, $purpose: FilePurpose) {
  files(first: $first, after: $after, purpose: $purpose) {
    edges { cursor node { id } } nodes { id filename createdAt purpose } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`

async function start(behaviour: Partial<Behaviour> = {}, env: Readonly<Record<string, string>> = {}) {
  const app = await startApp(env)
  app.sandbox.behave(behaviour)
  const page = async (variables: object = {}) => {
    const answer = await app.query(PAGE, variables)
    return {
      ...answer,
      files: answer.data?.files,
      code: answer.errors?.[0]?.extensions.code,
      calls: answer.extensions.cost.calls,
    }
  }
  const lists = () =>
    app.sandbox.requests.filter(({ operation }) => operation === 'list').map(({ target }) => target)
  return { ...app, page, lists }
}

describe('files', () => {
  it.each(['inserted', 'newest-first', 'oldest-first'] as const)(
    'is all files newest first, in whatever order the upstream lists them (%s), for one call',
    async (listOrder) => {
      const { page, sandbox } = await start({ listOrder })
      const { files, calls } = await page()
      const times = files.nodes.map(({ createdAt }: { createdAt: string }) => createdAt)
      expect(times).toEqual([...times].sort().reverse())
      expect(files.totalCount).toBe(sandbox.files.length)
      expect(new Set(files.nodes.map(({ id }: { id: string }) => id))).toEqual(
        new Set(sandbox.files.map(({ id }) => id)),
      )
      expect([calls, sandbox.calls]).toEqual([1, 0])
    },
  )

  it('comes in pages that add up, each cut from the same listing', async () => {
    const { page, lists, sandbox } = await start({}, { CACHE_LIST_SECONDS: '3600' })
    const whole = (await page()).files
    const ids: string[] = []
    let after: string | null = null
    for (let count = 0; count < 6; count++) {
      const { files } = await page({ first: 3, after })
      ids.push(...files.edges.map(({ node }: { node: { id: string } }) => node.id))
      expect(files.pageInfo).toEqual({
        hasNextPage: count < 5,
        hasPreviousPage: count > 0,
        startCursor: files.edges[0].cursor,
        endCursor: files.edges.at(-1).cursor,
      })
      after = files.pageInfo.endCursor
    }
    expect(ids).toEqual(whole.nodes.map(({ id }: { id: string }) => id))
    expect([ids.length, lists().length]).toEqual([sandbox.files.length, 1])
    const { files } = await page({ after })
    expect(files).toMatchObject({ edges: [], nodes: [], totalCount: ids.length })
    expect(files.pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: null,
      endCursor: null,
    })
  })

  it('of a purpose is cut from the listing of all', async () => {
    const { page, lists } = await start({}, { CACHE_LIST_SECONDS: '3600' })
    const { files } = await page({ purpose: 'VIDEO_GENERATION' })
    expect(new Set(files.nodes.map(({ purpose }: { purpose: string }) => purpose))).toEqual(
      new Set(['VIDEO_GENERATION']),
    )
    expect(files.totalCount).toBe(files.nodes.length)
    expect((await page({ purpose: 'FINE_TUNE' })).files.totalCount).toBe(1)
    expect(lists()).toEqual(['/v1/files/list?model=minimax-files-retrieve'])
  })

  it('is asked for by purpose where the upstream refuses to list without, and only there', async () => {
    const { page, lists } = await start({ listNeedsPurpose: true }, { CACHE_LIST_SECONDS: '3600' })
    expect((await page({ purpose: 'VOICE_CLONE' })).files.totalCount).toBe(1)
    expect((await page({ purpose: 'FINE_TUNE' })).files.totalCount).toBe(1)
    const [all, ...byPurpose] = lists()
    expect(all).not.toContain('purpose=')
    expect(byPurpose).toEqual([
      expect.stringMatching(/purpose=voice_clone$/),
      expect.stringMatching(/purpose=fine-tune$/),
    ])
    expect((await page()).code).toBe('UPSTREAM_INVALID_REQUEST')
  })

  it.each<[string, object, string?]>([
    ['no file at all', { first: 0 }],
    ['too many', { first: 201 }],
    ['fewer than none', { first: -1 }],
    ['a cursor of others', { after: 'YXJyYXljb25uZWN0aW9uOjE=' }],
    ['an empty cursor', { after: '' }],
    ['a purpose that stands for none', { purpose: 'OTHER' }, 'INVALID_INPUT'],
  ])('refuses %s without a call', async (_, variables, code = 'BAD_USER_INPUT') => {
    const { page, sandbox } = await start()
    expect(await page(variables)).toMatchObject({ files: null, code })
    expect(sandbox.requests).toEqual([])
  })

  it('says that the upstream has no listing, asks once a minute, and leaves other fields alone', async () => {
    const { query, page, lists } = await start({ sold: ['retrieve'] })
    const { data, errors } = await query(`{ files { totalCount } file(id: "${VOICE}") { id } }`)
    expect(data).toEqual({ files: null, file: { id: VOICE } })
    expect(errors).toMatchObject([
      { path: ['files'], extensions: { code: 'UPSTREAM_UNSUPPORTED', retryable: false } },
    ])
    expect([(await page()).code, lists().length]).toEqual(['UPSTREAM_UNSUPPORTED', 1])
  })

  it('is kept by nobody, since files come and go', async () => {
    const { page } = await start()
    expect((await page()).headers.get('cache-control')).toBe('no-store')
  })

  it('loses a file at once when it is deleted', async () => {
    const { page, query, lists } = await start({ deleteLagMs: 60_000 }, { CACHE_LIST_SECONDS: '3600' })
    const { totalCount } = (await page()).files
    expect((await page({ purpose: 'VOICE_CLONE' })).files.totalCount).toBe(1)
    await query(`mutation { deleteFile(id: "${VOICE}") { __typename } }`)
    const { files } = await page()
    expect(files.totalCount).toBe(totalCount - 1)
    expect(files.nodes.map(({ id }: { id: string }) => id)).not.toContain(VOICE)
    expect((await page({ purpose: 'VOICE_CLONE' })).files.totalCount).toBe(0)
    expect(lists()).toHaveLength(1)
  })

  it('knows the purpose of a file that is to be deleted', async () => {
    const { page, query, sandbox } = await start()
    await page()
    await query(`mutation { deleteFile(id: "${VOICE}") { __typename } }`)
    expect(sandbox.requests.at(-1)?.body).toBe(`{"file_id":${VOICE},"purpose":"voice_clone"}`)
  })

  it('is under the day’s limit', async () => {
    const { page, sandbox } = await start({}, { SPEND_LIMIT_USD_PER_DAY: '0' })
    expect([(await page()).code, sandbox.requests.length]).toEqual(['SPEND_LIMIT_EXCEEDED', 0])
  })
})

describe('the links of a listed file', () => {
  it('cost one look-up each, through the same loader as every other', async () => {
    const { query, sandbox } = await start()
    const { data, errors, extensions } = await query(`{
      file(id: "${VOICE}") { id }
      files(purpose: VOICE_CLONE) { nodes { id downloadUrl backupDownloadUrl downloadUrlExpiresAt } edges { node { downloadUrl } } }
    }`)
    expect(errors).toBeUndefined()
    const [node] = data.files.nodes
    expect(node).toMatchObject({ id: VOICE, downloadUrl: expect.stringContaining('voice.wav') })
    expect(data.files.edges).toEqual([{ node: { downloadUrl: node.downloadUrl } }])
    expect([extensions.cost.calls, sandbox.calls]).toEqual([2, 1])
  })

  it('fail alone where the look-up fails', async () => {
    const { query, sandbox } = await start()
    sandbox.fault({ name: 'base', code: 1008, id: VOICE })
    const { data, errors } = await query('{ files(purpose: VOICE_CLONE) { nodes { id downloadUrl } } }')
    expect(data.files.nodes).toEqual([{ id: VOICE, downloadUrl: null }])
    expect(errors).toMatchObject([
      { path: ['files', 'nodes', 0, 'downloadUrl'], extensions: { code: 'UPSTREAM_INSUFFICIENT_BALANCE' } },
    ])
  })
})

const toRow = (id: number, seconds: number) =>
  `{"file_id":${id},"bytes":1,"created_at":${seconds},"filename":"${id}.mp4","purpose":"video_generation"}`

/** An upstream with very many files. */
async function startMany(count: number, env: Readonly<Record<string, string>> = {}) {
  // Many are of the same second.
  const rows = Array.from({ length: count }, (_, i) => toRow(10 ** 14 + i, 1_700_000_000 + (i % 5000) * 7))
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(`{"files":[${rows.join(',')}],"base_resp":{"status_code":0}}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const app = await startApp({
    UPSTREAM_URL: url,
    UPSTREAM_TIMEOUT_MS: '60000',
    CACHE_LIST_SECONDS: '3600',
    ...env,
  })
  return { ...app, asked, rows }
}

describe('very many files', () => {
  it('come in pages of 200 that add up exactly while others come and go, for one call in CACHE_LIST_SECONDS', async () => {
    const { query, rows, asked } = await startMany(20_000, { CACHE_LIST_SECONDS: '1' })
    const stays = new Set(rows.slice(5000).map((row) => /\d+/.exec(row)?.[0]))
    const startMs = performance.now()
    const seen: string[] = []
    let after: string | null = null
    do {
      const { data } = await query(
        'query ($after: String) { files(first: 200, after: $after) { nodes { id } totalCount pageInfo { hasNextPage endCursor } } }',
        { after },
      )
      seen.push(...data.files.nodes.map(({ id }: { id: string }) => id))
      after = data.files.pageInfo.hasNextPage ? data.files.pageInfo.endCursor : null
      rows.splice(0, 40) // the first 5,000 go, some of every page; the others stay
      rows.push(toRow(10 ** 15 + seen.length, 1_790_000_000 + seen.length))
    } while (after !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => stays.has(id))).toHaveLength(15_000)
    expect(asked.length).toBeLessThanOrEqual(1 + (performance.now() - startMs) / 1000)
  })

  it('come in pages that add up while others come and go', async () => {
    const { query, rows, asked } = await startMany(3000, { CACHE_LIST_SECONDS: '0' })
    const stays = new Set(rows.slice(1000).map((row) => /\d+/.exec(row)?.[0]))
    const seen: string[] = []
    let after: string | null = null
    do {
      const { data } = await query(
        'query ($after: String) { files(first: 200, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
        { after },
      )
      seen.push(...data.files.nodes.map(({ id }: { id: string }) => id))
      after = data.files.pageInfo.hasNextPage ? data.files.pageInfo.endCursor : null
      rows.splice(0, 60) // some of every page, those before it too
      rows.push(toRow(10 ** 15 + asked.length, 1_790_000_000 + asked.length))
    } while (after !== null)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => stays.has(id))).toHaveLength(2000)
  })

  it('with links are too many look-ups, of which none is made', async () => {
    const { query, asked } = await startMany(150)
    const { data, errors = [] } = await query('{ files(first: 101) { nodes { id downloadUrl } } }')
    expect(asked.filter((target) => target.includes('retrieve?'))).toEqual([])
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['TOO_MANY_LOOKUPS']))
    expect(data.files.nodes).toHaveLength(101)
    expect((await query('{ files(first: 200) { nodes { id filename } } }')).errors).toBeUndefined()
  })

  it('asked for over and over in one operation are too much', async () => {
    const { query, asked } = await startMany(10)
    const fields = Array.from(
      { length: 25 },
      (_, i) => `a${i}: files(first: 200) { nodes { id filename bytes purpose } }`,
    )
    const { errors } = await query(`{ ${fields.join(' ')} }`)
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
    expect(asked.length).toBeLessThanOrEqual(1)
  })
})

describe('a cursor', () => {
  const file = (id: number, createdAtMs: number | null): ListedFile => createFile(String(id), { createdAtMs })
  const files = [file(9, 3000), file(10, 2000), file(8, 2000), file(7, 1000), file(6, null), file(5, null)]
  const idsAfter = (list: readonly ListedFile[], cursor: string | null) =>
    toConnection(list, 200, parseCursor(cursor ?? '')).nodes.map(({ id }) => id)

  it('leads on when its file, or those before it, are gone, and when new ones came', () => {
    const { endCursor } = toConnection(files, 3, undefined).pageInfo
    expect(idsAfter(files, endCursor)).toEqual(['7', '6', '5'])
    expect(idsAfter(files.slice(3), endCursor)).toEqual(['7', '6', '5'])
    expect(idsAfter([file(99, 9000), file(98, 2500), ...files], endCursor)).toEqual(['7', '6', '5'])
  })

  it('holds among files of one time, and among those of unknown time', () => {
    for (const [index, { id }] of files.entries()) {
      const { endCursor } = toConnection(files, index + 1, undefined).pageInfo
      expect(idsAfter(files, endCursor), id).toEqual(files.slice(index + 1).map((each) => each.id))
    }
  })
})

describe('createListing', () => {
  function startListing(
    answer: (purposeName: string | undefined) => Promise<readonly ListedFile[]>,
    keepMs = 5000,
  ) {
    const clock = createFakeClock()
    const tombstones = createTombstones(clock)
    const asked: (string | undefined)[] = []
    const listing = createListing(
      (purposeName, { meter }) => {
        asked.push(purposeName)
        meter.sent(CALL_MICRO_USD)
        return answer(purposeName)
      },
      { monotonicMs: clock.monotonicMs, tombstones },
      { keepMs, timeoutMs: 1000 },
    )
    return { ...listing, clock, tombstones, asked }
  }

  it('asks once for all who ask at the same time, and again when the time is over', async () => {
    const { list, clock, asked } = startListing(async () => [createFile('1')])
    const call = createCall()
    await Promise.all([
      list(undefined, call),
      list('voice_clone', createCall()),
      list(undefined, createCall()),
    ])
    expect([asked.length, call.sent]).toEqual([1, 1])
    clock.pass(4999)
    await list(undefined, call)
    expect(asked).toHaveLength(1)
    clock.pass(1)
    await list(undefined, call)
    expect([asked.length, call.sent]).toEqual([2, 2])
  })

  it('keeps nothing where nothing may be reused', async () => {
    const { list, asked } = startListing(async () => [], 0)
    for (let i = 0; i < 3; i++) await list(undefined, createCall())
    expect(asked).toHaveLength(3)
  })

  it('leaves out what was deleted while it was on its way', async () => {
    let land = (_files: readonly ListedFile[]) => {}
    const { list, tombstones } = startListing(() => new Promise((resolve) => (land = resolve)))
    const files = list(undefined, createCall())
    await tombstones.bury(toId('1'))
    land([createFile('1'), createFile('2')])
    expect((await files).map(({ id }) => id)).toEqual(['2'])
    expect((await list(undefined, createCall())).map(({ id }) => id)).toEqual(['2'])
  })

  it('is asked for anew once it is to be forgotten, though one is on its way, of its purpose and of all', async () => {
    const lands: ((files: readonly ListedFile[]) => void)[] = []
    let isByPurpose = true
    const { list, forget, asked } = startListing(async (purposeName) => {
      if (isByPurpose && purposeName === undefined) throw new FileError('UPSTREAM_INVALID_REQUEST')
      return purposeName === 'b' ? [] : new Promise((resolve) => lands.push(resolve))
    })
    await list('b', createCall()) // from now on it goes by purpose
    const old = list('a', createCall())
    await vi.waitFor(() => expect(lands).toHaveLength(1))
    forget('a')
    const anew = list('a', createCall())
    await vi.waitFor(() => expect(asked).toEqual([undefined, 'b', 'a', 'a']))
    lands[0]?.([createFile('1')])
    lands[1]?.([createFile('1'), createFile('2')])
    expect([(await old).length, (await anew).length]).toEqual([1, 2])
    expect(await list('a', createCall())).toHaveLength(2)
    await list('b', createCall()) // which was not to be forgotten
    isByPurpose = false
    void list(undefined, createCall())
    forget('a')
    void list(undefined, createCall())
    expect(asked).toEqual([undefined, 'b', 'a', 'a', undefined, undefined])
  })

  it('shows a file that has come to be at its place, and once', async () => {
    const at = (id: string, createdAtMs: number) => createFile(id, { createdAtMs, purposeName: 'a' })
    const { list, add } = startListing(async () => [at('4', 4000), at('2', 2000)])
    const ids = async () => (await list(undefined, createCall())).map(({ id }) => Number(id))
    expect(await ids()).toEqual([4, 2])
    for (const seconds of [3, 1, 5, 3]) add(at(String(seconds), seconds * 1000))
    expect(await ids()).toEqual([5, 4, 3, 2, 1])
  })

  it('is not kept where it was to be forgotten while it was on its way', async () => {
    let land = (_files: readonly ListedFile[]) => {}
    const { list, forget, recall, asked } = startListing(() => new Promise((resolve) => (land = resolve)))
    const old = list(undefined, createCall())
    forget('a')
    land([createFile('1')])
    expect(await old).toHaveLength(1)
    expect(recall(toId('1'))).toBeUndefined()
    void list(undefined, createCall())
    expect(asked).toHaveLength(2)
  })

  it('keeps no failure, and goes by purpose no longer than that is of use', async () => {
    const { list, asked, clock } = startListing(async (purposeName) => {
      if (purposeName === undefined) throw new FileError('UPSTREAM_INVALID_REQUEST')
      return [createFile('1')]
    })
    for (const purpose of ['a', 'b', 'a']) await list(purpose, createCall())
    expect(asked).toEqual([undefined, 'a', 'b'])
    clock.pass(3_600_000)
    await list('a', createCall())
    expect(asked.slice(3)).toEqual([undefined, 'a'])
  })

  it('sorts very many in steps that hold the loop for less than 50 ms of work', async () => {
    const files = Array.from({ length: 60_000 }, (_, i) =>
      createFile(String(10 ** 14 + ((i * 7919) % 60_000)), { createdAtMs: ((i * 104_729) % 60_000) * 1000 }),
    )
    const { list } = startListing(async () => files)
    let listed: readonly ListedFile[] = []
    const longestMs = await measureLongestTurnMs(async () => {
      listed = await list(undefined, createCall())
    })
    const times = listed.map(({ createdAtMs }) => createdAtMs ?? 0)
    expect(times).toEqual([...times].sort((a, b) => b - a))
    expect(longestMs).toBeLessThan(50)
  })
})
