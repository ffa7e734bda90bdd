// What operators watch, as Prometheus text. Money is counted in whole micro-dollars, and shown in dollars. What is called
// on each request or look-up counts in plain numbers; docs/observability.md lists all there is.
import { collectDefaultMetrics, Registry } from 'prom-client'
import { FILE_ERROR_CODES } from '../errors.js'
import {
  addCounter,
  addCounters,
  addHistogram,
  addHistograms,
  addMetric,
  type Sample,
  toSamples,
} from './series.js'

export type Metrics = {
  /** A look-up was answered, or failed: `origin` says where its answer came from. */
  readonly countLookup: (origin: string) => void
  /** A request sent upstream has ended: by `OK`, `ABORTED` or the code of its failure. */
  readonly countCall: (code: string, durationMs: number, microUsd: number) => void
  /** A client's request has ended; `codes` are of the failures that its answer told. */
  readonly countRequest: (
    route: string,
    status: number | 'left',
    durationMs: number,
    codes: readonly string[],
  ) => void
  /** A write that was begun has ended. */
  readonly countChange: (change: Change) => void
  /** A request was turned away, since there is too much to do. */
  readonly countShed: (route: string) => void
  /** Has these asked on each scrape. */
  readonly watch: (readers: Readers) => void
  readonly contentType: string
  /** The text for a scrape. */
  readonly render: () => Promise<string>
}

type Change = { readonly what: string; readonly code: string; readonly bytes?: number | null }

/** Read on each scrape. */
type Readers = {
  /** Requests that are here, by route. */
  readonly requests: () => ReadonlyMap<string, number>
  /** Bytes of files that were sent to clients. */
  readonly sentBytes: () => number
  /** How many tasks somebody follows. */
  readonly followedTasks: () => number
  /** Each part that the server can do without, and whether it has to. */
  readonly degradations: () => Readonly<Record<string, boolean>>
  /** The day's, where there is a limit. */
  readonly budget: () => { readonly limitMicroUsd: number; readonly leftMicroUsd: number } | undefined
}

const OUTCOMES = ['memory', 'shared', 'joined', 'upstream', 'stale', 'refused']

/** Outcomes that saved a call. A stale answer saved none: it is given after a call has failed. */
const SAVING: ReadonlySet<string> = new Set(['memory', 'shared', 'joined'])

/** From a local answer to the default deadline. */
const CALL_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** From a cached answer to a large file. */
const REQUEST_SECONDS = [0.001, 0.0025, 0.005, ...CALL_SECONDS, 30, 60, 300]

/** CPU, memory, event loop: of the process, which is one, however many servers there are in it. */
const ofProcess = new Registry()
collectDefaultMetrics({ register: ofProcess })

export type MetricsOptions = { readonly priceMicroUsd: number; readonly version: string }

export function createMetrics({ priceMicroUsd, version }: MetricsOptions): Metrics {
  const registry = new Registry()
  let spentMicroUsd = 0
  let savedMicroUsd = 0
  const build = [{ labels: { version, node: process.version }, value: 1 }]
  addMetric(registry, 'gauge', { name: 'files_build_info', help: 'What runs. Always 1.' }, () => build)
  const requests = addRequests(registry)
  const addLookup = addCounter(
    registry,
    {
      name: 'files_lookups_total',
      help: 'Look-ups of files by where the answer came from.',
      label: 'outcome',
    },
    OUTCOMES,
  )
  const calls = addCalls(registry)
  addMoney(registry, 'files_spent_usd_total', 'What the requests sent upstream cost.', () => spentMicroUsd)
  addMoney(
    registry,
    'files_saved_usd_total',
    'What reused and joined look-ups would have cost.',
    () => savedMicroUsd,
  )
  return {
    ...requests,
    countChange: addChanges(registry),
    countLookup: (outcome) => {
      addLookup(outcome)
      if (SAVING.has(outcome)) savedMicroUsd += priceMicroUsd
    },
    countCall: (code, durationMs, microUsd) => {
      calls(code, durationMs)
      spentMicroUsd += microUsd
    },
    watch: (readers) => addReaders(registry, readers),
    contentType: registry.contentType,
    render: async () => (await registry.metrics()) + (await ofProcess.metrics()),
  }
}

function addRequests(registry: Registry): Pick<Metrics, 'countRequest' | 'countShed'> {
  const observe = addHistograms(
    registry,
    {
      name: 'files_http_request_duration_seconds',
      help: "Clients' requests, to the end of the answer, by route and status; left: the client did not wait.",
      labels: ['route', 'status'],
    },
    REQUEST_SECONDS,
  )
  const countError = addCounters(
    registry,
    {
      name: 'files_errors_total',
      help: 'Failures told to clients, as errors or as data, each code once per request.',
      labels: ['route', 'code'],
    },
    [['/graphql', 'INTERNAL_SERVER_ERROR']],
  )
  const countShed = addCounter(
    registry,
    {
      name: 'files_shed_total',
      help: 'Requests turned away with 503, since there was too much to do.',
      label: 'route',
    },
    ['/graphql'],
  )
  return {
    countShed,
    countRequest: (route, status, durationMs, codes) => {
      observe(route, status, durationMs / 1000)
      for (const code of codes) countError(route, code)
    },
  }
}

function addCalls(registry: Registry): (code: string, durationMs: number) => void {
  const help = 'Requests sent upstream, by OK, ABORTED or the code of the failure.'
  const codes = ['OK', ...FILE_ERROR_CODES.filter((code) => code.startsWith('UPSTREAM_'))]
  const count = addCounter(registry, { name: 'files_upstream_calls_total', help, label: 'code' }, codes)
  const observe = addHistogram(
    registry,
    {
      name: 'files_upstream_call_duration_seconds',
      help: 'From sending a request upstream to the end of its answer.',
    },
    CALL_SECONDS,
  )
  return (code, durationMs) => {
    count(code)
    observe(durationMs / 1000)
  }
}

function addChanges(registry: Registry): (change: Change) => void {
  const count = addCounters(
    registry,
    {
      name: 'files_changes_total',
      help: 'Writes that were begun: uploads, deletions and creations of tasks, by OK or the code of the failure.',
      labels: ['what', 'code'],
    },
    ['upload', 'delete', 'create video', 'create speech'].map((what) => [what, 'OK'] as const),
  )
  let uploadedBytes = 0
  const uploaded = { name: 'files_uploaded_bytes_total', help: 'Bytes of the files that clients uploaded.' }
  addMetric(registry, 'counter', uploaded, () => toSamples(uploadedBytes))
  return ({ what, code, bytes }) => {
    count(what, code)
    if (what === 'upload' && code === 'OK') uploadedBytes += bytes ?? 0
  }
}

function addReaders(registry: Registry, readers: Readers): void {
  const { requests, sentBytes, followedTasks, degradations, budget } = readers
  const add = (type: 'gauge' | 'counter', name: string, help: string, read: () => readonly Sample[]) =>
    addMetric(registry, type, { name, help }, read)
  add('gauge', 'files_requests_in_flight', "Clients' requests in flight, by route.", () =>
    [...requests()].map(([route, value]) => ({ labels: { route }, value })),
  )
  add('counter', 'files_sent_bytes_total', 'Bytes of files sent to clients.', () => toSamples(sentBytes()))
  add('gauge', 'files_tasks_followed', 'Tasks that somebody follows by a subscription.', () =>
    toSamples(followedTasks()),
  )
  add(
    'gauge',
    'files_degraded',
    'Whether the server does without this part: 1, or 0 while all is well.',
    () => Object.entries(degradations()).map(([part, is]) => ({ labels: { part }, value: Number(is) })),
  )
  const toUsd = (microUsd: number | undefined) =>
    toSamples(microUsd === undefined ? undefined : Math.max(0, microUsd) / 1e6)
  add('gauge', 'files_budget_limit_usd', "The day's limit, in UTC; none without one.", () =>
    toUsd(budget()?.limitMicroUsd),
  )
  add('gauge', 'files_budget_spent_usd', "What of the day's limit is spent, or set aside to be.", () => {
    const day = budget()
    return toUsd(day && day.limitMicroUsd - day.leftMicroUsd)
  })
  add('gauge', 'files_budget_left_usd', "What is left of the day's limit.", () =>
    toUsd(budget()?.leftMicroUsd),
  )
}

/** A counter of dollars that never adds up fractions. */
function addMoney(registry: Registry, name: string, help: string, read: () => number): void {
  addMetric(registry, 'counter', { name, help }, () => toSamples(read() / 1e6))
}
