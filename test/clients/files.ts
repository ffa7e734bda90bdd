import type { BatchQuery } from './generated/graphql.js'
import { graphql } from './generated/index.js'

export const Screen = graphql(`
  query Screen($video: ID!, $voice: ID!) {
    video: file(id: $video) { id filename downloadUrl }
    voice: file(id: $voice) { id filename downloadUrl }
  }
`)

export const Batch = graphql(`
  query Batch($ids: [ID!]!) {
    results: fileResults(ids: $ids) {
      __typename
      ... on File { id filename downloadUrl }
      ... on FileError { code message retryable retryAfterSeconds }
    }
  }
`)

/** What a row shows. The compiler knows every code. */
export function toText(result: BatchQuery['results'][number]): string {
  if (result.__typename === 'File') return result.filename ?? result.id
  return result.code === 'FILE_NOT_FOUND' ? 'This file is gone.' : result.message
}

type Failure = { retryable?: boolean; retryAfterSeconds?: number | null }

/** How long until the failures of a query may have passed, whether they came as errors or as data; seconds at most. */
export function toRetryMs(kind: string, data: unknown, errors: readonly { extensions?: Failure }[] = []) {
  const failures: Failure[] = [
    ...errors.map((each) => each.extensions ?? {}),
    ...Object.values(data ?? {}).flat(),
  ]
  const waits = failures.filter((each) => each?.retryable).map((each) => each.retryAfterSeconds ?? 1)
  const seconds = Math.max(...waits)
  return kind === 'query' && waits.length > 0 && seconds <= 10 ? seconds * 1000 : undefined
}
