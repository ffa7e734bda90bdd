// The tabs that the page opens with. On the sandbox they run as they are; elsewhere they need an id first, since each new
// file costs money there.
import type { Facts, SampleFile } from './facts.js'
import { type Operation, toOperation } from './operation.js'
import { toTaskExamples } from './task-examples.js'

/** Not a valid id: the server refuses it without a call. */
const PLACEHOLDER = 'your-file-id'
/** A valid id of no file in the sandbox. */
const UNKNOWN = '335560631603474'
/** For this id the sandbox answers like MiniMax when its rate limit is exceeded. */
const RATE_LIMITED = '1002'

const oneFile = `# One file by its id. It is shown below the answer.
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

const linkExpiry = `# When a link expires. A link that is valid for
# seconds only is not reused: each run is a new call.
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

/** The query of the first tab, for this file. */
export function toOneFile(id: string): Operation {
  return toOperation(oneFile, { id })
}

function toWaiting(query: string, variables: unknown): Operation {
  return toOperation(`# Put an id into the variables, below.\n${query}`, variables)
}

/** The file whose link expires first. */
function findShortest(files: readonly SampleFile[]): SampleFile | undefined {
  const lifetime = (file: SampleFile) => file.linkLifetimeSeconds ?? Number.POSITIVE_INFINITY
  return [...files].sort((a, b) => lifetime(a) - lifetime(b))[0]
}
