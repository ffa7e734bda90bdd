// The table of settings. Everything that is said of one is made from its entry: how it is read, `--check`, `--help`,
// its `_FILE` form and the table in docs/configuration.md. To add one, write an entry here and give it its place in config.ts.
// What depends on other settings stands in upstream.ts and access.ts.
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
  proxyUrl,
  redisUrl,
  signingSecret,
  tokens,
} from './kinds.js'

type Group = 'Server' | 'Upstream' | 'Money' | 'Reuse' | 'Access' | 'What it shows'

export type Setting<T> = Kind<T> & {
  readonly group: Group
  /** What it is for, in one plain sentence; names in backticks. */
  readonly purpose: string
  /** What an unset one counts as. */
  readonly fallback?: string
  /** The same in words, where that depends on other settings. */
  readonly fallbackInWords?: string
  /** Of no use with another upstream. */
  readonly only?: 'cometapi' | 'minimax'
  /** Whether other programs spell it in lower case, which then goes first. */
  readonly lowerCase?: true
}

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
    purpose: 'the port to listen on; `0` takes any that is free',
  },
  PUBLIC_URL: {
    ...baseUrl(),
    fallbackInWords: 'on loopback `http://HOST:PORT`',
    group: 'Server',
    purpose:
      'where clients reach this server, path prefix included; without it there is no `contentUrl` and no `createUpload`',
  },
  KEEP_ALIVE_SECONDS: {
    ...integer(1, 3600),
    fallback: '65',
    group: 'Server',
    purpose:
      'how long an idle client connection stays open; longer than a load balancer keeps it (Google: 600)',
  },
  DRAIN_LEAD_SECONDS: {
    ...integer(0, 300),
    fallback: '1',
    group: 'Server',
    purpose: 'how long after SIGTERM new connections are still taken',
  },
  UPLOAD_MAX_BYTES: {
    ...integer(1, 1_099_511_627_776),
    fallback: '536870912',
    group: 'Server',
    purpose: 'the largest file that is taken, whatever its purpose',
  },
  TRANSFERS: {
    ...integer(1, 10_000),
    fallback: '64',
    group: 'Server',
    purpose: 'how many uploads and downloads may run at the same time; more get HTTP 503',
  },
  TRANSFER_IDLE_SECONDS: {
    ...integer(1, 3600),
    fallback: '30',
    group: 'Server',
    purpose: 'an upload or a download that moves less than 1 KiB a second over so long is closed',
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
    purpose: 'the `model` that CometAPI bills',
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
    purpose: 'where files are looked up; must be set if both keys are',
  },
  UPSTREAM_URL: {
    ...baseUrl(),
    fallbackInWords: 'from `UPSTREAM`',
    group: 'Upstream',
    purpose: 'another base URL for CometAPI or MiniMax, path prefix included, without `/v1`',
  },
  UPSTREAM_TIMEOUT_MS: {
    ...integer(100, 600_000),
    fallback: '10000',
    group: 'Upstream',
    purpose:
      'the deadline of one look-up, waiting and further attempts included; half of it is the deadline of one attempt, and of making a connection',
  },
  HTTPS_PROXY: {
    ...proxyUrl(),
    lowerCase: true,
    group: 'Upstream',
    purpose: 'the proxy on the way to `https` addresses: the upstream and `JWT_JWKS_URL`',
  },
  HTTP_PROXY: {
    ...proxyUrl(),
    lowerCase: true,
    group: 'Upstream',
    purpose: 'the same for `http` addresses',
  },
  NO_PROXY: {
    ...hosts(),
    lowerCase: true,
    group: 'Upstream',
    purpose: 'hosts that are reached without a proxy; a name stands for its subdomains too',
  },
  PRICE_PER_CALL_USD: {
    ...dollars(),
    fallbackInWords: '`0.004`; `0.005` for MiniMax',
    group: 'Money',
    purpose: 'what one request sent upstream costs',
  },
  SPEND_LIMIT_USD_PER_DAY: {
    ...dollars(),
    group: 'Money',
    purpose:
      'what may be spent from midnight to midnight UTC; beyond it look-ups answer `SPEND_LIMIT_EXCEEDED` without a call, and what is known is still served; without `REDIS_URL` each process has a limit of its own, and starts anew with it',
  },
  MAX_LOOKUPS_PER_OPERATION: {
    ...integer(1, 1000),
    fallback: '100',
    group: 'Money',
    purpose:
      'how many distinct files one operation may ask for; `_entities` and `fileResults` may name ten times as many ids',
  },
  CACHE_TTL_SECONDS: {
    ...integer(0, 604_800),
    fallback: '900',
    group: 'Reuse',
    purpose:
      'the longest an answer is reused; `0` turns reuse off, while look-ups at the same time still share one call',
  },
  CACHE_NOT_FOUND_SECONDS: {
    ...integer(0, 3600),
    fallback: '10',
    group: 'Reuse',
    purpose: 'the same for "no such file"',
  },
  CACHE_MAX_ENTRIES: {
    ...integer(1, 10_000_000),
    fallback: '100000',
    group: 'Reuse',
    purpose: 'how many answers are kept in memory, at 2 KiB each on the average',
  },
  CACHE_LIST_SECONDS: {
    ...integer(0, 3600),
    fallback: '5',
    group: 'Reuse',
    purpose: 'how long one listing of all files is reused',
  },
  LINK_MIN_VALIDITY_SECONDS: {
    ...integer(0, 86_400),
    fallback: '600',
    group: 'Reuse',
    purpose: 'how long a link must still be good for its answer to be reused',
  },
  REDIS_URL: {
    ...redisUrl(),
    group: 'Reuse',
    purpose: 'a Redis or Valkey that processes share; `rediss` is TLS',
  },
  ACCESS: {
    ...oneOf('open'),
    group: 'Access',
    purpose: '`open`: anybody may ask, also on an address that is not loopback',
  },
  ACCESS_TOKENS: {
    ...tokens(),
    group: 'Access',
    purpose: 'bearer tokens; any of them lets in',
  },
  READ_TOKENS: {
    ...tokens(),
    group: 'Access',
    purpose: 'the same for reading only: whoever has one can upload and delete nothing',
  },
  JWT_JWKS_URL: {
    ...keysUrl(),
    group: 'Access',
    purpose: 'the keys of the issuer whose JWTs let in',
  },
  JWT_ISSUER: {
    ...pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,512}$/),
    group: 'Access',
    purpose: 'the `iss` that a JWT must have',
  },
  JWT_AUDIENCE: {
    ...pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,512}$/),
    group: 'Access',
    purpose: 'the `aud` that a JWT must have',
  },
  JWT_WRITE_SCOPE: {
    ...pattern('printable ASCII without blanks', /^[\x21-\x7e]{1,128}$/),
    fallback: 'files:write',
    group: 'Access',
    purpose: 'the word that `scope`, `scp` or `permissions` of a JWT must have for it to write',
  },
  WRITES: {
    ...oneOf('on', 'off'),
    fallbackInWords: '`on` on loopback and for the sandbox, else `off`',
    group: 'Access',
    purpose: 'whether anybody may write at all: upload and delete files',
  },
  TICKET_SECONDS: {
    ...integer(1, 604_800),
    fallback: '3600',
    group: 'Access',
    purpose: 'how long a `contentUrl`, or a ticket to upload by, is good',
  },
  TICKET_SECRET: {
    ...signingSecret(),
    fallbackInWords: 'from the key; random on the sandbox',
    group: 'Access',
    purpose:
      'what `contentUrl`s and tickets are signed with; processes that share it take those of each other',
  },
  CORS_ORIGINS: {
    ...origins(),
    group: 'Access',
    purpose: 'origins whose pages may ask from a browser',
  },
  INTROSPECTION: {
    ...oneOf('on', 'off'),
    fallbackInWords: '`on`; `off` in production',
    group: 'What it shows',
    purpose: 'whether clients may explore the schema; `_service`, which routers need, tells it all the same',
  },
  PLAYGROUND: {
    ...oneOf('on', 'off'),
    fallbackInWords: '`on`; `off` in production',
    group: 'What it shows',
    purpose: 'whether `GET /` is a page to explore with',
  },
  LOG_LEVEL: {
    ...oneOf(...LOG_LEVELS),
    fallback: 'info',
    group: 'What it shows',
    purpose: 'the least serious log lines that are written',
  },
} satisfies Record<string, Setting<unknown>>

type SettingName = keyof typeof settings

/** The same, where one is as good as another. */
export const entries = Object.entries<Setting<unknown>>(settings)

type Parsed<S> = S extends Kind<infer T> ? (S extends { fallback: string } ? T : T | undefined) : never

/** What each setting holds: what was given, else its fallback. */
export type Values = { readonly [Name in SettingName]: Parsed<(typeof settings)[Name]> }
