// The configuration: a record of strings in, a frozen typed Config out, or every fault of it at once.
import { type Access, checkAccess, toAccess } from './access.js'
import { isLoopback, type LOG_LEVELS } from './kinds.js'
import { checkPrices } from './prices.js'
import { type Environment, readValues } from './read.js'
import type { Secret } from './secret.js'
import type { Values } from './settings.js'
import { chooseUpstream, toUpstream, toUpstreamDefaults, type Upstream } from './upstream.js'

export type { Environment } from './read.js'
export type { Upstream } from './upstream.js'

export type Config = {
  readonly host: string
  readonly port: number
  /** The URL at which clients reach the server, if it is not the one it listens on. */
  readonly publicUrl?: URL | undefined
  readonly tickets: {
    readonly lifeMs: number
    /** If absent, it is derived from the key, or random for the sandbox. */
    readonly secret?: Secret | undefined
  }
  /** How long an idle connection of a client stays open. */
  readonly keepAliveMs: number
  /** How long new connections are still accepted after the signal to stop. */
  readonly drainLeadMs: number
  /** Of one uploaded file. */
  readonly uploadMaxBytes: number
  /** Uploads and downloads at the same time. */
  readonly transfers: number
  /** How long an upload or a download may transfer less than 1 KiB per second. */
  readonly transferIdleMs: number
  readonly upstream: Upstream
  readonly upstreamTimeoutMs: number
  /** For the upstream and the JWT issuer's keys. */
  readonly proxies: {
    readonly https?: Secret | undefined
    readonly http?: Secret | undefined
    /** Hosts to reach without a proxy. */
    readonly except: readonly string[]
  }
  /** What one request sent upstream costs, in millionths of a US dollar. */
  readonly priceMicroUsd: number
  /** Prices of tasks that replace or add to those of the built-in table, in millionths of a US dollar. */
  readonly prices: NonNullable<Values['PRICES']>
  /** The limit of one UTC day. If absent, there is no limit. */
  readonly spendLimitMicroUsd?: number | undefined
  readonly maxLookups: number
  /** How long one listing is reused. */
  readonly keepListMs: number
  /** Between two reports of a task, at first. */
  readonly taskPollMs: number
  readonly cache: {
    readonly ttlMs: number
    readonly notFoundMs: number
    readonly maxEntries: number
    /** How long a link must still be valid when its answer is reused. */
    readonly linkMinValidityMs: number
  }
  /** The store that processes share. The URL may contain a password. */
  readonly redisUrl?: Secret | undefined
  /** If absent, the server is open. */
  readonly access?: Access | undefined
  /** Whether `ACCESS=open` was set. */
  readonly open: boolean
  /** Whether writing is allowed at all. */
  readonly writes: boolean
  /** Origins whose pages may call the server from a browser; `*` for all. */
  readonly corsOrigins: readonly string[]
  readonly introspection: boolean
  /** Whether `GET /` serves the playground. */
  readonly playground: boolean
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Nobody watches a terminal: whatever is said is a line of the log. */
  readonly production: boolean
}

/** All faults of a configuration, one line each. No line contains a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** All settings in force: those that were set, and defaults for the rest. */
export type InForce = Values & {
  readonly production: boolean
  readonly UPSTREAM: Upstream['kind']
  readonly PRICE_PER_CALL_USD: number
  readonly WRITES: 'on' | 'off'
  readonly INTROSPECTION: 'on' | 'off'
  readonly PLAYGROUND: 'on' | 'off'
}

/** Reads the environment; throws a `ConfigError` with all of its faults. */
export function readSettings(env: Environment): InForce {
  const faults: string[] = []
  const values = readValues(env, faults)
  const production = env.NODE_ENV === 'production'
  const kind = chooseUpstream(values, production, faults)
  checkAccess(values, faults)
  checkPrices(values, faults)
  if (faults.length > 0) throw new ConfigError(faults)
  const defaults = toUpstreamDefaults(kind)
  const visible = production ? 'off' : 'on'
  return {
    ...values,
    production,
    UPSTREAM: kind,
    UPSTREAM_URL: values.UPSTREAM_URL ?? defaults.UPSTREAM_URL,
    PRICE_PER_CALL_USD: values.PRICE_PER_CALL_USD ?? defaults.PRICE_PER_CALL_USD,
    // On a public address writing must be an explicit choice, except in the sandbox, where nothing can be lost.
    WRITES: values.WRITES ?? (kind === 'sandbox' || isLoopback(values.HOST) ? 'on' : 'off'),
    INTROSPECTION: values.INTROSPECTION ?? visible,
    PLAYGROUND: values.PLAYGROUND ?? visible,
  }
}

export function toConfig(values: InForce): Config {
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    tickets: { lifeMs: values.TICKET_SECONDS * 1000, secret: values.TICKET_SECRET },
    keepAliveMs: values.KEEP_ALIVE_SECONDS * 1000,
    drainLeadMs: values.DRAIN_LEAD_SECONDS * 1000,
    uploadMaxBytes: values.UPLOAD_MAX_BYTES,
    transfers: values.TRANSFERS,
    transferIdleMs: values.TRANSFER_IDLE_SECONDS * 1000,
    upstream: toUpstream(values.UPSTREAM, values),
    upstreamTimeoutMs: values.UPSTREAM_TIMEOUT_MS,
    proxies: { https: values.HTTPS_PROXY, http: values.HTTP_PROXY, except: values.NO_PROXY ?? [] },
    priceMicroUsd: values.PRICE_PER_CALL_USD,
    prices: values.PRICES ?? {},
    spendLimitMicroUsd: values.SPEND_LIMIT_USD_PER_DAY,
    maxLookups: values.MAX_LOOKUPS_PER_OPERATION,
    keepListMs: values.CACHE_LIST_SECONDS * 1000,
    taskPollMs: values.TASK_POLL_SECONDS * 1000,
    cache: {
      ttlMs: values.CACHE_TTL_SECONDS * 1000,
      notFoundMs: values.CACHE_NOT_FOUND_SECONDS * 1000,
      maxEntries: values.CACHE_MAX_ENTRIES,
      linkMinValidityMs: values.LINK_MIN_VALIDITY_SECONDS * 1000,
    },
    redisUrl: values.REDIS_URL,
    access: toAccess(values),
    open: values.ACCESS === 'open',
    writes: values.WRITES === 'on',
    corsOrigins: values.CORS_ORIGINS ?? [],
    introspection: values.INTROSPECTION === 'on',
    playground: values.PLAYGROUND === 'on',
    logLevel: values.LOG_LEVEL,
    production: values.production,
  })
}

export function readConfig(env: Environment): Config {
  return toConfig(readSettings(env))
}
