// The configuration: a record of strings in, a frozen typed Config out, or every fault of it at once.
import { type Access, checkAccess, toAccess, toAccessLines } from './access.js'
import { Secret } from './secret.js'
import { isLoopback, type LOG_LEVELS, type Variable, variables } from './settings.js'

export type Upstream =
  | { readonly kind: 'sandbox' }
  | { readonly kind: 'cometapi'; readonly baseUrl: URL; readonly key: Secret; readonly model: string }
  | {
      readonly kind: 'minimax'
      readonly baseUrl: URL
      readonly key: Secret
      readonly groupId?: string | undefined
    }

export type Config = {
  readonly host: string
  readonly port: number
  readonly upstream: Upstream
  readonly upstreamTimeoutMs: number
  /** What one request sent upstream costs, in millionths of a US dollar. */
  readonly priceMicroUsd: number
  /** What may be spent between two midnights UTC. Without it, any sum. */
  readonly spendLimitMicroUsd?: number | undefined
  readonly maxLookups: number
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

export type Environment = Readonly<Record<string, string | undefined>>

type Parsed<V> = V extends Variable<infer T> ? (V extends { fallback: string } ? T : T | undefined) : never
type Values = { readonly [Name in keyof typeof variables]: Parsed<(typeof variables)[Name]> }

/** List prices of one call: CometAPI's page, and what it names as MiniMax's own. */
const PRICES_MICRO_USD = { sandbox: 4000, cometapi: 4000, minimax: 5000 }
const BASE_URLS = { cometapi: 'https://api.cometapi.com', minimax: 'https://api.minimax.io' }
/** Placeholder of a choice that could not be made; its fault has been noted, so it is never returned. */
const UNDECIDED = { kind: 'sandbox' } as const

/** Reads the environment; throws a `ConfigError` with all of its faults. */
export function readConfig(env: Environment): Config {
  const faults: string[] = []
  const values = readValues(env, faults)
  const production = env.NODE_ENV === 'production'
  const upstream = readUpstream(values, production, faults)
  checkAccess(values, faults)
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    upstream,
    upstreamTimeoutMs: values.UPSTREAM_TIMEOUT_MS,
    priceMicroUsd: values.PRICE_PER_CALL_USD ?? PRICES_MICRO_USD[upstream.kind],
    spendLimitMicroUsd: values.SPEND_LIMIT_USD_PER_DAY,
    maxLookups: values.MAX_LOOKUPS_PER_OPERATION,
    cache: {
      ttlMs: values.CACHE_TTL_SECONDS * 1000,
      notFoundMs: values.CACHE_NOT_FOUND_SECONDS * 1000,
      maxEntries: values.CACHE_MAX_ENTRIES,
      linkMinValidityMs: values.LINK_MIN_VALIDITY_SECONDS * 1000,
    },
    redisUrl: values.REDIS_URL === undefined ? undefined : new Secret(values.REDIS_URL),
    access: toAccess(values),
    open: values.ACCESS === 'open',
    corsOrigins: values.CORS_ORIGINS ?? [],
    introspection: values.INTROSPECTION === undefined ? !production : values.INTROSPECTION === 'on',
    playground: values.PLAYGROUND === undefined ? !production : values.PLAYGROUND === 'on',
    logLevel: values.LOG_LEVEL,
  })
}

/** The configuration in force as `VARIABLE=value` lines, secrets masked. */
export function toLines(config: Config): string[] {
  const { upstream, cache } = config
  return [
    `HOST=${config.host}`,
    `PORT=${config.port}`,
    `UPSTREAM=${upstream.kind}`,
    ...(upstream.kind === 'sandbox' ? [] : [`UPSTREAM_URL=${upstream.baseUrl.href}`]),
    ...(upstream.kind === 'cometapi'
      ? [`COMETAPI_KEY=${upstream.key}`, `COMETAPI_MODEL=${upstream.model}`]
      : []),
    ...(upstream.kind === 'minimax' ? [`MINIMAX_API_KEY=${upstream.key}`] : []),
    ...(upstream.kind === 'minimax' && upstream.groupId ? [`MINIMAX_GROUP_ID=${upstream.groupId}`] : []),
    `UPSTREAM_TIMEOUT_MS=${config.upstreamTimeoutMs}`,
    `PRICE_PER_CALL_USD=${config.priceMicroUsd / 1e6}`,
    ...(config.spendLimitMicroUsd === undefined
      ? []
      : [`SPEND_LIMIT_USD_PER_DAY=${config.spendLimitMicroUsd / 1e6}`]),
    `MAX_LOOKUPS_PER_OPERATION=${config.maxLookups}`,
    `CACHE_TTL_SECONDS=${cache.ttlMs / 1000}`,
    `CACHE_NOT_FOUND_SECONDS=${cache.notFoundMs / 1000}`,
    `CACHE_MAX_ENTRIES=${cache.maxEntries}`,
    `LINK_MIN_VALIDITY_SECONDS=${cache.linkMinValidityMs / 1000}`,
    ...(config.redisUrl ? [`REDIS_URL=${withoutCredentials(config.redisUrl)}`] : []),
    ...(config.open ? ['ACCESS=open'] : []),
    ...toAccessLines(config.access),
    ...(config.corsOrigins.length > 0 ? [`CORS_ORIGINS=${config.corsOrigins}`] : []),
    `INTROSPECTION=${config.introspection ? 'on' : 'off'}`,
    `PLAYGROUND=${config.playground ? 'on' : 'off'}`,
    `LOG_LEVEL=${config.logLevel}`,
  ]
}

function withoutCredentials(secret: Secret): string {
  return secret.reveal().replace(/\/\/.*@/, `//${secret}@`)
}

function readValues(env: Environment, faults: string[]): Values {
  const entries = Object.entries<Variable<unknown>>(variables).map(([name, variable]) => [
    name,
    readValue(name, variable, env[name], faults),
  ])
  return Object.fromEntries(entries) as Values
}

/** An empty variable counts as unset, as compose files write it, except for a secret: that one has gone missing. */
function readValue(
  name: string,
  variable: Variable<unknown>,
  text: string | undefined,
  faults: string[],
): unknown {
  const { parse, fallback, takes, secret, hidden } = variable
  const given = text === '' && !secret ? undefined : text
  if (given === undefined) return fallback === undefined ? undefined : parse(fallback)
  const value = parse(given)
  if (value === undefined) faults.push(`${name} is ${show(given, secret ?? hidden)}, but takes ${takes}.`)
  // Never used; it only keeps one fault from looking like two: a faulty key still counts as set.
  return value ?? (fallback === undefined ? given : parse(fallback))
}

/** A faulty value, short, on one line; none of a secret, nor of a URL that may hold a password. */
function show(text: string, hidden: true | undefined): string {
  if (text === '') return 'empty'
  if (hidden || /[@?]/.test(text)) return 'not usable (its value is not shown)'
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function readUpstream(values: Values, production: boolean, faults: string[]): Upstream {
  const kind = chooseUpstream(values, faults)
  switch (kind) {
    case undefined:
      return UNDECIDED
    case 'sandbox':
      return readSandbox(values, production, faults)
    case 'cometapi': {
      const account = readAccount(kind, 'COMETAPI_KEY', values, faults)
      return account ? { kind, ...account, model: values.COMETAPI_MODEL } : UNDECIDED
    }
    case 'minimax': {
      const account = readAccount(kind, 'MINIMAX_API_KEY', values, faults)
      return account ? { kind, ...account, groupId: values.MINIMAX_GROUP_ID } : UNDECIDED
    }
    default:
      return kind satisfies never
  }
}

function chooseUpstream(values: Values, faults: string[]): Upstream['kind'] | undefined {
  const { UPSTREAM, COMETAPI_KEY, MINIMAX_API_KEY } = values
  if (UPSTREAM) return UPSTREAM
  if (COMETAPI_KEY && MINIMAX_API_KEY) {
    faults.push('UPSTREAM is not set, but must choose, since COMETAPI_KEY and MINIMAX_API_KEY both are.')
    return undefined
  }
  return COMETAPI_KEY ? 'cometapi' : MINIMAX_API_KEY ? 'minimax' : 'sandbox'
}

function readAccount(
  kind: 'cometapi' | 'minimax',
  keyName: 'COMETAPI_KEY' | 'MINIMAX_API_KEY',
  values: Values,
  faults: string[],
) {
  const key = values[keyName]
  if (key === undefined) {
    faults.push(`${keyName} is not set, but UPSTREAM=${kind} needs it.`)
    return undefined
  }
  return { key: new Secret(key), baseUrl: values.UPSTREAM_URL ?? new URL(BASE_URLS[kind]) }
}

/** Made-up files must not be served where somebody may take them for real ones: there the sandbox is asked for. */
function readSandbox(values: Values, production: boolean, faults: string[]): Upstream {
  if (values.UPSTREAM_URL) faults.push('UPSTREAM_URL is set, but the sandbox has none: set a key as well.')
  if (!values.UPSTREAM && (production || !isLoopback(values.HOST))) {
    const where = production ? 'NODE_ENV=production' : `HOST=${values.HOST}`
    faults.push(`UPSTREAM is not set, nor a key: with ${where}, set a key, or say UPSTREAM=sandbox.`)
  }
  return { kind: 'sandbox' }
}
