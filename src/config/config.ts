// The configuration: a record of strings in, a frozen typed Config out, or every fault of it at once.
import { type Access, checkAccess, toAccess } from './access.js'
import { isLoopback, type LOG_LEVELS } from './kinds.js'
import { type Environment, readValues } from './read.js'
import type { Secret } from './secret.js'
import type { Values } from './settings.js'
import { chooseUpstream, toUpstream, toUpstreamDefaults, type Upstream } from './upstream.js'

export type { Environment } from './read.js'
export type { Upstream } from './upstream.js'

export type Config = {
  readonly host: string
  readonly port: number
  /** Where clients reach it, if that is not where it listens. */
  readonly publicUrl?: URL | undefined
  readonly tickets: {
    readonly lifeMs: number
    /** Without it, one is made. */
    readonly secret?: Secret | undefined
  }
  /** How long an idle connection of a client stays open. */
  readonly keepAliveMs: number
  /** How long new connections are still taken after the signal to stop. */
  readonly drainLeadMs: number
  /** Of one uploaded file. */
  readonly uploadMaxBytes: number
  /** Uploads and downloads at the same time. */
  readonly transfers: number
  /** For how long one may move next to nothing. */
  readonly transferIdleMs: number
  readonly upstream: Upstream
  readonly upstreamTimeoutMs: number
  /** On the way to the upstream and to the issuer's keys. */
  readonly proxies: {
    readonly https?: Secret | undefined
    readonly http?: Secret | undefined
    /** Hosts that are reached without. */
    readonly except: readonly string[]
  }
  /** What one request sent upstream costs, in millionths of a US dollar. */
  readonly priceMicroUsd: number
  /** What may be spent between two midnights UTC. Without it, any sum. */
  readonly spendLimitMicroUsd?: number | undefined
  readonly maxLookups: number
  /** How long one listing is reused. */
  readonly keepListMs: number
  readonly cache: {
    readonly ttlMs: number
    readonly notFoundMs: number
    readonly maxEntries: number
    /** What a link must have left when it is given again. */
    readonly linkMinValidityMs: number
  }
  /** The store that processes share. It may hold a password. */
  readonly redisUrl?: Secret | undefined
  /** Without it, anybody may ask. */
  readonly access?: Access | undefined
  /** Anybody may ask, said in so many words. */
  readonly open: boolean
  /** Whether those who may write can do so at all. */
  readonly writes: boolean
  /** Whose pages may ask from a browser; `*` stands for everybody's. */
  readonly corsOrigins: readonly string[]
  readonly introspection: boolean
  /** Whether a page to explore with is served. */
  readonly playground: boolean
  readonly logLevel: (typeof LOG_LEVELS)[number]
}

/** Every fault of a configuration, one line each. No line holds a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** What is in force: what was set, and for the rest what follows from it. */
export type InForce = Values & {
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
  if (faults.length > 0) throw new ConfigError(faults)
  const defaults = toUpstreamDefaults(kind)
  const visible = production ? 'off' : 'on'
  return {
    ...values,
    UPSTREAM: kind,
    UPSTREAM_URL: values.UPSTREAM_URL ?? defaults.UPSTREAM_URL,
    PRICE_PER_CALL_USD: values.PRICE_PER_CALL_USD ?? defaults.PRICE_PER_CALL_USD,
    // On a public address somebody may write only where that was thought of; in the sandbox there is nothing to lose.
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
    spendLimitMicroUsd: values.SPEND_LIMIT_USD_PER_DAY,
    maxLookups: values.MAX_LOOKUPS_PER_OPERATION,
    keepListMs: values.CACHE_LIST_SECONDS * 1000,
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
  })
}

export function readConfig(env: Environment): Config {
  return toConfig(readSettings(env))
}
