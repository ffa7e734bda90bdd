// The table of settings. An entry here defines how a setting is read, its `_FILE` form, and what `--check`, `--help` and
// docs/configuration.md say about it. To add a setting, add an entry and put its value into `Config` in config.ts.
// Rules that involve several settings are in upstream.ts and access.ts.
import {
  baseUrl,
  dollars,
  hosts,
  integer,
  type Kind,
  key,
  keysUrl,
  LOG_LEVELS,
  oneOf,
  origins,
  pattern,
  priceList,
  proxyUrl,
  redisUrl,
  type Setting,
  signingSecret,
  tokens,
} from './kinds.js'

export const settings = {
  HOST: {
    ...pattern('a host name or an IP address', /^[A-Za-z0-9.:-]{1,253}$/),
    fallback: '127.0.0.1',
    group: 'Server',
    purpose: 'the address to listen on',
  },
  PORT: {
    ...integer(0, 65_535),
    fallback: '4000',
    group: 'Server',
    purpose: 'the port to listen on; `0` takes a free one',
  },
  PUBLIC_URL: {
    ...baseUrl(),
    fallbackInWords: 'on loopback `http://HOST:PORT`',
    group: 'Server',
    purpose:
      'the URL at which clients reach this server, path prefix included; without it there is no `contentUrl` and no `createUpload`',
  },
  KEEP_ALIVE_SECONDS: {
    ...integer(1, 3600),
    fallback: '65',
    group: 'Server',
    purpose:
      'how long an idle client connection stays open; set it higher than the load balancer does (Google: 600)',
  },
  DRAIN_LEAD_SECONDS: {
    ...integer(0, 300),
    fallback: '1',
    group: 'Server',
    purpose: 'how long new connections are still accepted after SIGTERM',
  },
  UPLOAD_MAX_BYTES: {
    ...integer(1, 1_099_511_627_776),
    fallback: '536870912',
    group: 'Server',
    purpose: 'the largest file that may be uploaded, whatever its purpose',
  },
  TRANSFERS: {
    ...integer(1, 10_000),
    fallback: '64',
    group: 'Server',
    purpose: 'the maximum number of uploads and downloads at the same time; more get HTTP 503',
  },
  TRANSFER_IDLE_SECONDS: {
    ...integer(1, 3600),
    fallback: '30',
    group: 'Server',
    purpose: 'an upload or a download that transfers less than 1 KiB per second for this long is closed',
  },
  COMETAPI_KEY: {
    ...key(),
    group: 'Upstream',
    only: 'cometapi',
    purpose: 'the key for CometAPI at `https://api.cometapi.com`',
  },
  COMETAPI_MODEL: {
    ...pattern('a model name', /^[\w.:/-]{1,128}$/),
    fallback: 'minimax-files-retrieve',
    group: 'Upstream',
    only: 'cometapi',
    purpose: 'the `model` sent to CometAPI, which it bills',
  },
  MINIMAX_API_KEY: {
    ...key(),
    group: 'Upstream',
    only: 'minimax',
    purpose: 'the key for MiniMax at `https://api.minimax.io`',
  },
  MINIMAX_GROUP_ID: {
    ...pattern('a group id of digits', /^\d{1,32}$/),
    group: 'Upstream',
    only: 'minimax',
    purpose: 'sent as `GroupId`; for legacy accounts only',
  },
  UPSTREAM: {
    ...oneOf('cometapi', 'minimax', 'sandbox'),
    fallbackInWords: 'from the keys',
    group: 'Upstream',
    purpose: 'which upstream to use; required if both keys are set',
  },
  UPSTREAM_URL: {
    ...baseUrl(),
    fallbackInWords: 'from `UPSTREAM`',
    group: 'Upstream',
    purpose: 'another base URL of CometAPI or MiniMax, path prefix included, without `/v1`',
  },
  UPSTREAM_TIMEOUT_MS: {
    ...integer(100, 600_000),
    fallback: '10000',
    group: 'Upstream',
    purpose:
      'the deadline of one look-up, including queueing and retries; one attempt, and one connection attempt, may take half of it',
  },
  HTTPS_PROXY: {
    ...proxyUrl(),
    lowerCase: true,
    group: 'Upstream',
    purpose: 'the proxy for `https` addresses: the upstream and `JWT_JWKS_URL`',
  },
  HTTP_PROXY: {
    ...proxyUrl(),
    lowerCase: true,
    group: 'Upstream',
    purpose: 'the proxy for `http` addresses',
  },
  NO_PROXY: {
    ...hosts(),
    lowerCase: true,
    group: 'Upstream',
    purpose: 'hosts to reach without a proxy; a name includes its subdomains',
  },
  PRICE_PER_CALL_USD: {
    ...dollars(),
    fallbackInWords: '`0.004`; `0.005` for MiniMax',
    group: 'Money',
    purpose: 'the price of one upstream request, retries included',
  },
  PRICES: {
    ...priceList(),
    group: 'Money',
    purpose:
      'prices of tasks that replace those of the built-in table: by model, resolution and seconds of a video; by model and million characters of speech',
  },
  SPEND_LIMIT_USD_PER_DAY: {
    ...dollars(),
    group: 'Money',
    purpose:
      'the most that upstream requests may cost per UTC day; beyond it look-ups answer `SPEND_LIMIT_EXCEEDED`, and cached answers are still served; without `REDIS_URL` each process counts by itself, from its start',
  },
  MAX_LOOKUPS_PER_OPERATION: {
    ...integer(1, 1000),
    fallback: '100',
    group: 'Money',
    purpose:
      'the maximum number of distinct files and tasks that one operation may ask for; `_entities` and `fileResults` accept ten times as many ids',
  },
  CACHE_TTL_SECONDS: {
    ...integer(0, 604_800),
    fallback: '900',
    group: 'Reuse',
    purpose:
      'how long an answer is reused at most; `0` turns reuse off, but look-ups at the same time still share one call',
  },
  CACHE_NOT_FOUND_SECONDS: {
    ...integer(0, 3600),
    fallback: '10',
    group: 'Reuse',
    purpose: 'how long "no such file" is reused',
  },
  CACHE_MAX_ENTRIES: {
    ...integer(1, 10_000_000),
    fallback: '100000',
    group: 'Reuse',
    purpose: 'the maximum number of answers in memory, about 2 KiB each',
  },
  CACHE_LIST_SECONDS: {
    ...integer(0, 3600),
    fallback: '5',
    group: 'Reuse',
    purpose: 'how long the list of files is reused',
  },
  TASK_POLL_SECONDS: {
    ...integer(1, 3600),
    fallback: '10',
    group: 'Reuse',
    purpose:
      'how often a task that somebody waits for is asked about, however many wait; up to twice as long while nothing changes',
  },
  LINK_MIN_VALIDITY_SECONDS: {
    ...integer(0, 86_400),
    fallback: '600',
    group: 'Reuse',
    purpose: 'how long a link must still be valid for its answer to be reused',
  },
  REDIS_URL: {
    ...redisUrl(),
    group: 'Reuse',
    purpose: 'a Redis or Valkey that several processes share; `rediss` uses TLS',
  },
  ACCESS: {
    ...oneOf('open'),
    group: 'Access',
    purpose: '`open` lets everyone use the server, also on an address that is not loopback',
  },
  ACCESS_TOKENS: {
    ...tokens(),
    group: 'Access',
    purpose: 'bearer tokens for reading and writing; several, so that you can rotate them',
  },
  READ_TOKENS: {
    ...tokens(),
    group: 'Access',
    purpose: 'bearer tokens for reading only',
  },
  JWT_JWKS_URL: {
    ...keysUrl(),
    group: 'Access',
    purpose: 'the URL of the key set that JWTs are verified with',
  },
  JWT_ISSUER: {
    ...pattern('printable ASCII without spaces', /^[\x21-\x7e]{1,512}$/),
    group: 'Access',
    purpose: 'the `iss` claim that a JWT must have',
  },
  JWT_AUDIENCE: {
    ...pattern('printable ASCII without spaces', /^[\x21-\x7e]{1,512}$/),
    group: 'Access',
    purpose: 'the `aud` claim that a JWT must have',
  },
  JWT_WRITE_SCOPE: {
    ...pattern('printable ASCII without spaces', /^[\x21-\x7e]{1,128}$/),
    fallback: 'files:write',
    group: 'Access',
    purpose: 'the value that the claim `scope`, `scp` or `permissions` of a JWT must contain for writing',
  },
  WRITES: {
    ...oneOf('on', 'off'),
    fallbackInWords: '`on` for a loopback `HOST` and for the sandbox, else `off`',
    group: 'Access',
    purpose: 'whether clients may write at all: upload and delete files, create tasks',
  },
  TICKET_SECONDS: {
    ...integer(1, 604_800),
    fallback: '3600',
    group: 'Access',
    purpose: 'how long a `contentUrl` or an upload ticket is valid',
  },
  TICKET_SECRET: {
    ...signingSecret(),
    fallbackInWords: 'derived from the key; random for the sandbox',
    group: 'Access',
    purpose:
      'the secret that signs `contentUrl`s and upload tickets; processes that share it accept the same ones',
  },
  CORS_ORIGINS: {
    ...origins(),
    group: 'Access',
    purpose: 'origins whose pages may call the server from a browser',
  },
  INTROSPECTION: {
    ...oneOf('on', 'off'),
    fallbackInWords: '`on`; `off` in production',
    group: 'What it shows',
    purpose: 'whether clients may introspect the schema; routers can always read it by `_service`',
  },
  PLAYGROUND: {
    ...oneOf('on', 'off'),
    fallbackInWords: '`on`; `off` in production',
    group: 'What it shows',
    purpose: 'whether `GET /` serves the playground',
  },
  LOG_LEVEL: {
    ...oneOf(...LOG_LEVELS),
    fallback: 'info',
    group: 'What it shows',
    purpose: 'the lowest level that is logged',
  },
} satisfies Record<string, Setting<unknown>>

type SettingName = keyof typeof settings

/** The same as a list. */
export const entries = Object.entries<Setting<unknown>>(settings)

type Parsed<S> = S extends Kind<infer T> ? (S extends { fallback: string } ? T : T | undefined) : never

/** What each setting holds: what was given, else its fallback. */
export type Values = { readonly [Name in SettingName]: Parsed<(typeof settings)[Name]> }
