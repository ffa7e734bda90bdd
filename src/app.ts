// The composition root: the only file that sees all the rooms. Read `createApp` from top to bottom: bytes, meaning,
// reuse, GraphQL, HTTP.
import { hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createCache } from './cache/cache.js'
import { createDeletion } from './cache/deletion.js'
import { toPrefix } from './cache/entry.js'
import { MAX_LEASE_MS } from './cache/lease.js'
import { createLedger } from './cache/ledger.js'
import { createListing } from './cache/listing.js'
import { createOnce } from './cache/once.js'
import type { OutcomeSource } from './cache/outcome.js'
import { createRedis, type Redis } from './cache/redis.js'
import { createShared } from './cache/shared.js'
import { createSpend, type Spend } from './cache/spend.js'
import { createTombstones, toTombstonesKey } from './cache/tombstones.js'
import { createUploaded } from './cache/uploaded.js'
import { createClient } from './client/client.js'
import { createContentSource } from './client/content-source.js'
import { createGuard } from './client/guard.js'
import { allowsHttp, parseLink } from './client/link.js'
import { createLinkSource } from './client/link-source.js'
import { createOpening } from './client/opening.js'
import { createPace } from './client/pace.js'
import { type Dialect, toHeaders } from './client/request.js'
import { createUploadSource } from './client/upload.js'
import { toBanner, toFacts } from './config/banner.js'
import type { Config, Upstream } from './config/config.js'
import { isLoopback } from './config/kinds.js'
import { toVersion } from './config/usage.js'
import { createContent } from './content.js'
import type { FileId, Files } from './file.js'
import type { ContextOptions } from './graphql/context.js'
import { createGraphQL } from './graphql/server.js'
import { createAccess } from './http/access.js'
import { createContentTickets, createTickets, createUploadTickets } from './http/bytes/ticket.js'
import type { UploadRecord } from './http/bytes/upload.js'
import { LIMITS } from './http/limits.js'
import type { PlaygroundFacts } from './http/playground.js'
import { createServer } from './http/server.js'
import { createNotice, type Log } from './log.js'
import { createMetrics } from './metrics/metrics.js'
import { findNameMagic } from './sandbox/files/magic-names.js'
import { createSandbox, type Sandbox } from './sandbox/sandbox.js'
import { createCreations } from './tasks/creation.js'
import { createKeys, type SharedKeys } from './tasks/keys.js'
import { createPrices } from './tasks/prices.js'
import { createSharedKeys } from './tasks/shared-keys.js'
import { createQueue } from './tasks/shared-pace.js'
import { createTasks } from './tasks/tasks.js'
import { createTurns, type Turns } from './tasks/turns.js'
import { createTracing } from './trace.js'
import { createUploads } from './upload.js'
import { createFence } from './wire/fence.js'
import { parseExactJson } from './wire/json.js'
import { chooseProxy, createProxyConnector, createProxyFetch } from './wire/proxy.js'
import { parseQuickly } from './wire/quick.js'
import { createRetryBudget } from './wire/retry.js'
import { createTransfers } from './wire/transfers.js'
import { createWire } from './wire/wire.js'

export type App = {
  /** Where GraphQL is served. */
  readonly url: string
  /** What to tell whoever watches it start, line by line. */
  readonly banner: readonly string[]
  /** Takes note of a fault that nobody caught. */
  report(fault: unknown): void
  /** Lets what is in flight finish for so long, aborts the rest, and closes everything. */
  stop(graceMs: number): Promise<void>
}

const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }

const after = (ms: number, callback: () => void) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

/** Builds and starts everything that the configuration asks for. Rejects if it can not listen there. */
export async function createApp(config: Config, log: Log): Promise<App> {
  const sandbox = config.upstream.kind === 'sandbox' ? await createSandbox() : undefined
  const upstream = toAccount(config.upstream, sandbox)
  const metrics = createMetrics({ ...config, version: toVersion() })
  const tracing = await createTracing()

  // A request that got no answer may have been billed all the same: the deadline has room for two, not for three.
  const attemptTimeoutMs = Math.ceil(config.upstreamTimeoutMs / 2)
  const proxy = sandbox ? undefined : findProxy(config, upstream.baseUrl)
  const wire = tracing.wire(
    createWire(upstream.baseUrl, {
      attemptTimeoutMs,
      headers: toHeaders(upstream.key),
      ...(proxy && { connect: createProxyConnector(proxy) }),
    }),
    upstream.baseUrl,
  )
  const { priceMicroUsd } = config
  const notice = createNotice(log, clock.monotonicMs, tracing.toTrace)
  const prefix = toPrefix(...toParts(upstream))
  const redis = config.redisUrl && createRedis(config.redisUrl.reveal(), { log, notice }, { prefix })
  const spend = createBudget(config, prefix, redis)
  const asking = {
    spend,
    priceMicroUsd,
    clock,
    budget: createRetryBudget(),
    notice,
    record: metrics.countCall,
    random: Math.random,
    after,
  }
  const client = createClient({ ...asking, wire, pace: createPace(attemptTimeoutMs) }, upstream)
  const transfers = createTransfers({
    idleMs: config.transferIdleMs,
    connect: proxy ? createProxyConnector(proxy) : { timeout: attemptTimeoutMs },
  })
  const contents = createContentSource({ ...asking, transfers, pace: createPace(attemptTimeoutMs) }, upstream)
  const isTrialName = (filename: string) => sandbox !== undefined && findNameMagic(filename) !== undefined
  const guard = createGuard({ ...client, content: contents }, clock, {
    isExempt: sandbox ? isTrial : () => false,
    exemptsCreations: sandbox !== undefined,
  })
  const timeoutMs = config.upstreamTimeoutMs
  const entryPrefix = toEntryPrefix(config, upstream)
  const tombstones = createTombstones(clock, redis && { redis, prefix, entryPrefix, doubtMs: timeoutMs })
  const share = redis && shareOn(redis, config, upstream, { entryPrefix, prefix })
  const cache = createCache(
    guard.retrieve,
    { clock, count: metrics.countLookup, share, tombstones },
    { ...config.cache, timeoutMs },
  )
  const { monotonicMs } = clock
  const listing = createListing(
    guard.list,
    { monotonicMs, tombstones },
    { keepMs: config.keepListMs, timeoutMs },
  )
  const recall = (id: FileId) => cache.recall(id) ?? listing.recall(id)
  const uploaded = createUploaded({ monotonicMs, tombstones }, { keepMs: config.cache.ttlMs })
  const files: Files = {
    ...cache,
    unlinked: (id) => (cache.recall(id) ? undefined : uploaded.get(id)),
    list: listing.list,
    delete: createDeletion(
      guard.delete,
      { monotonicMs, tombstones, recall, find: cache.find },
      { timeoutMs },
    ),
  }
  const tasks = createTasks(
    guard.query,
    {
      awaitFile: tracing.files(files).await,
      clock,
      after,
      turns: redis && shareTurns(redis, config, prefix),
      queue: redis && createQueue(redis, prefix),
    },
    { pollMs: config.taskPollMs, timeoutMs },
  )
  const creations = createCreations(
    guard.create,
    {
      monotonicMs,
      prices: createPrices(config.prices),
      keys: createKeys(monotonicMs, redis && shareKeys(redis, config, prefix)),
      tasks,
      findFile: cache.find,
    },
    { timeoutMs },
  )
  const links = createTransfers({ idleMs: config.transferIdleMs, connect: createLinkFence(config, upstream) })
  const content = createContent({
    files: tracing.files(files),
    links: createLinkSource({ transfers: links, notice }),
    upstream: createOpening(guard.content, clock, { timeoutMs }),
    nowMs: clock.nowMs,
  })
  const once = createOnce(clock.nowMs, redis && { redis, prefix: `${prefix}:once` })
  const send = createUploadSource(
    {
      ...asking,
      transfers,
      pace: createPace(attemptTimeoutMs),
      toBoundary: () => `file-${randomUUID()}`,
    },
    upstream,
  )
  const uploads = createUploads({
    source: (upload, ...rest) => guard.upload(isTrialName(upload.filename), () => send(upload, ...rest)),
    list: (...request) => {
      listing.forget()
      return listing.list(...request)
    },
    learn: (file) => {
      uploaded.add(file)
      listing.add(file)
    },
    claim: once.take,
    nowMs: clock.nowMs,
  })
  const signing = createTickets(toTicketKey(config, upstream))
  const ticketOptions = { nowMs: clock.nowMs, lifeMs: config.tickets.lifeMs }
  const tickets = createContentTickets(signing, ticketOptions)
  const uploadTickets = createUploadTickets(signing, {
    ...ticketOptions,
    account: prefix,
    toKey: randomUUID,
  })
  let publicUrl = config.publicUrl
  const audit = ({
    microUsd,
    name: caller,
    ...change
  }: UploadRecord | Parameters<ContextOptions['audit']>[0]) =>
    log.info({ ...change, caller, usd: microUsd / 1e6 }, 'a change upstream')
  const untraced = await createGraphQL(tracing.files(files), {
    tasks,
    creations,
    maxLookups: config.maxLookups,
    simulated: sandbox !== undefined,
    introspection: config.introspection,
    contentLinks: {
      toUrl: (id) => (publicUrl ? toOwnUrl(publicUrl, 'content', tickets.issue(id)) : null),
      reuseMs: config.tickets.lifeMs / 2,
    },
    uploading: {
      maxBytes: config.uploadMaxBytes,
      toTicket: (announced) => {
        if (publicUrl === undefined) return null
        const { ticket, untilMs } = uploadTickets.issue(announced)
        return { url: toOwnUrl(publicUrl, 'uploads', ticket), untilMs }
      },
    },
    logger: log,
    parseJson: parseQuickly,
    nowMs: clock.nowMs,
    audit,
  })
  const graphql = tracing.graphql(untraced)
  const keysProxy = config.access?.jwt && findProxy(config, config.access.jwt.jwksUrl)
  const access =
    config.access &&
    (await createAccess(config.access, {
      fetch: keysProxy ? createProxyFetch(keysProxy) : fetch,
      monotonicMs: clock.monotonicMs,
      notice,
    }))
  /** What there is that the server can do without, and whether it has to. */
  const degradations = () => ({
    upstream: !guard.isWell(),
    ...(redis && { redis: !redis.isWell() }),
    ...(spend && { budget: spend.isUsedUp() }),
    ...(access && { jwks: !access.isWell() }),
  })
  const server = await createServer({
    graphql,
    content,
    tickets,
    uploading: { uploads, uploadTickets, useTicket: once.take, audit },
    parseJson: parseExactJson,
    metrics,
    logger: log,
    degradations: () =>
      Object.entries(degradations())
        .filter(([, isDegraded]) => isDegraded)
        .map(([part]) => part),
    access,
    isLocal: config.access === undefined && !config.open,
    writes: config.writes,
    corsOrigins: config.corsOrigins,
    publicUrl: config.publicUrl,
    limits: {
      ...LIMITS,
      keepAliveTimeoutMs: config.keepAliveMs,
      drainLeadMs: config.drainLeadMs,
      uploadBytes: config.uploadMaxBytes,
      transfers: config.transfers,
      transferIdleMs: config.transferIdleMs,
    },
    playground: config.playground ? toPlaygroundFacts(config, sandbox?.files ?? []) : undefined,
  })

  metrics.watch({ ...server.traffic, degradations, budget: () => spend?.today() })

  const close = async (graceMs: number) => {
    const endMs = clock.monotonicMs() + graceMs
    await server.close(graceMs)
    await graphql.stop()
    await Promise.all([links.close(), transfers.close()])
    // What was sent may be paid for: its answer is worth waiting for, though nobody is there to take it.
    await wire.close(Math.max(0, endMs - clock.monotonicMs()))
    await spend?.close()
    await redis?.close()
    await sandbox?.close()
  }
  await redis?.tried // so that the first requests do not find it missing only because they came first
  const port = await server.listen(config.host, config.port).catch(async (error: unknown) => {
    await close(0)
    throw error
  })
  const url = toUrl(config.host, port)
  if (isLoopback(config.host)) publicUrl ??= new URL(new URL(url).origin)
  if (config.production) log.info(toFacts(url, config, proxy), 'serving')
  return {
    url,
    banner: config.production ? [] : toBanner(url, config, sandbox?.files ?? [], proxy),
    report: (fault) =>
      log.fatal({ err: fault }, 'uncaught fault: finishing requests in flight, then exiting with 1'),
    stop: (graceMs) => {
      log.info({ graceMs }, 'stopping: finishing requests in flight')
      return close(graceMs)
    },
  }
}

/** What links may lead to. Those of the embedded sandbox lead here, and never through a proxy. */
function createLinkFence(config: Config, { baseUrl }: Account) {
  return createFence({
    allowLoopback: allowsHttp(baseUrl),
    connectTimeoutMs: Math.ceil(config.upstreamTimeoutMs / 2),
    ...(config.upstream.kind !== 'sandbox' && { findProxy: (link: URL) => findProxy(config, link) }),
  })
}

/** The proxy on the way to an address, if there is one. */
function findProxy({ proxies }: Config, target: URL): URL | undefined {
  const { https, http, except } = proxies
  return chooseProxy(target, { https: https?.reveal(), http: http?.reveal(), except })
}

/** Nothing of an account: neither its key nor where it is asked. */
function toPlaygroundFacts(config: Config, files: PlaygroundFacts['files']): PlaygroundFacts {
  return {
    upstream: config.upstream.kind,
    pricePerCallUsd: config.priceMicroUsd / 1e6,
    needsToken: config.access !== undefined,
    introspection: config.introspection,
    writes: config.writes,
    files,
  }
}

/** The sandbox's ids that fail on request: they can be tried at will, and one that is tried spoils nothing. */
function isTrial(id: string): boolean {
  return id.length <= 5
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

/** What tickets are signed with. Processes with the same key take those of each other. */
function toTicketKey({ tickets, upstream: { kind } }: Config, { key }: Account): Uint8Array {
  if (tickets.secret === undefined && kind === 'sandbox') return randomBytes(32)
  const secret = tickets.secret?.reveal() ?? key
  return new Uint8Array(hkdfSync('sha256', secret, '', 'minimax-files-graphql tickets', 32))
}

/** Whatever makes another account of it, whose files and whose spending are no concern of this one's. */
function toParts({ baseUrl, dialect, key }: Account): readonly unknown[] {
  return [baseUrl.href, dialect, key]
}

/** The day's budget, where there is a limit. */
function createBudget(
  { spendLimitMicroUsd, priceMicroUsd }: Config,
  prefix: string,
  redis: Redis | undefined,
): Spend | undefined {
  if (spendLimitMicroUsd === undefined) return undefined
  const ledger = redis && createLedger(redis, { prefix, owner: randomUUID() })
  return createSpend({ nowMs: clock.nowMs, ledger }, { limitMicroUsd: spendLimitMicroUsd, priceMicroUsd })
}

/** What the keys of shared answers begin with. Processes whose answers live for another time have others. */
function toEntryPrefix(
  { cache: { ttlMs, notFoundMs, linkMinValidityMs } }: Config,
  account: Account,
): string {
  return toPrefix(...toParts(account), ttlMs, notFoundMs, linkMinValidityMs)
}

/** The tier that processes share. */
function shareOn(
  redis: Redis,
  { upstreamTimeoutMs }: Config,
  account: Account,
  prefixes: { readonly prefix: string; readonly entryPrefix: string },
): (source: OutcomeSource) => OutcomeSource {
  const tombstonesKey = toTombstonesKey(prefixes.prefix)
  const allowHttp = allowsHttp(account.baseUrl)
  const isLink = (link: string) => parseLink(link, { allowHttp }) !== null
  // Whoever waited for a process that died must have time left to ask by itself.
  const leaseMs = Math.floor(Math.min(MAX_LEASE_MS, upstreamTimeoutMs / 2))
  const options = { prefix: prefixes.entryPrefix, leaseMs, tombstonesKey }
  return (source) => createShared(source, { redis, clock, owner: randomUUID(), isLink }, options)
}

/** Whose turn it is to ask about tasks. Processes that poll at other intervals agree all the same. */
function shareTurns(redis: Redis, { taskPollMs }: Config, prefix: string): Turns {
  // However long a poll may take, whoever waits for a process that died goes on within an interval.
  const leaseMs = Math.min(MAX_LEASE_MS, taskPollMs)
  return createTurns(redis, after, { prefix, owner: randomUUID(), leaseMs })
}

/** What was created under which key. */
function shareKeys(redis: Redis, { upstreamTimeoutMs }: Config, prefix: string): SharedKeys {
  // The file that is to be spoken may have to be looked up before.
  const patienceMs = 2 * upstreamTimeoutMs + 1000
  return createSharedKeys(
    { redis, monotonicMs: clock.monotonicMs, delay, owner: randomUUID() },
    { prefix, patienceMs },
  )
}

function toOwnUrl({ href }: URL, use: 'content' | 'uploads', ticket: string): string {
  return `${href.replace(/\/$/, '')}/${use}/${ticket}`
}

function toUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/graphql`
}
