import {
  Client,
  cacheExchange,
  type Exchange,
  fetchExchange,
  makeOperation,
  type Operation,
} from '@urql/core'
import { filter, makeSubject, merge, pipe } from 'wonka'
import { toRetryMs } from './files.js'

const retryOnce: Exchange = (input) => (operations) => {
  const { source, next } = makeSubject<Operation>()
  return pipe(
    merge([operations, source]),
    input.forward,
    filter(({ operation, data, error }) => {
      const ms = toRetryMs(operation.kind, data, error?.graphQLErrors)
      if (ms === undefined || operation.context.isRetry) return true
      const again = makeOperation(operation.kind, operation, { ...operation.context, isRetry: true })
      setTimeout(() => next(again), ms)
      return false
    }),
  )
}

export const createUrqlClient = (url: string) =>
  new Client({
    url,
    exchanges: [cacheExchange, retryOnce, fetchExchange],
    preferGetMethod: false, // the server accepts GET only with a header that forms cannot send
    requestPolicy: 'cache-and-network', // links expire, so they are fetched again
  })
