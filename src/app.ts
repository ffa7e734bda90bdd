// The composition root: the only file that sees all the rooms. Read `createApp` from top to bottom: bytes, meaning,
// reuse, GraphQL, HTTP.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { toBanner } from './banner.js'
import { createCache } from './cache/cache.js'
import { toPrefix } from './cache/entry.js'
import { MAX_LEASE_MS } from './cache/lease.js'
import type { OutcomeSource } from './cache/outcome.js'
import { createRedis, type Redis } from './cache/redis.js'
import { createShared } from './cache/shared.js'
import { createSpend, type Spend } from './cache/spend.js'
import { createClient } from './client/client.js'
import { createGuard } from './client/guard.js'
import { allowsHttp, parseLink } from './client/link.js'
import type { Dialect } from './client/request.js'
import type { Config, Upstream } from './config.js'
import { createGraphQL } from './graphql/server.js'
import { createAccess } from './http/access.js'
import type { PlaygroundFacts } from './http/playground.js'
import { createServer } from './http/server.js'
import { createLog, createNotice, type Log } from './log.js'
import { createMetrics } from './metrics.js'
import { createSandbox, type Sandbox } from './sandbox/sandbox.js'
import { createTracing } from './trace.js'
import { parseExactJson } from './wire/json.js'
import { parseQuickly } from './wire/quick.js'
import { createRetryBudget } from './wire/retry.js'
import { createWire } from './wire/wire.js'

export type App = {
  /** Where GraphQL is served. */
  readonly url: string
  /** What to tell whoever started it, line by line. */
  readonly banner: readonly string[]
  /** Takes note of a fault that nobody caught. */
  report(fault: unknown): void
  /** Lets what is in flight finish for so long, aborts the rest, and closes everything. */
  stop(graceMs: number): Promise<void>
}

const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }

/** Builds and starts everything that the configuration asks for. Rejects if it can not listen there. */
export async function createApp(config: Config, log: Log = createLog(config.logLevel)): Promise<App> {
  const sandbox = config.upstream.kind === 'sandbox' ? await createSandbox() : undefined
  const upstream = toAccount(config.upstream, sandbox)
  const metrics = createMetrics(config)
  const tracing = createTracing()

  // A request that got no answer may have been billed all the same: the deadline has room for two, not for three.
  const attemptTimeoutMs = Math.ceil(config.upstreamTimeoutMs / 2)
  const wire = tracing.wire(createWire(upstream.baseUrl, { attemptTimeoutMs }), upstream.baseUrl)
  const notice = createNotice(log, clock.monotonicMs)
  const redis = config.redisUrl && createRedis(config.redisUrl.reveal(), { log, notice })
  const client = createClient(
    {
      wire,
      spend: createBudget(config, upstream, redis),
      clock,
      budget: createRetryBudget(),
      notice,
      record: metrics.countCall,
      random: Math.random,
      sleep: (ms, signal) => delay(ms, undefined, { signal }),
    },
    { ...upstream, timeoutMs: config.upstreamTimeoutMs },
  )
  const guard = createGuard(client, clock, { toAccount: sandbox ? toTrialAccount : () => '' })
  const files = createCache(
    guard.files,
    { clock, count: metrics.countLookup, share: redis && shareOn(redis, config, upstream) },
    { ...config.cache, timeoutMs: config.upstreamTimeoutMs },
  )
  const untraced = await createGraphQL(
    { find: tracing.source(files), peek: () => undefined },
    {
      maxLookups: config.maxLookups,
      priceMicroUsd: config.priceMicroUsd,
      simulated: sandbox !== undefined,
      introspection: config.introspection,
      logger: log,
      parseJson: parseQuickly,
      nowMs: clock.nowMs,
    },
  )
  const graphql = tracing.graphql(untraced)
  const access = config.access && createAccess(config.access, { monotonicMs: clock.monotonicMs, notice })
  const server = await createServer({
    graphql,
    parseJson: parseExactJson,
    metrics,
    logger: log,
    degradations: () =>
      Object.entries({ upstream: guard.isWell(''), redis: redis?.isWell(), jwks: access?.isWell() })
        .filter(([, isWell]) => isWell === false)
        .map(([name]) => name),
    access,
    isLocal: config.access === undefined && !config.open,
    corsOrigins: config.corsOrigins,
    playground: config.playground ? toPlaygroundFacts(config, sandbox?.files ?? []) : undefined,
  })

  const close = async (graceMs: number) => {
    await server.close(graceMs)
    await graphql.stop()
    await wire.close()
    await redis?.close()
    await sandbox?.close()
  }
  await redis?.tried // so that the first requests do not find it missing only because they came first
  const port = await server.listen(config.host, config.port).catch(async (error: unknown) => {
    await close(0)
    throw error
  })
  const url = toUrl(config.host, port)
  return {
    url,
    banner: toBanner(url, config, sandbox?.files ?? []),
    report: (fault) =>
      log.fatal({ err: fault }, 'a fault that nobody caught: finishing, then exiting with 1'),
    stop: (graceMs) => {
      log.info({ graceMs }, 'stopping: what is in flight may finish')
      return close(graceMs)
    },
  }
}

/** Nothing of an account: neither its key nor where it is asked. */
function toPlaygroundFacts(config: Config, files: PlaygroundFacts['files']): PlaygroundFacts {
  return {
    upstream: config.upstream.kind,
    pricePerCallUsd: config.priceMicroUsd / 1e6,
    needsToken: config.access !== undefined,
    introspection: config.introspection,
    files,
  }
}

/** The sandbox's ids that fail on request: one that is tried out must not have the next query refused. */
function toTrialAccount(id: string): string {
  return id.length <= 5 ? id : ''
}

type Account = { readonly baseUrl: URL; readonly key: string; readonly dialect: Dialect }

function toAccount(upstream: Upstream, sandbox: Sandbox | undefined): Account {
  switch (upstream.kind) {
    case 'sandbox':
      // The sandbox takes any key. It is asked as CometAPI is, whose price it simulates.
      return {
        baseUrl: new URL(sandbox?.url ?? ''),
        key: 'sandbox',
        dialect: { kind: 'cometapi', model: 'minimax-files-retrieve' },
      }
    case 'cometapi':
      return { ...upstream, key: upstream.key.reveal(), dialect: upstream }
    case 'minimax':
      return { ...upstream, key: upstream.key.reveal(), dialect: upstream }
    default:
      return upstream satisfies never
  }
}

/** Whatever makes another account of it, whose files and whose spending are no concern of this one's. */
function toParts({ baseUrl, dialect, key }: Account): readonly unknown[] {
  return [baseUrl.href, dialect, key]
}

/** The day's budget, where there is a limit. */
function createBudget(
  { spendLimitMicroUsd, priceMicroUsd }: Config,
  account: Account,
  redis: Redis | undefined,
): Spend | undefined {
  if (spendLimitMicroUsd === undefined) return undefined
  const ledger = redis && { redis, prefix: toPrefix(...toParts(account)), owner: randomUUID() }
  return createSpend({ nowMs: clock.nowMs, ledger }, { limitMicroUsd: spendLimitMicroUsd, priceMicroUsd })
}

/** The tier that processes share. Those whose answers live for another time are left out, since theirs would not do. */
function shareOn(
  redis: Redis,
  { cache, upstreamTimeoutMs }: Config,
  account: Account,
): (source: OutcomeSource) => OutcomeSource {
  const { ttlMs, notFoundMs, linkMinValidityMs } = cache
  const prefix = toPrefix(...toParts(account), ttlMs, notFoundMs, linkMinValidityMs)
  const allowHttp = allowsHttp(account.baseUrl)
  const isLink = (link: string) => parseLink(link, { allowHttp }) !== null
  // Whoever waited for a process that died must have time left to ask by itself.
  const leaseMs = Math.floor(Math.min(MAX_LEASE_MS, upstreamTimeoutMs / 2))
  return (source) => createShared(source, { redis, clock, owner: randomUUID(), isLink }, { prefix, leaseMs })
}

function toUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/graphql`
}
