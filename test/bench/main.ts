// The benchmark: prints tables. Machines differ and are noisy, so what counts is how rows of one run compare.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createAsk, type Load, measure } from './load.js'
import { billMixes } from './mixes.js'
import { startScript, startServer } from './peer.js'
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

/** The server and the bare one by turns, so that both meet the same weather. */
async function measureLoads(): Promise<[name: string, load: Load, bare: Load][]> {
  let next = 335_560_000_000_000
  const cold = () => String(next++)
  const hot = () => '335560631603474'
  const upstream = await startScript('upstream.ts')
  const env = { UPSTREAM_URL: upstream.url }
  const server = await startServer({ COMETAPI_KEY: 'bench', ...env })
  const bare = await startScript('bare.ts', env)
  const still = await startScript('bare.ts')
  const rows: [string, Load, Load][] = [
    ['hot: one file, all reused', await measure(server.url, hot), await measure(still.url, hot)],
    ['cold: every file is new', await measure(server.url, cold), await measure(bare.url, cold)],
  ]
  for (const peer of [server, bare, still, upstream]) peer.stop()
  return rows
}

function measureMemory(): { emptyMiB: number; fullMiB: number; endMiB: number } {
  const script = fileURLToPath(new URL('memory.ts', import.meta.url))
  return JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', '--import', 'tsx', script], { encoding: 'utf8' }),
  )
}

const whole = (value: number) => Math.round(value).toLocaleString('en')
const ms = (value: number) => `${value.toFixed(1)} ms`

process.stdout.write(`Node ${process.version}. All on loopback; nothing is paid.\n`)
print(
  'Start-up',
  ['from starting the process to the first answer', 'median of 5'],
  [['npm start, built', `${whole(await measureStart())} ms`]],
)

const loads = await measureLoads()
print(
  'Throughput of file(id), 32 clients, next to a bare Node HTTP server that does the same JSON',
  ['', 'operations/s', 'p50', 'p99', 'bare/s', 'bare p99', 'share of bare'],
  loads.map(([name, load, bare]) => [
    name,
    whole(load.perSecond),
    ms(load.p50Ms),
    ms(load.p99Ms),
    whole(bare.perSecond),
    ms(bare.p99Ms),
    `${((100 * load.perSecond) / bare.perSecond).toFixed(0)} %`,
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
