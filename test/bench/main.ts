// The benchmark: prints tables. Machines differ and are noisy, so what counts is how the columns of one run compare.
// `--quick` runs all of it in moments, to see that it still runs; its numbers say nothing.
import { parseArgs } from 'node:util'
import { withoutRedis } from '../helpers/redis.js'
import { countCalls } from './calls.js'
import { createMixes, measureMix, type Result, type Scale } from './mixes.js'
import { withoutNginx } from './nginx.js'
import { isPinned } from './peer.js'
import { measureShared } from './second.js'
import { measureStart } from './start.js'
import { print } from './table.js'
import { measureTransfers } from './transfers.js'

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const scale: Scale = quick ? { files: 1000, ms: 20, slices: 1 } : { files: 100_000, ms: 400, slices: 5 }

const whole = (value: number) => Math.round(value).toLocaleString('en')
const ratio = (value: number) => `${value.toFixed(2)}×`
const share = (value: number) => (Number.isNaN(value) ? '' : `${Math.round(100 * value)} %`)
const ms = (value: number) => `${value.toFixed(1)} ms`

function toRow({ name, perSecond, barePerSecond, busy, bareBusy, halfP99Ms, bareHalfP99Ms }: Result) {
  const ofBare = perSecond / barePerSecond
  const byCpu = (ofBare * bareBusy) / busy
  return [
    name,
    whole(perSecond),
    whole(barePerSecond),
    ratio(ofBare),
    Number.isNaN(byCpu) ? '' : ratio(byCpu),
    share(busy),
    share(bareBusy),
    ms(halfP99Ms),
    ms(bareHalfP99Ms),
  ]
}

process.stdout.write(
  `Node ${process.version}. All on loopback; nothing is paid. ${isPinned ? 'Servers on one core; load and upstream on another.' : 'Servers, load and upstream share the cores.'}\n`,
)

const results: Result[] = []
for (const mix of createMixes(scale.files)) results.push(await measureMix(mix, scale))
print(
  'Operations a second on 32 connections, beside bare Node with the same data; a busy server shows that it was the limit',
  ['', 'this', 'bare', 'of bare', 'by CPU', 'busy', 'bare busy', 'p99 at half load', 'bare p99'],
  results.map(toRow),
)
print(
  `Memory of ${whole(scale.files)} known files, asked for by hundreds`,
  ['RSS', ''],
  [['more than with 100', `${whole(results.at(-1)?.filesMiB ?? Number.NaN)} MiB`]],
)

const { firstAnswerMs, nodeMs } = await measureStart(quick ? 1 : 5)
print(
  'Start-up',
  ['median', ''],
  [
    ['from starting the process to the first answer', `${whole(firstAnswerMs)} ms`],
    ['node -e 0', `${whole(nodeMs)} ms`],
  ],
)

print(
  `One file, byte for byte, ${withoutNginx || 'beside nginx that passes the same on'}`,
  ['', 'this', 'nginx', 'of nginx', 'memory grew'],
  (await measureTransfers(quick ? 4 : 512, quick ? 1 : 3)).map((each) => [
    each.name,
    `${whole(each.mibPerSecond)} MiB/s`,
    withoutNginx ? '' : `${whole(each.nginxMibPerSecond)} MiB/s`,
    withoutNginx ? '' : ratio(each.mibPerSecond / each.nginxMibPerSecond),
    `${whole(each.grownMiB)} MiB`,
  ]),
)

if (withoutRedis) process.stdout.write(`\nNo second process: ${withoutRedis}.\n`)
else
  print(
    'A second process on one Redis; with two cores it shares that of the load',
    ['', 'operations/s', 'calls per file'],
    (await measureShared(scale)).map(({ name, perSecond, callsPerFile }) => [
      name,
      whole(perSecond),
      callsPerFile.toFixed(3),
    ]),
  )

print(
  'Calls upstream per 1,000 operations, each for one file',
  ['', 'no sharing', 'distinct files', 'this server', 'cost at $0.004'],
  (await countCalls(quick ? 100 : 5000)).map(({ name, unshared, distinct, sent, usd }) => [
    name,
    whole(unshared),
    whole(distinct),
    whole(sent),
    `$${usd.toFixed(3)}`,
  ]),
)
