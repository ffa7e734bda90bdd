// Several processes on one Redis, as they are deployed: what they pay for together, and what becomes of it in trouble.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createSandbox, type Sandbox } from '../src/sandbox/sandbox.js'
import { generatedVideo } from '../src/sandbox/seed.js'
import { KEY, startApp } from './helpers/app.js'
import { createCertificate, eventually, hasOpenssl, VIDEO } from './helpers/faults.js'
import { bePatient, PATIENT, patientNode } from './helpers/patience.js'
import { LISTENING, type Run, run, start } from './helpers/process.js'
import { launchRedis, openRedis, startRedis, startWay, withoutRedis } from './helpers/redis.js'

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))
const toId = (index: number) => String(437030092900000 + index)
const files = times(500, (index) => ({ ...generatedVideo, id: toId(index) }))

/** A process that lives on the next day from the moment of this signal on, and says so. */
const MIDNIGHT_BY_SIGNAL = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    const now = Date.now
    let aheadMs = 0
    Date.now = () => now() + aheadMs
    process.on('SIGUSR2', () => { aheadMs = 86_400_000; process.stderr.write('midnight\\n') })`)}`,
]

const LIST = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename ... on FileError { code } } }'

type Answer = {
  readonly data: { readonly fileResults: readonly { readonly __typename: string; readonly code?: string }[] }
  readonly extensions: { readonly cost: { readonly calls: number } }
}

type Process = Run & {
  /** What became of each file: `File`, or the code of its failure; and what the operation cost. */
  lookUp(...ids: string[]): Promise<{ readonly said: readonly string[]; readonly calls: number }>
}

/** Waits until it listens, and has found its Redis: on a busy machine that may take more than one attempt. */
async function listen(started: Run): Promise<Process> {
  const [, url = ''] = await started.waitFor(LISTENING)
  const expectReady = async () =>
    expect(await (await fetch(new URL('/readyz', url))).json()).toEqual({ status: 'ok' })
  await eventually(expectReady)
  async function lookUp(...ids: string[]) {
    const body = JSON.stringify({ query: LIST, variables: { ids } })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body })
    const { data, extensions } = (await response.json()) as Answer
    return {
      said: data.fileResults.map(({ __typename, code }) => code ?? __typename),
      calls: extensions.cost.calls,
    }
  }
  return { ...started, lookUp }
}

async function startSandbox(): Promise<Sandbox> {
  const sandbox = await createSandbox({ files })
  onTestFinished(sandbox.close)
  return sandbox
}

const runPatiently = (env: Readonly<Record<string, string>>) => run(env, [], { nodeArgs: patientNode })

const toEnv = (sandbox: Sandbox, redisUrl: string) => ({
  PORT: '0',
  LOG_LEVEL: 'warn',
  COMETAPI_KEY: KEY,
  UPSTREAM_URL: sandbox.url,
  UPSTREAM_TIMEOUT_MS: '60000',
  REDIS_URL: redisUrl,
})

describe.skipIf(withoutRedis)('four processes on one Redis', () => {
  let server: Awaited<ReturnType<typeof launchRedis>>
  let sandbox: Sandbox
  const started: Run[] = []
  let processes: Process[]
  let last = 0
  const nextId = () => toId(++last)
  /** How many leases have ended by themselves: nothing else ends so within the time of a test. */
  const countLost = async () =>
    Number(/expired_keys:(\d+)/.exec(String(await server.send('INFO', 'stats')))?.[1])

  beforeAll(async () => {
    server = await launchRedis()
    sandbox = await createSandbox({ files })
    sandbox.fault({ name: 'latency', ms: 50 })
    const env = toEnv(sandbox, server.url)
    started.push(...times(4, () => start(undefined, env, [], { nodeArgs: patientNode })))
    processes = await Promise.all(started.map(listen))
    // Code that runs for the first time is slow, and four of them leave two processors no room for that.
    for (const { lookUp } of processes) await Promise.all(times(50, () => lookUp(toId(0))))
  })
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGKILL')
    await sandbox?.close()
    await server?.stop()
  })

  it('make 20 calls for 20 files that each asks for in 200 operations at the same time', async () => {
    const [before, lostBefore] = [sandbox.calls, await countLost()]
    const ids = times(20, nextId)
    const ask = ({ lookUp }: Process) => times(200, (index) => lookUp(ids[index % 20] ?? ''))
    const answers = await Promise.all(processes.flatMap(ask))
    expect(new Set(answers.flatMap(({ said }) => said))).toEqual(new Set(['File']))
    const calls = sandbox.calls - before
    expect(answers.reduce((sum, answer) => sum + answer.calls, 0)).toBe(calls)
    // A process that got no turn for as long as a lease lives has lost it, and its call is made again.
    const lost = (await countLost()) - lostBefore
    expect(calls).toBeGreaterThanOrEqual(20)
    expect(calls).toBeLessThanOrEqual(20 + lost)
  })

  it('[55] fail no operation when Redis is killed in the middle, and share again when it is back', async () => {
    const ask = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        const ids = times(5, nextId)
        const answers = await Promise.all(processes.map(({ lookUp }) => lookUp(...ids)))
        expect(new Set(answers.flatMap(({ said }) => said))).toEqual(new Set(['File']))
      }
    }
    const asking = Promise.all([ask(8), ask(8)])
    await new Promise((resolve) => setTimeout(resolve, 50))
    await server.kill()
    await asking
    await server.start()
    for (const { waitFor } of processes) await waitFor(/Redis is unreachable/)
    await expect
      .poll(async () => {
        const id = nextId()
        const answers = await Promise.all(processes.map(({ lookUp }) => lookUp(id)))
        return answers.reduce((sum, { calls }) => sum + calls, 0)
      })
      .toBe(1)
  })

  // How soon after it, shared.test.ts says: the next time that one of them asks.
  it('finish after the lease’s end, with one more call, when the one that asked upstream is killed', async () => {
    const id = nextId()
    sandbox.clearFaults()
    sandbox.fault({ name: 'silence', id, times: 1 })
    const before = sandbox.calls
    const first = await listen(runPatiently(toEnv(sandbox, server.url)))
    const lost = first.lookUp(id).catch(() => 'lost')
    await eventually(() => expect(sandbox.calls).toBe(before + 1))
    const waiting = processes.map(({ lookUp }) => lookUp(id))
    await new Promise((resolve) => setTimeout(resolve, 50))
    first.child.kill('SIGKILL')
    expect(await lost).toBe('lost')
    const answers = await Promise.all(waiting)
    expect(answers.map(({ said }) => said)).toEqual(times(4, () => ['File']))
    expect(sandbox.calls).toBe(before + 2)
  })
})

describe.skipIf(withoutRedis)('a spend limit', { timeout: 60_000 }, () => {
  // One for all, since a ledger gives out nothing until its Redis has been up for three seconds. Each sandbox is an account.
  let server: Awaited<ReturnType<typeof launchRedis>>

  beforeAll(async () => {
    server = await launchRedis()
  })
  afterAll(() => server?.stop())

  it('lets exactly five calls through in two processes, while what is known is still served', async () => {
    const sandbox = await startSandbox()
    const env = { ...toEnv(sandbox, server.url), SPEND_LIMIT_USD_PER_DAY: '0.02' }
    const [one, two] = await Promise.all([listen(runPatiently(env)), listen(runPatiently(env))])
    const answers = await Promise.all(times(20, (index) => (index % 2 === 0 ? one : two).lookUp(toId(index))))
    const outcomes = answers.flatMap(({ said }) => said)
    expect(outcomes.filter((each) => each === 'File')).toHaveLength(5)
    expect(outcomes.filter((each) => each === 'SPEND_LIMIT_EXCEEDED')).toHaveLength(15)
    expect(sandbox.calls).toBe(5)
    const known = toId(outcomes.indexOf('File'))
    for (const { lookUp } of [one, two]) expect(await lookUp(known)).toEqual({ said: ['File'], calls: 0 })
  })

  /** Three processes that may make a hundred calls together, and files that nobody has asked for yet. */
  async function startThree() {
    const sandbox = await startSandbox()
    const env = { ...toEnv(sandbox, server.url), SPEND_LIMIT_USD_PER_DAY: '0.4' }
    const join = () => listen(run(env))
    const processes = await Promise.all([join(), join(), join()])
    let last = 0
    /** How many of so many new files each of them gets. */
    const spend = async (count: number, spenders: readonly Process[]) => {
      const asking = spenders.map(({ lookUp }) => lookUp(...times(count, () => toId(++last))))
      const answers = await Promise.all(asking)
      return answers.flatMap(({ said }) => said).filter((each) => each === 'File').length
    }
    const [one, two, three] = processes as [Process, Process, Process]
    return { sandbox, join, spend, processes, one, two, three }
  }

  async function kill({ child, exited }: Process): Promise<void> {
    child.kill('SIGKILL')
    await exited
  }

  it('holds in three processes when one is killed in the middle, and Redis forgets', async () => {
    const { sandbox, join, spend, one, two, three } = await startThree()
    expect(await spend(60, [one])).toBe(60)
    await kill(one)
    await server.send('FLUSHALL')
    expect(await spend(10, [two])).toBe(10)
    await kill(two)
    await server.send('FLUSHALL')
    const anew = await join()
    expect(await spend(50, [anew, three])).toBe(30)
    expect(sandbox.calls).toBe(100)
  })

  it('holds in three processes while Redis is full', async () => {
    const { sandbox, spend, processes, one } = await startThree()
    expect(await spend(20, [one])).toBe(20)
    await server.send('CONFIG', 'SET', 'maxmemory', '1')
    expect(await spend(50, processes)).toBe(0)
    await server.send('CONFIG', 'SET', 'maxmemory', '0')
    expect(await spend(50, processes)).toBe(80)
    expect(sandbox.calls).toBe(100)
  })

  it('holds in three processes over midnight, when what was queued on the old day is sent on the new one', async () => {
    const sandbox = await startSandbox()
    const env = {
      ...toEnv(sandbox, server.url),
      SPEND_LIMIT_USD_PER_DAY: '0.256',
      UPSTREAM_TIMEOUT_MS: '60000',
    }
    const join = () => listen(run(env, [], { nodeArgs: MIDNIGHT_BY_SIGNAL }))
    const processes = await Promise.all([join(), join(), join()])
    const [one, ...others] = processes as [Process, ...Process[]]
    sandbox.fault({ name: 'latency', ms: 2000 })
    const queued = one.lookUp(...times(64, toId)) // half of them wait for a connection
    await eventually(() => expect(sandbox.calls).toBe(32))
    for (const { child } of processes) child.kill('SIGUSR2')
    await Promise.all(processes.map(({ waitFor }) => waitFor(/midnight/)))
    expect(sandbox.calls).toBe(32)
    sandbox.clearFaults()
    let last = 64
    const spendMore = async () => {
      await Promise.all(others.map(({ lookUp }) => lookUp(...times(40, () => toId(++last)))))
      return sandbox.calls
    }
    await expect.poll(spendMore, { timeout: 30_000 }).toBe(32 + 64)
    expect((await queued).said).toHaveLength(64)
    await spendMore()
    expect(sandbox.calls).toBe(32 + 64)
  })

  it('holds in three processes when Redis is killed and starts with nothing', async () => {
    const { sandbox, spend, processes, one, two, three } = await startThree()
    expect(await spend(20, processes)).toBe(60)
    await kill(one)
    await server.kill()
    expect(await spend(50, [two, three])).toBe(0)
    await server.start()
    await Promise.all([two, three].map(({ waitFor }) => waitFor(/Redis is unreachable/)))
    const spendMore = async () => {
      await spend(50, [two, three])
      return sandbox.calls
    }
    await expect.poll(spendMore, { timeout: 10_000 }).toBe(100)
    expect(await spend(50, [two, three])).toBe(0)
    expect(sandbox.calls).toBe(100)
  })
})

describe.skipIf(withoutRedis)('two processes on one Redis', () => {
  const ONE = `{ file(id: "${toId(1)}") { id } }`

  async function startTwo() {
    const [sandbox, server] = [await startSandbox(), await startRedis()]
    const env = { UPSTREAM_URL: sandbox.url, REDIS_URL: server.url }
    const [first, second] = await Promise.all([startApp(env), startApp(env)])
    return { sandbox, first, second }
  }

  it('make one call for a file when the client of the one that asks has left', async () => {
    const { sandbox, first, second } = await startTwo()
    sandbox.fault({ name: 'latency', ms: 400 })
    const leaving = new AbortController()
    const left = first.query(ONE, {}, { signal: leaving.signal }).catch(() => 'left')
    await eventually(() => expect(sandbox.calls).toBe(1))
    const waiting = second.query(ONE)
    leaving.abort()
    expect(await left).toBe('left')
    const { data, extensions } = await waiting
    expect([data.file.id, extensions.cost.calls, sandbox.calls]).toEqual([toId(1), 0, 1])
    const metrics = await (await second.send('/metrics')).text()
    expect(metrics).toMatch(/^files_lookups_total\{outcome="(joined|shared)"\} 1$/m)
    expect(metrics).toMatch(/^files_lookups_total\{outcome="upstream"\} 0$/m)
  })
})

describe.skipIf(withoutRedis)('one Redis', () => {
  bePatient()

  it('[68] shows no account the files of another, and no key', async () => {
    const server = await startRedis()
    const one = await startApp({ REDIS_URL: server.url })
    const two = await startApp({
      REDIS_URL: server.url,
      UPSTREAM_URL: one.sandbox.url,
      COMETAPI_KEY: `${KEY}2`,
    })
    const same = await startApp({ REDIS_URL: server.url, UPSTREAM_URL: one.sandbox.url })
    const other = { REDIS_URL: server.url, UPSTREAM_URL: one.sandbox.url, CACHE_TTL_SECONDS: '60' }
    const calls: number[] = []
    for (const { query } of [one, two, same, await startApp(other)]) {
      const { data, extensions } = await query(`{ file(id: "${VIDEO}") { id } }`)
      expect(data.file.id).toBe(VIDEO)
      calls.push(extensions.cost.calls)
    }
    expect(calls).toEqual([1, 1, 0, 1])
    const keys = (await server.send('KEYS', '*')) as string[]
    expect(keys).toHaveLength(3)
    const values = await Promise.all(keys.map((key) => server.send('GET', key)))
    expect([...keys, ...values].join()).not.toContain('SENTINEL')
    expect(await (await same.send('/metrics')).text()).toContain('files_lookups_total{outcome="shared"} 1')
  })

  it('[69] gets no key that an id could bend', async () => {
    const server = await startRedis()
    const { query } = await startApp({ REDIS_URL: server.url })
    const ids = ['a\r\nDEL *', '*', '1 2', `${VIDEO}:lease`, '', '0x1', '\u0000', '9'.repeat(50_000)]
    const { data } = await query(LIST, { ids })
    expect(data.fileResults.every(({ code }: { code: string }) => code === 'INVALID_FILE_ID')).toBe(true)
    expect(await server.send('DBSIZE')).toBe(0)
  })

  it('[54] is not needed to start: the server is ready, and says once what it does without', async () => {
    const server = await startRedis()
    await server.kill()
    const { query, send, logs } = await startApp({ REDIS_URL: server.url })
    expect((await query(`{ file(id: "${VIDEO}") { id } }`)).data.file.id).toBe(VIDEO)
    const ready = await send('/readyz')
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', degraded: ['redis'] }])
    expect(logs.filter((line) => line.includes('Redis'))).toHaveLength(1)
    await server.start()
    await expect.poll(async () => (await send('/readyz')).json()).toEqual({ status: 'ok' })
  })

  it('gives stale answers and joined ones their names in the metrics', async () => {
    const server = await startRedis()
    const one = await startApp({ REDIS_URL: server.url, CACHE_TTL_SECONDS: '1' })
    const env = { REDIS_URL: server.url, CACHE_TTL_SECONDS: '1', UPSTREAM_URL: one.sandbox.url }
    await one.query(`{ file(id: "${VIDEO}") { id } }`)
    one.sandbox.fault({ name: 'status', status: 503 })
    const two = await startApp(env)
    const ask = async () => (await two.query(`{ file(id: "${VIDEO}") { id } }`)).data.file
    expect(await ask()).toEqual({ id: VIDEO })
    await expect
      .poll(async () => [await ask(), await (await two.send('/metrics')).text()], {
        interval: 200,
      })
      .toEqual([{ id: VIDEO }, expect.stringContaining('files_lookups_total{outcome="stale"} 1')])
  })

  it.skipIf(!hasOpenssl)('is reached over TLS, by a user with a password, in a database', async () => {
    const server = await startRedis()
    await server.send('ACL', 'SETUSER', 'files', 'on', '>p@SENTINEL', '~mff:*', '&mff:*', '+@all')
    const { key, cert, path } = createCertificate()
    const way = await startWay(server, { tls: { key, cert } })
    const sandbox = await startSandbox()
    const url = `${way.url.replace('redis:', 'rediss:').replace('//', '//files:p%40SENTINEL@')}/3`
    const trusting = await listen(runPatiently({ ...toEnv(sandbox, url), NODE_EXTRA_CA_CERTS: path }))
    await trusting.lookUp(toId(0))
    expect(await server.send('INFO', 'keyspace')).toContain('db3:keys=1')
    const wary = openRedis(url, PATIENT)
    await wary.tried
    expect(wary.logs.join()).toContain('"reason":"DEPTH_ZERO_SELF_SIGNED_CERT"')
    expect(wary.logs.join() + trusting.output()).not.toContain('SENTINEL')
  })
})
