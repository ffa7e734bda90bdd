// What operators watch, as Prometheus text. Money is counted in whole micro-dollars, and shown in dollars.
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export type Metrics = {
  /** A look-up has its answer, or its failure, from here. */
  readonly countLookup: (origin: string) => void
  /** A request sent upstream has ended so, after so long, and cost so much. */
  readonly countCall: (code: string, durationMs: number, microUsd: number) => void
  readonly contentType: string
  /** The text for a scrape. */
  readonly render: () => Promise<string>
}

const OUTCOMES = ['memory', 'shared', 'joined', 'upstream', 'stale', 'refused']

/** Where a look-up made no call that it would have made alone. A stale answer comes after one that failed. */
const SAVING: ReadonlySet<string> = new Set(['memory', 'shared', 'joined'])

/** From a local answer to the default deadline. */
const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** CPU, memory, event loop: of the process, which is one, however many servers there are in it. */
const ofProcess = new Registry()
collectDefaultMetrics({ register: ofProcess })

export function createMetrics({ priceMicroUsd }: { readonly priceMicroUsd: number }): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const lookups = new Counter({
    name: 'files_lookups_total',
    help: 'Look-ups of files by where the answer came from.',
    labelNames: ['outcome'],
    registers,
  })
  // A rate can be taken of what is 0, and of nothing else before it has happened.
  for (const outcome of OUTCOMES) lookups.inc({ outcome }, 0)
  const calls = new Counter({
    name: 'files_upstream_calls_total',
    help: 'Requests sent upstream, by OK, ABORTED or the code of the failure.',
    labelNames: ['code'],
    registers,
  })
  const durations = new Histogram({
    name: 'files_upstream_call_duration_seconds',
    help: 'From sending a request upstream to the end of its answer.',
    buckets: SECONDS,
    registers,
  })
  const spend = createMoney('files_spent_usd_total', 'What the requests sent upstream cost.', registry)
  const save = createMoney(
    'files_saved_usd_total',
    'What reused and joined look-ups would have cost.',
    registry,
  )
  return {
    countLookup: (outcome) => {
      lookups.inc({ outcome })
      if (SAVING.has(outcome)) save(priceMicroUsd)
    },
    countCall: (code, durationMs, microUsd) => {
      calls.inc({ code })
      durations.observe(durationMs / 1000)
      spend(microUsd)
    },
    contentType: registry.contentType,
    render: async () => (await registry.metrics()) + (await ofProcess.metrics()),
  }
}

/** A counter of dollars that never adds up fractions. */
function createMoney(name: string, help: string, registry: Registry): (microUsd: number) => void {
  let totalMicroUsd = 0
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(totalMicroUsd / 1e6)
    },
  })
  return (microUsd) => {
    totalMicroUsd += microUsd
  }
}
