import {
  Environment,
  fetchQuery,
  type GraphQLResponse,
  graphql,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime'
import type { relayShelfQuery } from './__generated__/relayShelfQuery.graphql.js'

export const createRelayEnvironment = (url: string) =>
  new Environment({
    network: Network.create(async ({ text }, variables) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ query: text, variables })
      const response = await fetch(url, { method: 'POST', headers, body })
      return (await response.json()) as GraphQLResponse
    }),
    store: new Store(new RecordSource()),
  })

/** Failures as data: Relay leaves them where the file would be. */
const shelf = graphql`
  query relayShelfQuery($ids: [ID!]!) {
    results: fileResults(ids: $ids) {
      __typename
      ... on File { id filename downloadUrl }
      ... on FileError { code message retryable }
    }
  }
`

export const fetchShelf = (environment: Environment, ids: string[]) =>
  fetchQuery<relayShelfQuery>(environment, shelf, { ids }).toPromise()
