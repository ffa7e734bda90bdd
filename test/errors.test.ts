// Each way to fail, produced over the wire, and told alike wherever a look-up can stand. One table: a code without a
// row fails the last test.

import type { GraphQLEnumType } from 'graphql'
import { describe, expect, it } from 'vitest'
import type { File, FileId } from '../src/file.js'
import type { FilePurpose } from '../src/graphql/generated.js'
import { createSchema } from '../src/graphql/schema.js'
import type { FaultRule } from '../src/sandbox/rules.js'
import { type GraphQLAnswer, startApp } from './helpers/app.js'
import { closedUrl, VIDEO } from './helpers/faults.js'
import { startServer } from './helpers/server.js'

const VOICE = '437774745600005'
const UNKNOWN = '424242424242424'
const PRIVATE = 'PRIVATE words of the upstream'

/** The codes under which the same look-up may succeed later. */
const later = new Set(
  `SPEND_LIMIT_EXCEEDED UPSTREAM_QUOTA_EXCEEDED UPSTREAM_RATE_LIMITED UPSTREAM_TIMEOUT UPSTREAM_UNAVAILABLE UPSTREAM_BAD_RESPONSE
   INTERNAL_SERVER_ERROR`.split(/\s+/),
)

/** The two forms in which upstreams give an exchange an id: MiniMax's, CometAPI's. */
const trace = expect.stringMatching(/^([0-9a-f]{32}|\d{23}[0-9A-Za-z]{8})$/)
const someWords = expect.stringMatching(/^[a-z][A-Za-z ]+$/)

const noUpstream = { httpStatus: null, statusCode: null, statusMessage: null, traceId: null }
const base = (statusCode: number) => ({
  httpStatus: 200,
  statusCode,
  statusMessage: someWords,
  traceId: trace,
})
const newBase = (statusCode: number) => ({ ...base(statusCode), statusMessage: null })
const envelope = (httpStatus: number) => ({ ...noUpstream, httpStatus, traceId: trace })
const page = (httpStatus: number) => ({ ...noUpstream, httpStatus })
const odd = { ...noUpstream, httpStatus: 200, traceId: trace }

type Row = {
  readonly code: string
  /** What is asked for; an unknown file unless said otherwise. */
  readonly id?: string
  /** What the upstream does to it. */
  readonly rule?: FaultRule
  readonly env?: Readonly<Record<string, string>>
  /** What stands in for everything below GraphQL. */
  readonly source?: () => Promise<never>
  readonly upstream?: unknown
  readonly retryAfterSeconds?: unknown
  /** Only the `purpose` argument is at fault, which an entity does not have. */
  readonly byPurpose?: FilePurpose
  /** The fault is one of the operation or of the server, so the sibling fails as well. */
  readonly siblingToo?: true
}

/** The day ends at midnight UTC. */
const isUntilMidnight = (seconds: number) => {
  const midnightS = (Math.floor(Date.now() / 86_400_000) + 1) * 86_400
  return Math.abs(midnightS - Date.now() / 1000 - seconds) < 60 || seconds > 86_340
}

const magic = (code: string, id: number, upstream?: unknown): [string, Row] => [
  `the sandbox's ${id}`,
  { code, id: String(id), upstream },
]
const codes = (code: string, ids: readonly number[], more: Partial<Row> = {}): [string, Row][] =>
  ids.map((id) => [`base_resp ${id}`, { code, id: String(id), upstream: base(id), ...more }])
const statuses = (code: string, ids: readonly number[], toUpstream = envelope): [string, Row][] =>
  ids.map((id) => [`HTTP ${id}`, { code, id: String(id), upstream: toUpstream(id) }])
const ruled = (
  how: string,
  code: string,
  rule: FaultRule,
  upstream: unknown,
  more: Partial<Row> = {},
): [string, Row] => [how, { code, rule: { ...rule, id: UNKNOWN }, upstream, ...more }]

const SHORT = { UPSTREAM_TIMEOUT_MS: '400' }

const rows: readonly [how: string, row: Row][] = [
  ['letters', { code: 'INVALID_FILE_ID', id: 'abc' }],
  ['a negative id', { code: 'INVALID_FILE_ID', id: '-1' }],
  ['an id beyond int64', { code: 'INVALID_FILE_ID', id: '9223372036854775808' }],
  ['a purpose that is none', { code: 'INVALID_INPUT', id: VIDEO, byPurpose: 'OTHER' }],
  ['another purpose', { code: 'PURPOSE_MISMATCH', id: VOICE, byPurpose: 'VIDEO_GENERATION' }],
  [
    'more files than allowed',
    { code: 'TOO_MANY_LOOKUPS', env: { MAX_LOOKUPS_PER_OPERATION: '1' }, siblingToo: true },
  ],

  ['an unknown file', { code: 'FILE_NOT_FOUND', upstream: base(2013) }],
  ruled(
    'other words that end so',
    'FILE_NOT_FOUND',
    { name: 'base', code: 2013, message: 'Bad: File not found (request id: 2026)' },
    base(2013),
  ),
  ruled(
    'the code in an envelope',
    'FILE_NOT_FOUND',
    { name: 'envelope', status: 400, code: '2013', message: 'invalid params, file not found' },
    { ...base(2013), httpStatus: 400 },
  ),

  ...codes('UPSTREAM_INVALID_REQUEST', [2013, 20132]),
  ...statuses('UPSTREAM_INVALID_REQUEST', [400]),
  ruled(
    'invalid_request under HTTP 500',
    'UPSTREAM_INVALID_REQUEST',
    { name: 'envelope', status: 500, code: 'invalid_request', message: PRIVATE },
    envelope(500),
  ),

  ...codes('UPSTREAM_UNAUTHENTICATED', [1004, 2049]),
  ...statuses('UPSTREAM_UNAUTHENTICATED', [401]),

  ...codes('UPSTREAM_FORBIDDEN', [2042, 2061]),
  ...statuses('UPSTREAM_FORBIDDEN', [403]),
  ruled(
    'a foreign group',
    'UPSTREAM_FORBIDDEN',
    { name: 'base', code: 1004, message: 'token not match group' },
    base(1004),
  ),

  ...codes('UPSTREAM_INSUFFICIENT_BALANCE', [1008]),
  ...statuses('UPSTREAM_INSUFFICIENT_BALANCE', [402]),
  ...['insufficient_user_quota', 'pre_consume_token_quota_failed'].map((code) =>
    ruled(
      `${code} under HTTP 403`,
      'UPSTREAM_INSUFFICIENT_BALANCE',
      { name: 'status', status: 403, code },
      envelope(403),
    ),
  ),

  ...codes('UPSTREAM_QUOTA_EXCEEDED', [1028, 1030, 2056], { retryAfterSeconds: 3600 }),
  ...codes('UPSTREAM_RATE_LIMITED', [1002, 1039, 1041, 2045], { retryAfterSeconds: 60 }),
  ['HTTP 429', { code: 'UPSTREAM_RATE_LIMITED', id: '429', upstream: envelope(429), retryAfterSeconds: 60 }],
  ruled(
    'HTTP 429 with a hint',
    'UPSTREAM_RATE_LIMITED',
    { name: 'status', status: 429, retryAfter: '7' },
    envelope(429),
    { retryAfterSeconds: 7 },
  ),

  ...codes('UPSTREAM_CONTENT_REJECTED', [1026, 1027]),

  ...codes('UPSTREAM_TIMEOUT', [1001]),
  ...statuses('UPSTREAM_TIMEOUT', [408]),
  ...statuses('UPSTREAM_TIMEOUT', [504, 524], page),
  ['silence until our deadline', { code: 'UPSTREAM_TIMEOUT', id: '2', env: SHORT }],
  ['a drip until our deadline', { code: 'UPSTREAM_TIMEOUT', id: '5', env: SHORT }],

  ...codes('UPSTREAM_UNAVAILABLE', [1000, 1013, 1024, 1033]),
  ...statuses('UPSTREAM_UNAVAILABLE', [500, 501, 520]),
  ...statuses('UPSTREAM_UNAVAILABLE', [502], page),
  ruled('HTTP 503', 'UPSTREAM_UNAVAILABLE', { name: 'status', status: 503, code: '' }, envelope(503)),
  ruled(
    'HTTP 503 with a hint',
    'UPSTREAM_UNAVAILABLE',
    { name: 'status', status: 503, retryAfter: '30' },
    envelope(503),
    { retryAfterSeconds: 30 },
  ),
  ruled(
    'model_not_found',
    'UPSTREAM_UNAVAILABLE',
    { name: 'envelope', status: 503, code: 'model_not_found', message: PRIVATE },
    envelope(503),
  ),
  ['a connection that is reset', { code: 'UPSTREAM_UNAVAILABLE', id: '1' }],
  [
    'a connection that is refused',
    { code: 'UPSTREAM_UNAVAILABLE', env: { UPSTREAM_URL: await closedUrl() }, siblingToo: true },
  ],
  magic('UPSTREAM_UNAVAILABLE', 8, base(1000)),

  magic('UPSTREAM_BAD_RESPONSE', 3, odd),
  magic('UPSTREAM_BAD_RESPONSE', 4, page(200)),
  magic('UPSTREAM_BAD_RESPONSE', 6),
  magic('UPSTREAM_BAD_RESPONSE', 7, page(302)),
  magic('UPSTREAM_BAD_RESPONSE', 9, odd),

  ...codes('UPSTREAM_ERROR', [1042, 1043, 1044, 2037, 2038, 2039, 2048]),
  ...[2053, 2054, 7777].map((code) =>
    ruled(
      `base_resp ${code}, which is new`,
      'UPSTREAM_ERROR',
      { name: 'base', code, message: PRIVATE },
      newBase(code),
    ),
  ),
  ...statuses('UPSTREAM_ERROR', [404, 418, 422]),
  ruled(
    'an envelope of an unknown code under HTTP 200',
    'UPSTREAM_ERROR',
    { name: 'envelope', status: 200, code: 'who_knows', message: PRIVATE },
    envelope(200),
  ),

  [
    'a budget that is used up',
    {
      code: 'SPEND_LIMIT_EXCEEDED',
      env: { SPEND_LIMIT_USD_PER_DAY: '0' },
      retryAfterSeconds: expect.toSatisfy(isUntilMidnight),
      siblingToo: true,
    },
  ],

  ...[new TypeError(PRIVATE), PRIVATE, null].map((thrown): [string, Row] => [
    `a bug of ours that throws ${thrown}`,
    { code: 'INTERNAL_SERVER_ERROR', source: () => Promise.reject(thrown) },
  ]),
]

const OPERATION = `
  query ($id: ID!, $well: ID!, $any: [_Any!]!, $purpose: FilePurpose) {
    file(id: $id, purpose: $purpose) { id }
    fileResult(id: $id, purpose: $purpose) { ...Result }
    fileResults(ids: [$id, $well], purpose: $purpose) { ...Result }
    _entities(representations: $any) { ... on File { id } }
    sibling: file(id: $well) { id }
  }
  fragment Result on FileResult {
    ... on File { id }
    ... on FileError {
      code message retryable retryAfterSeconds requestId
      upstream { httpStatus statusCode statusMessage traceId }
    }
  }`

type Query = (text: string, variables: unknown) => Promise<GraphQLAnswer>

async function start({ source, env = {}, rule }: Row): Promise<Query> {
  if (source) return (await startServer((id) => (id === VIDEO ? answerVideo() : source()))).query
  const app = await startApp({ UPSTREAM_TIMEOUT_MS: '4000', ...env })
  if (rule) app.sandbox.fault(rule)
  return app.query
}

/** For so long the same is told of the file without a call. */
const remembered = new Set(['UPSTREAM_TIMEOUT', 'UPSTREAM_UNAVAILABLE', 'UPSTREAM_BAD_RESPONSE'])

async function answerVideo() {
  return { file: { id: VIDEO as FileId } as File, freshUntilMs: 0 }
}

/** The paths that must stand in `errors`. */
function toPaths({ byPurpose, siblingToo }: Row): unknown[] {
  const entities = byPurpose ? [] : [['_entities', 0]]
  return [['file'], ...entities, ...(siblingToo ? [['_entities', 1], ['sibling']] : [])]
}

it.each(rows)('%s is told alike as an error, as data, in a list and of an entity', async (_, row) => {
  const { code, id = UNKNOWN, upstream = null, byPurpose, siblingToo } = row
  const { retryAfterSeconds = remembered.has(code) ? 1 : null } = row
  const query = await start(row)
  const any = [id, VIDEO].map((each) => ({ __typename: 'File', id: each }))
  const isListToo = siblingToo || byPurpose === 'OTHER'
  const {
    data,
    errors = [],
    headers,
    status,
  } = await query(OPERATION, { id, well: VIDEO, any, purpose: byPurpose })

  const requestId = headers.get('x-request-id')
  const failure = { code, retryable: later.has(code), retryAfterSeconds, requestId, upstream }
  const asData = { ...failure, message: expect.stringMatching(/^[A-Z`].*\.$/) }
  const well = { id: VIDEO }
  expect(data).toEqual({
    file: null,
    fileResult: asData,
    fileResults: [asData, isListToo ? asData : well],
    _entities: [byPurpose ? { id } : null, siblingToo ? null : well],
    sibling: siblingToo ? null : well,
  })
  expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(toPaths(row)))
  expect(errors).toHaveLength(toPaths(row).length)
  for (const error of errors) {
    expect(error).toMatchObject({ message: data.fileResult.message })
    expect(error.extensions).toEqual(failure)
  }
  // All of them share one look-up, so they tell one and the same exchange.
  expect(errors[0]?.extensions.upstream).toEqual(data.fileResult.upstream)
  expect(status).toBe(200)
  expect(JSON.stringify([data, errors])).not.toContain('PRIVATE')
})

/** What no look-up ends in: other tests show these. */
const ofOthers = [
  ...['FORBIDDEN', 'INVALID_INPUT', 'UPSTREAM_UNSUPPORTED'],
  ...['FILE_TOO_LARGE', 'UNSUPPORTED_FILE_FORMAT', 'DIGEST_MISMATCH', 'UPLOAD_OUTCOME_UNKNOWN'],
  ...['INVALID_TASK_ID', 'TASK_NOT_FOUND', 'TASK_OUTCOME_UNKNOWN'],
]

it('has a row for every code of the schema that a look-up can end in', () => {
  const type = createSchema().getType('FileErrorCode') as GraphQLEnumType
  const declared = type.getValues().map(({ name }) => name)
  expect(new Set([...rows.map(([, { code }]) => code), ...ofOthers])).toEqual(new Set(declared))
})

describe('a fault of the client’s own', () => {
  const JSON_TYPE = { 'content-type': 'application/json' }
  const post = (body: object, headers: Readonly<Record<string, string>> = {}) => ({
    ...{ path: '/graphql', method: 'POST' },
    ...{ headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) },
  })
  const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) }
  const rows: [string, { readonly path: string } & RequestInit, string][] = [
    ['a document that is none', post({ query: '{' }), 'GRAPHQL_PARSE_FAILED'],
    ['a document that does not fit', post({ query: '{ nothing }' }), 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable that does not fit',
      post({ query: 'query ($id: ID!) { file(id: $id) { id } }' }),
      'BAD_USER_INPUT',
    ],
    ['a page that is too long', post({ query: '{ files(first: 201) { totalCount } }' }), 'BAD_USER_INPUT'],
    ['a hash that is not known', post({ extensions: { persistedQuery } }), 'PERSISTED_QUERY_NOT_FOUND'],
    ['a hash of another document', post({ query: '{a}', extensions: { persistedQuery } }), 'BAD_REQUEST'],
    ['a batch', post([{ query: '{ __typename }' }]), 'BAD_REQUEST'],
    ['no document', post({}), 'BAD_REQUEST'],
    ['a body that is no JSON', { ...post({}), body: '{' }, 'BAD_REQUEST'],
    [
      'a media type that there is not',
      post({ query: '{ __typename }' }, { accept: 'text/html' }),
      'BAD_REQUEST',
    ],
    ['a query as events', post({ query: '{ __typename }' }, { accept: 'text/event-stream' }), 'BAD_REQUEST'],
    [
      'a subscription as JSON',
      post({ query: 'subscription { videoTask(id: 1) { id } }' }),
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a GET without the header that forces a preflight',
      { path: '/graphql?query={__typename}' },
      'BAD_REQUEST',
    ],
    ['another method', { path: '/graphql', method: 'DELETE' }, 'BAD_REQUEST'],
    ['a path that there is not', { path: '/nowhere' }, 'BAD_REQUEST'],
    [
      'a token that is wrong',
      post({ query: '{ __typename }' }, { authorization: 'Bearer no' }),
      'UNAUTHENTICATED',
    ],
  ]
  it.each(rows)('says that a retry does not help: %s', async (_, { path, ...init }, code) => {
    const app = await startApp({ ACCESS_TOKENS: 'secret' })
    const headers = { authorization: 'Bearer secret', ...init.headers }
    const response = await app.send(path, { ...init, headers })
    const { errors } = (await response.json()) as { errors: { extensions: object }[] }
    const requestId = response.headers.get('x-request-id')
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code, retryable: false, requestId }])
  })
})
