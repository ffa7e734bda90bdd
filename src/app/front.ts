// Who asks and how they are answered: GraphQL, the routes for bytes, tickets and access.
import { randomUUID } from 'node:crypto'
import { clock } from '../clock.js'
import type { Config } from '../config/config.js'
import type { ContextOptions } from '../graphql/context.js'
import { createGraphQL, type GraphQL } from '../graphql/server.js'
import { type Access, createAccess } from '../http/access.js'
import type { UploadRecord } from '../http/bytes/send.js'
import { createContentTickets, createTickets, createUploadTickets } from '../http/bytes/ticket.js'
import { HTTP_LIMITS } from '../http/limits.js'
import type { PlaygroundFacts } from '../http/playground.js'
import { createServer, type Server } from '../http/server.js'
import type { Log, Notice } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Tracing } from '../spans.js'
import { toPriceTable } from '../tasks/prices.js'
import { parseExactJson } from '../wire/json.js'
import { createProxyFetch } from '../wire/proxy.js'
import { parseQuickly } from '../wire/quick.js'
import { type Account, toTicketKey } from './account.js'
import type { Knowledge } from './files.js'
import type { Sharing } from './sharing.js'
import { findProxy, type Upstream } from './upstream.js'

export type FrontDependencies = {
  readonly account: Account
  readonly upstream: Upstream
  readonly sharing: Sharing
  readonly knowledge: Knowledge
  readonly metrics: Metrics
  readonly tracing: Tracing
  readonly log: Log
  readonly notice: Notice
  /** Of the sandbox, for the playground. */
  readonly samples: PlaygroundFacts['files']
}

export type Front = {
  readonly server: Server
  readonly graphql: GraphQL
  /** Where clients reach the server, once it is known. Until then no tickets are handed out. */
  publish(url: URL): void
}

export async function createFront(config: Config, dependencies: FrontDependencies): Promise<Front> {
  const { knowledge, metrics, log, samples, sharing } = dependencies
  const signed = createSigned(config, dependencies)
  const audit = createAudit(log, metrics)
  const graphql = await createTracedGraphQL(config, dependencies, { ...signed, audit })
  const access = await createConfiguredAccess(config, dependencies.notice)
  const degradations = createDegradations(dependencies, access)
  const server = await createServer({
    graphql,
    content: knowledge.content,
    tickets: signed.tickets,
    uploading: {
      uploads: knowledge.uploads,
      uploadTickets: signed.uploadTickets,
      useTicket: sharing.once.take,
      audit,
    },
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
    limits: toLimits(config),
    playground: config.playground ? toPlaygroundFacts(config, samples) : undefined,
  })
  metrics.watch({
    ...server.traffic,
    followedTasks: knowledge.tasks.followed,
    degradations,
    budget: () => sharing.spend?.today(),
  })
  return { server, graphql, publish: signed.publish }
}

/** Tickets, and the URLs that hold them. */
function createSigned(config: Config, { account, sharing }: Pick<FrontDependencies, 'account' | 'sharing'>) {
  const signing = createTickets(toTicketKey(config, account))
  const options = { nowMs: clock.nowMs, lifeMs: config.tickets.lifeMs }
  const tickets = createContentTickets(signing, options)
  const uploadTickets = createUploadTickets(signing, {
    ...options,
    account: sharing.prefixes.account,
    toKey: randomUUID,
  })
  let publicUrl = config.publicUrl
  const links: Pick<ContextOptions, 'contentLinks' | 'uploading'> = {
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
  }
  const publish = (url: URL) => {
    publicUrl ??= url
  }
  return { tickets, uploadTickets, links, publish }
}

type Change = UploadRecord | Parameters<ContextOptions['audit']>[0]

function createAudit(log: Log, { countChange }: Metrics) {
  return ({ microUsd, name: caller, ...change }: Change) => {
    countChange(change)
    log.info({ ...change, caller, usd: microUsd / 1e6 }, 'a change upstream')
  }
}

async function createTracedGraphQL(
  config: Config,
  { knowledge: { files, tasks, creations }, tracing, log }: FrontDependencies,
  {
    links,
    audit,
  }: Pick<ReturnType<typeof createSigned>, 'links'> & { readonly audit: (change: Change) => void },
): Promise<GraphQL> {
  const graphql = await createGraphQL(files, {
    tasks,
    creations,
    maxLookups: config.maxLookups,
    simulated: config.upstream.kind === 'sandbox',
    introspection: config.introspection,
    ...links,
    logger: log,
    parseJson: parseQuickly,
    nowMs: clock.nowMs,
    audit,
  })
  return tracing.graphql(graphql)
}

async function createConfiguredAccess(config: Config, notice: Notice): Promise<Access | undefined> {
  if (config.access === undefined) return undefined
  const keysProxy = config.access.jwt && findProxy(config, config.access.jwt.jwksUrl)
  return createAccess(config.access, {
    fetch: keysProxy ? createProxyFetch(keysProxy) : fetch,
    monotonicMs: clock.monotonicMs,
    notice,
  })
}

/** Each part that the server can do without, and whether it has to. */
function createDegradations(
  { upstream: { guard }, sharing: { redis, spend } }: Pick<FrontDependencies, 'upstream' | 'sharing'>,
  access: Access | undefined,
) {
  return () => ({
    upstream: !guard.isWell(),
    ...(redis && { redis: !redis.isWell() }),
    ...(spend && { budget: spend.isUsedUp() }),
    ...(access && { jwks: !access.isWell() }),
  })
}

function toLimits({ keepAliveMs, drainLeadMs, uploadMaxBytes, transfers, transferIdleMs }: Config) {
  return {
    ...HTTP_LIMITS,
    keepAliveTimeoutMs: keepAliveMs,
    drainLeadMs,
    uploadBytes: uploadMaxBytes,
    transfers,
    transferIdleMs,
  }
}

/** Nothing of an account: neither its key nor where it is asked. */
function toPlaygroundFacts(config: Config, files: PlaygroundFacts['files']): PlaygroundFacts {
  return {
    upstream: config.upstream.kind,
    pricePerCallUsd: config.priceMicroUsd / 1e6,
    taskPricesUsd: toPriceTable(config.prices),
    needsToken: config.access !== undefined,
    introspection: config.introspection,
    writes: config.writes,
    files,
  }
}

function toOwnUrl({ href }: URL, use: 'content' | 'uploads', ticket: string): string {
  return `${href.replace(/\/$/, '')}/${use}/${ticket}`
}
