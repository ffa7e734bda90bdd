// The tabs that the page opens with. On the sandbox they run as they are; elsewhere they wait for an id, since each
// new file costs money there.
import type { Facts, SampleFile } from './facts.js'
import { type Operation, toOperation } from './operation.js'
import { toTaskExamples } from './task-examples.js'

/** No file has it, and asking for it is refused without a call. */
const PLACEHOLDER = 'your-file-id'
/** Nor is this one in the sandbox, but there it is asked for. */
const UNKNOWN = '335560631603474'
/** The sandbox answers it as MiniMax does when it is asked too often. */
const RATE_LIMITED = '1002'

const oneFile = `# One file by its id. It shows below the answer.
query OneFile($id: ID!) {
  file(id: $id) {
    id
    filename
    bytes
    purpose
    createdAt
    contentUrl
    downloadUrl
    downloadUrlExpiresAt
  }
}`

const newestFiles = `# The account's files, newest first.
# Links are left out here: each would be a look-up.
query NewestFiles($first: Int!) {
  files(first: $first) {
    totalCount
    nodes {
      id
      filename
      bytes
      purpose
      contentUrl
    }
  }
}`

const manyFiles = `# Many files at once, in the order of their ids.
# One that fails leaves the others alone.
query ManyFiles($ids: [ID!]!) {
  fileResults(ids: $ids) {
    __typename
    ... on File {
      id
      filename
      purpose
      contentUrl
    }
    ... on FileError {
      code
      message
      retryable
    }
  }
}`

const whyItFailed = `# A failure says why, and when to ask again.
query WhyItFailed($id: ID!) {
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

const linkExpiry = `# Until when a link works. One that is good for
# seconds only is not reused: it is asked for again.
query LinkExpiry($id: ID!) {
  file(id: $id) {
    filename
    downloadUrl
    downloadUrlExpiresAt
  }
}`

export function toExamples(
  facts: Pick<Facts, 'files' | 'upstream' | 'writes' | 'taskPricesUsd'>,
): Operation[] {
  const { files } = facts
  const [first, second] = files
  const toExample = first ? toOperation : toWaiting
  const ids = first && second ? [first.id, second.id, UNKNOWN] : [PLACEHOLDER]
  return [
    toExample(oneFile, { id: first?.id ?? PLACEHOLDER }),
    toOperation(newestFiles, { first: 12 }),
    toExample(manyFiles, { ids }),
    toExample(whyItFailed, { id: first ? RATE_LIMITED : PLACEHOLDER }),
    toExample(linkExpiry, { id: findShortest(files)?.id ?? PLACEHOLDER }),
    ...(facts.writes ? toTaskExamples(facts) : []),
  ]
}

/** The first tab's query, for this file. */
export function toOneFile(id: string): Operation {
  return toOperation(oneFile, { id })
}

function toWaiting(query: string, variables: unknown): Operation {
  return toOperation(`# Put an id into the variables, below.\n${query}`, variables)
}

/** The file whose link expires while one looks. */
function findShortest(files: readonly SampleFile[]): SampleFile | undefined {
  const lifetime = (file: SampleFile) => file.linkLifetimeSeconds ?? Number.POSITIVE_INFINITY
  return [...files].sort((a, b) => lifetime(a) - lifetime(b))[0]
}
