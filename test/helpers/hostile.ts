// Requests that cost far more to answer than to send, or that probe: each with its row of faults.md, and how it is refused.
// The tests send them, and measure how long they keep the server busy.

export type Hostile = {
  readonly row: number
  readonly name: string
  readonly query?: string
  readonly variables?: unknown
  /** In place of `query` and `variables`, as it goes over the wire. */
  readonly body?: string
  readonly code: string
  /** What an error says. */
  readonly says: RegExp
}

/** Stands in values that no answer may repeat. */
export const ECHO = 'ECHO-ECHO-ECHO'

const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ')

/** 2 to the power of 20 fields in 997 bytes. */
export const FRAGMENT_BOMB = `{...F0}${Array.from(
  { length: 20 },
  (_, i) => `fragment F${i} on Query{...F${i + 1} ...F${i + 1}}`,
).join('')}fragment F20 on Query{__typename}`.padEnd(997)

const parse = { code: 'GRAPHQL_PARSE_FAILED', says: /1000 tokens/ }
const validation = (says: RegExp) => ({ code: 'GRAPHQL_VALIDATION_FAILED', says })
const input = (says: RegExp) => ({ code: 'BAD_USER_INPUT', says })
const body = (says: RegExp) => ({ code: 'BAD_REQUEST', says })

const ONE = 'query ($id: ID!) { file(id: $id) { id } }'
const MANY = 'query ($ids: [ID!]!) { fileResults(ids: $ids) { __typename } }'
const ENTITIES = 'query ($any: [_Any!]!) { _entities(representations: $any) { __typename } }'
const DELETE = 'deleteFile(id: 7) {__typename}'
const files = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ __typename: 'File', id: `${i + 1}` }))

export const hostile: readonly Hostile[] = [
  // The schema has no cycle, so no valid operation gets this deep: the limit itself is tested on one that has.
  {
    row: 104,
    name: '11 deep',
    query: `${'{a'.repeat(11)}${'}'.repeat(11)}`,
    ...validation(/Cannot query field/),
  },
  {
    row: 104,
    name: '11 deep through fragments',
    query: `{a{a{a{a{a{a{...F}}}}}}} fragment F on Query{a{a{a{a{__typename}}}}}`,
    ...validation(/Cannot query field/),
  },
  { row: 104, name: '3,000 deep', query: `${'{a'.repeat(3000)}${'}'.repeat(3000)}`, ...parse },
  {
    row: 105,
    name: '31 aliases',
    query: `{${times(31, (i) => `a${i}:file(id:1){id}`)}}`,
    ...validation(/at most 30 aliases/),
  },
  {
    row: 105,
    name: '101 aliases',
    query: `{${times(101, (i) => `a${i}:__typename`)}}`,
    ...validation(/at most 30 aliases/),
  },
  {
    row: 105,
    name: '32 aliases by way of a fragment',
    query:
      '{...F ...F} fragment F on Query{...G ...G} fragment G on Query{...H ...H} fragment H on Query{a:__typename b:__typename c:__typename d:__typename}',
    ...validation(/at most 30 aliases/),
  },
  {
    row: 105,
    name: '5,000 aliases',
    query: `{${times(5000, (i) => `a${i}:file(id:${i + 1}){id}`)}}`,
    ...body(/too large/),
  },
  {
    row: 106,
    name: '10 unknown directives',
    query: `{__typename${'@aa'.repeat(10)}}`,
    ...validation(/Unknown directive/),
  },
  {
    row: 106,
    name: '31 directives',
    query: `{${times(31, () => '__typename@include(if:true)')}}`,
    ...validation(/at most 30 directives/),
  },
  { row: 106, name: '10,000 directives', query: `{__typename${'@a'.repeat(10_000)}}`, ...parse },
  {
    row: 107,
    name: 'a fragment bomb',
    query: FRAGMENT_BOMB,
    ...validation(/at most 1000 fields and fragments/),
  },
  {
    row: 107,
    name: 'a fragment within itself',
    query: '{...A} fragment A on Query{...B} fragment B on Query{...A}',
    ...validation(/within itself/),
  },
  {
    row: 107,
    name: 'a fragment 300 times',
    query: `{${'...F '.repeat(300)}} fragment F on Query{fileResult(id:1){__typename} b:__typename}`,
    ...validation(/at most (30 aliases|1000 fields)/),
  },
  {
    row: 107,
    name: 'a fragment 500 times',
    query: `{${'...F '.repeat(500)}} fragment F on Query{__typename}`,
    ...parse,
  },
  { row: 108, name: 'a field 5,000 times', query: `{${'__typename '.repeat(5000)}}`, ...parse },
  {
    row: 108,
    name: 'a field 990 times',
    query: `{${'__typename '.repeat(990)}}`,
    ...validation(/too often/),
  },
  {
    row: 108,
    name: '1,000 overlapping selections',
    query: `{${times(1000, () => 'file(id:1){id}')}}`,
    ...parse,
  },
  {
    row: 108,
    name: 'overlapping selections within each other',
    query: `{${times(9, () => `q{${times(9, () => 'q{__typename __typename}')}}`)}}`,
    ...validation(/Cannot query field/),
  },
  {
    row: 109,
    name: 'a batch of 10',
    body: `[${Array(10).fill('{"query":"{__typename}"}')}]`,
    ...body(/batch/i),
  },
  { row: 110, name: '500 operations', query: times(500, (i) => `query Q${i}{__typename}`), ...parse },
  {
    row: 111,
    name: '101 entities',
    query: ENTITIES,
    variables: { any: files(101) },
    code: 'TOO_MANY_LOOKUPS',
    says: /too many files/,
  },
  {
    row: 111,
    name: '1,001 entities of one file',
    query: ENTITIES,
    variables: { any: Array(1001).fill({ __typename: 'File', id: '7' }) },
    code: 'TOO_MANY_LOOKUPS',
    says: /too many files/,
  },
  {
    row: 111,
    name: '20,000 entities',
    query: ENTITIES,
    variables: { any: files(20_000) },
    ...body(/too large/),
  },
  {
    row: 112,
    name: 'an object of 99 KB for an id',
    query: ONE,
    variables: { id: { a: ECHO.repeat(7000) } },
    ...input(/\$id.*ID!/),
  },
  {
    row: 112,
    name: 'an object of many keys for an id',
    query: ONE,
    variables: { id: toObject(7000) },
    ...input(/\$id.*ID!/),
  },
  {
    row: 112,
    name: '9,000 ids that are none',
    query: MANY,
    variables: { ids: Array(9000).fill([ECHO.slice(0, 4)]) },
    ...input(/at "ids\[2\]"/),
  },
  {
    row: 112,
    name: '10,000 ids',
    query: MANY,
    variables: { ids: Array(10_000).fill('1') },
    code: 'TOO_MANY_LOOKUPS',
    says: /too many files/,
  },
  {
    row: 112,
    name: '30 links of a file, 1,000 times',
    query: MANY.replace('__typename', `... on File{${times(30, (i) => `a${i}:downloadUrl`)}}`),
    variables: { ids: Array(1000).fill('7') },
    ...input(/fewer files or fields/),
  },
  {
    row: 112,
    name: 'a name of 4,000 letters, 1,000 times',
    query: ENTITIES.replace('__typename', `... F} } fragment F on File{${'x'.repeat(4000)}:id`).slice(0, -2),
    variables: { any: Array(1000).fill({ __typename: 'File', id: '7' }) },
    ...input(/fewer files or fields/),
  },
  {
    row: 112,
    name: 'a list of 500 files, 30 times',
    query: `query ($ids: [ID!]!) {${times(30, (i) => `a${i}: fileResults(ids: $ids) {__typename}`)}}`,
    variables: { ids: Array(500).fill('7') },
    code: 'TOO_MANY_LOOKUPS',
    says: /too many files/,
  },
  {
    row: 110,
    name: 'a subscription',
    query: 'subscription { videoTask(id: "7") { id } }',
    code: 'OPERATION_RESOLUTION_FAILURE',
    says: /^Subscriptions are answered as server-sent events: /,
  },
  {
    row: 110,
    name: 'a mutation of many files',
    query: `mutation {${times(31, (i) => `a${i}: deleteFile(id: "7") {__typename}`)}}`,
    code: 'GRAPHQL_VALIDATION_FAILED',
    says: /at most 30 aliases/,
  },
  { row: 108, name: '200 deletions', query: `mutation {${times(200, () => DELETE)}}`, ...parse },
  {
    row: 107,
    name: 'a deletion by way of fragments, over and over',
    query: `mutation {${'...F '.repeat(500)}} fragment F on Mutation {${DELETE}}`,
    ...parse,
  },
  {
    row: 106,
    name: 'a deletion with 31 directives',
    query: `mutation {deleteFile(id: 1) ${times(31, () => '@include(if:true)')} {__typename}}`,
    ...validation(/only be used once|at most 30 directives/),
  },
  {
    row: 112,
    name: 'an object for the id of a deletion',
    query: 'mutation ($id: ID!) { deleteFile(id: $id) { __typename } }',
    variables: { id: { a: ECHO.repeat(1000) } },
    ...input(/\$id.*ID!/),
  },
  {
    row: 112,
    name: 'a deletion of a list',
    query: 'mutation ($ids: [ID!]!) { deleteFile(id: $ids) { __typename } }',
    variables: { ids: ['7'] },
    ...validation(/\$ids/),
  },
  {
    row: 112,
    name: 'a page of 2^31 files',
    query: '{ files(first: 2147483648) { totalCount } }',
    ...validation(/32-bit/),
  },
  {
    row: 112,
    name: 'a page of 201 files',
    query: '{ files(first: 201) { totalCount } }',
    ...input(/1 to 200/),
  },
  {
    row: 112,
    name: 'a cursor of 90 KB',
    query: 'query ($after: String) { files(after: $after) { totalCount } }',
    variables: { after: ECHO.repeat(6000) },
    ...input(/cursor/),
  },
  {
    row: 112,
    name: 'a list 40,000 deep',
    body: `{"query":"${ONE}","variables":{"id":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`,
    ...input(/\$id.*ID!/),
  },
  {
    row: 112,
    name: 'an entity 40,000 deep',
    body: `{"query":"${ENTITIES}","variables":{"any":[{"__typename":"File","id":${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}}]}}`,
    code: 'INVALID_FILE_ID',
    says: /64-bit integer/,
  },
  {
    row: 112,
    name: 'a prototype',
    body: `{"query":"${ONE}","variables":{"__proto__":{"id":"1"}}}`,
    ...input(/"\$id" of required type/),
  },
  {
    row: 112,
    name: 'a word that is no purpose',
    query: `query($p:FilePurpose){file(id:1,purpose:$p){id}}`,
    variables: { p: ECHO },
    ...input(/\$p.*FilePurpose/),
  },
  {
    row: 112,
    name: 'a text of 90 KB for a word',
    query: `{ file(id: 1, purpose: "${'x'.repeat(90_000)}") { id } }`,
    ...validation(/non-enum value: "x+…$/),
  },
  ...[
    ECHO.repeat(7000),
    '1.5',
    '-1',
    '１２３',
    ' 1',
    '1\n',
    '0x1f',
    '1e3',
    '00',
    '9223372036854775808',
    '',
  ].map((id) => ({
    row: 113,
    name: `the id ${JSON.stringify(id.slice(0, 20))}`,
    query: ONE,
    variables: { id },
    code: 'INVALID_FILE_ID',
    says: /^A file id must be a positive decimal 64-bit integer without leading zeros\.$/,
  })),
  { row: 113, name: 'an id of 1 MB', query: ONE, variables: { id: '1'.repeat(1e6) }, ...body(/too large/) },
  {
    row: 113,
    name: 'a float for an id',
    body: `{"query":"${ONE}","variables":{"id":1.0}}`,
    code: 'INVALID_FILE_ID',
    says: /64-bit integer/,
  },
]

function toObject(keys: number): unknown {
  return Object.fromEntries(Array.from({ length: keys }, (_, i) => [`k${i}`, i]))
}

export function toBody({ body, query, variables }: Pick<Hostile, 'body' | 'query' | 'variables'>): string {
  return body ?? JSON.stringify({ query, variables })
}
