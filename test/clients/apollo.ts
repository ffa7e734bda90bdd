import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { mergeMap, of, timer } from 'rxjs'
import { toRetryMs } from './files.js'

const retryOnce = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    mergeMap((result) => {
      const ms = toRetryMs(operation.operationType, result.data, result.errors)
      return ms === undefined ? of(result) : timer(ms).pipe(mergeMap(() => forward(operation)))
    }),
  ),
)

export const createApolloClient = (uri: string) =>
  new ApolloClient({
    link: ApolloLink.from([retryOnce, new HttpLink({ uri })]),
    cache: new InMemoryCache({ possibleTypes: { FileResult: ['File', 'FileError'] } }),
  })

/** For `useQuery`: a failed file does not affect the others, and links, which expire, are fetched again. */
export const options = { errorPolicy: 'all', fetchPolicy: 'cache-and-network' } as const
