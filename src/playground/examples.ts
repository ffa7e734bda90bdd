// The tabs that the page opens with. On the sandbox they run as they are; elsewhere they wait for an id, since each
// new file costs money there.
import type { Facts, SampleFile } from './facts.js'

export type Example = { readonly query: string; readonly variables: string }

/** No file has it, and asking for it is refused without a call. */
const PLACEHOLDER = 'your-file-id'
/** Nor is this one in the sandbox, but there it is asked for. */
const UNKNOWN = '335560631603474'
/** The sandbox answers it as MiniMax does when it is asked too often. */
const RATE_LIMITED = '1002'

const oneFile = `# One file by its id.
query OneFile($id: ID!) {
  file(id: $id) {
    id
    filename
    bytes
    purpose
    createdAt
    downloadUrl
    downloadUrlExpiresAt
  }
}`

const batch = `# Many files at once, in the order of their ids.
# One that fails leaves its neighbours alone.
query Batch($ids: [ID!]!) {
  fileResults(ids: $ids) {
    __typename
    ... on File {
      id
      filename
      purpose
    }
    ... on FileError {
      code
      message
      retryable
    }
  }
}`

const failingFile = `# A failure says why, and when to ask again.
query FailingFile($id: ID!) {
  fileResult(id: $id) {
    ... on File {
      filename
    }
    ... on FileError {
      code
      message
      retryable
      retryAfterSeconds
      requestId
      upstream {
        httpStatus
        statusCode
        statusMessage
        traceId
      }
    }
  }
}`

const linkExpiry = `# Until when the link works. One that is good for
# seconds is never reused: it is asked for anew.
query LinkExpiry($id: ID!) {
  file(id: $id) {
    filename
    downloadUrl
    downloadUrlExpiresAt
  }
}`

const entities = `# What a federation router asks for: files by key.
query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on File {
      id
      filename
      downloadUrl
    }
  }
}`

export function toExamples({ files }: Pick<Facts, 'files'>): Example[] {
  const [first, second] = files
  const id = first?.id ?? PLACEHOLDER
  const ids = first && second ? [first.id, second.id, UNKNOWN] : [PLACEHOLDER]
  const toExample = first ? toReady : toWaiting
  return [
    toExample(`${oneFile}${toList(files)}`, { id }),
    toExample(batch, { ids }),
    toExample(failingFile, { id: first ? RATE_LIMITED : PLACEHOLDER }),
    toExample(linkExpiry, { id: findShortest(files)?.id ?? PLACEHOLDER }),
    toExample(entities, {
      representations: ids.slice(0, 2).map((each) => ({ __typename: 'File', id: each })),
    }),
  ]
}

/** The first tab's query, for this file. */
export function toOneFile(id: string): Example {
  return toReady(oneFile, { id })
}

function toReady(query: string, variables: unknown): Example {
  return { query, variables: JSON.stringify(variables, null, 2) }
}

function toWaiting(query: string, variables: unknown): Example {
  return toReady(`# Put an id into the variables, below.\n${query}`, variables)
}

/** The other ids there are, for whoever wants to try them. */
function toList([, ...others]: readonly SampleFile[]): string {
  if (others.length === 0) return ''
  return [
    '\n\n# Other files of the sandbox:',
    ...others.map(({ id, filename }) => `# ${id}  ${filename}`),
  ].join('\n')
}

/** The file whose link expires while one looks. */
function findShortest(files: readonly SampleFile[]): SampleFile | undefined {
  const lifetime = (file: SampleFile) => file.linkLifetimeSeconds ?? Number.POSITIVE_INFINITY
  return [...files].sort((a, b) => lifetime(a) - lifetime(b))[0]
}
