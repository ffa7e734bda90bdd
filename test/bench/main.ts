// The benchmark: prints tables. Machines differ and are noisy, so what counts is how rows of one run compare.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createAsk, type Load, measure } from './load.js'
import { billMixes } from './mixes.js'
import { type Peer, startScript, startServer } from './peer.js'
import { print } from './table.js'

/** Milliseconds from starting the process to the first file in hand: the median of five. */
async function measureStart(): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const server = await startServer({ LOG_LEVEL: 'error' })
    const ask = createAsk(server.url, 1)
    await ask('437030092800001')
    times.push(performance.now() - server.startedMs)
    await ask.close()
    server.stop()
  }
  return times.sort((a, b) => a - b)[2] ?? Number.NaN
}

/** This server, a plain one and a bare one by turns, so that all meet the same weather. */
async function measureLoads(): Promise<[name: string, ours: Load, plain: Load, bare: Load][]> {
  let next = 335_560_000_000_000
  const cold = ({ url }: Peer) => measure(url, () => String(next++))
  const hot = ({ url }: Peer) => measure(url, () => '335560631603474')
  const upstream = await startScript('upstream.ts')
  const env = { UPSTREAM_URL: upstream.url }
  const server = await startServer({ COMETAPI_KEY: 'bench', ...env })
  const plain = await startScript('plain.ts', env)
  const bare = await startScript('bare.ts', env)
  const plainStill = await startScript('plain.ts')
  const bareStill = await startScript('bare.ts')
  const rows: [string, Load, Load, Load][] = [
    ['hot: one file, all reused', await hot(server), await hot(plainStill), await hot(bareStill)],
    ['cold: every file is new', await cold(server), await cold(plain), await cold(bare)],
  ]
  for (const peer of [server, plain, bare, plainStill, bareStill, upstream]) peer.stop()
  return rows
}

function measureMemory(): { emptyMiB: number; fullMiB: number; endMiB: number } {
  const script = fileURLToPath(new URL('memory.ts', import.meta.url))
  return JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', script], { encoding: 'utf8' }),
  )
}

const whole = (value: number) => Math.round(value).toLocaleString('en')
const toShare = (one: Load, other: Load) => `${((100 * one.perSecond) / other.perSecond).toFixed(0)} %`
const ms = (value: number) => `${value.toFixed(1)} ms`

process.stdout.write(`Node ${process.version}. All on loopback; nothing is paid.\n`)
print(
  'Start-up',
  ['from starting the process to the first answer', 'median of 5'],
  [['npm start, built', `${whole(await measureStart())} ms`]],
)

const loads = await measureLoads()
print(
  'Throughput of file(id), 32 clients, next to Apollo Server with a resolver that fetches, and to bare Node HTTP',
  ['', 'operations/s', 'p50', 'p99', 'plain Apollo/s', 'bare/s', 'share of plain', 'share of bare'],
  loads.map(([name, load, plain, bare]) => [
    name,
    whole(load.perSecond),
    ms(load.p50Ms),
    ms(load.p99Ms),
    whole(plain.perSecond),
    whole(bare.perSecond),
    toShare(load, plain),
    toShare(load, bare),
  ]),
)

print(
  'Calls upstream per 1,000 operations, each for one file',
  ['', 'no sharing', 'this server', 'least there can be', 'cost at $0.004'],
  (await billMixes()).map(({ name, unshared, sent, least, usd }) => [
    name,
    whole(unshared),
    whole(sent),
    whole(least),
    `$${usd.toFixed(3)}`,
  ]),
)

const { emptyMiB, fullMiB, endMiB } = measureMemory()
print(
  'Memory tier of 100,000 entries with two links each',
  ['heap', ''],
  [
    ['empty', `${whole(emptyMiB)} MiB`],
    ['after 100,000 files', `${whole(fullMiB)} MiB`],
    ['after 1,000,000 files', `${whole(endMiB)} MiB`],
  ],
)
if (endMiB > fullMiB * 1.2) throw new Error('The memory tier grew beyond its bound.')
