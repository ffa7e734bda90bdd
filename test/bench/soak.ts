// The soak test, by hand: `npx tsx test/bench/soak.ts [minutes] [--redis]` after a build. Ten minutes of mixed load by
// default, while the upstream fails now and then, and so does Redis, if there is to be one; ends with 1 if a healthy
// look-up failed, or memory or sockets grew.
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { FaultRule } from '../../src/sandbox/rules.js'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.js'
import { launchRedis } from '../helpers/redis.js'
import { createClients, createTally, type Tally } from './soak-load.js'
import { startServer, type Vitals } from './soak-server.js'
import { print } from './table.js'

const { values, positionals } = parseArgs({ options: { redis: { type: 'boolean' } }, allowPositionals: true })
const MINUTES = Number(positionals[0] ?? 10)
const CLIENTS = 16
const PAUSE_MS = 100
const WARM_UP_MS = 30_000
/** Longer than the server keeps an idle connection to the upstream. */
const QUIET_MS = 35_000

type Redis = Awaited<ReturnType<typeof launchRedis>>

/** Another attempt mends each of them. */
const PASSING: readonly FaultRule[] = [
  { name: 'reset' },
  { name: 'status', status: 503 },
  { name: 'latency', ms: 400 },
  { name: 'reset-mid-body' },
  { name: 'truncate-json' },
  { name: 'status', status: 500, html: true },
  { name: 'html' },
]

/** Has the upstream fail once, twice a second, until the signal aborts: another file each time, so none twice. */
async function disturb(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    const { id = '' } = sandbox.files[turn % sandbox.files.length] ?? {}
    const fault = PASSING[(turn + Math.floor(turn / sandbox.files.length)) % PASSING.length] as FaultRule
    sandbox.clearFaults()
    sandbox.fault({ ...fault, id, times: 1 })
    await delay(500)
  }
  sandbox.clearFaults()
}

/** Has Redis hang for a second and a half, ten seconds later die for as long, and so on, until the signal aborts. */
async function disturbRedis(redis: Redis, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    if (turn % 2 === 0) redis.freeze()
    else await redis.kill()
    await delay(1500)
    if (turn % 2 === 0) redis.thaw()
    else await redis.start()
    await delay(10_000, undefined, { signal }).catch(() => {})
  }
}

const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1)

function toRow(name: string, { operations, wrong, failed, timesMs }: Tally, vitals: Vitals): string[] {
  const times = timesMs.sort((a, b) => a - b)
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1)
  const counts = [operations, wrong.length, failed].map(String)
  return [name, ...counts, at(0.5), at(0.99), mib(vitals.heapUsed), mib(vitals.rss), String(vitals.sockets)]
}

async function soak(): Promise<string[]> {
  const sandbox = await createSandbox()
  const redis = values.redis ? await launchRedis() : undefined
  const server = await startServer(sandbox.url, redis?.url)
  const atStart = await server.check()
  const healthy = sandbox.files.map(({ id }) => id)
  const clients = createClients(server.url, healthy, CLIENTS)
  const end = new AbortController()
  let tally = createTally()
  const running = Array.from({ length: CLIENTS }, async () => {
    while (!end.signal.aborted) {
      await clients.step(() => tally)
      await delay(Math.random() * PAUSE_MS)
    }
  })
  running.push(disturb(sandbox, end.signal))
  if (redis) running.push(disturbRedis(redis, end.signal))

  await delay(WARM_UP_MS)
  const wrong = [...tally.wrong]
  const vitals: Vitals[] = []
  const rows: string[][] = []
  for (let minute = 1; minute <= MINUTES; minute++) {
    tally = createTally()
    await delay(60_000)
    const now = await server.check()
    vitals.push(now)
    wrong.push(...tally.wrong)
    rows.push(toRow(`minute ${minute}`, tally, now))
    process.stdout.write(`${rows.at(-1)?.join('  ')}\n`)
  }
  end.abort()
  await Promise.all(running)
  await clients.close()
  await delay(QUIET_MS)
  const atEnd = await server.check()
  const exitCode = await server.stop()
  await sandbox.close()
  await redis?.stop()

  const head = [
    '',
    'requests',
    'wrong',
    'failures asked for',
    'p50 ms',
    'p99 ms',
    'heap MiB',
    'RSS MiB',
    'sockets',
  ]
  const faults = `one passing fault of the upstream each half second${redis ? ', and of Redis each eleven' : ''}`
  print(`${CLIENTS} clients, ${faults}`, head, [
    toRow('at the start', createTally(), atStart),
    ...rows,
    toRow('quiet again', createTally(), atEnd),
  ])
  const [first, last] = [vitals[0]?.heapUsed ?? 0, vitals.at(-1)?.heapUsed ?? 0]
  return [
    ...wrong.slice(0, 20).map((each) => `wrong: ${each}`),
    ...server.faults.slice(0, 20).map((each) => `logged: ${each}`),
    ...(last > first * 1.1 + 2 ** 21 ? [`the heap grew from ${mib(first)} to ${mib(last)} MiB`] : []),
    ...(atEnd.sockets > atStart.sockets
      ? [`${atEnd.sockets} sockets are left, ${atStart.sockets} were`]
      : []),
    ...(exitCode === 0 ? [] : [`it exited with ${exitCode}`]),
  ]
}

const problems = await soak()
process.stdout.write(problems.length === 0 ? '\nAll well.\n' : `\n${problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
