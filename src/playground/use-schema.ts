// The schema. It is fetched after the page can be used, and again when the token changes.
import type { GraphQLSchema } from 'graphql'
import { useEffect, useState } from 'react'
import type { Facts } from './facts.js'

export function useSchema({ introspection, needsToken }: Facts, token: string): GraphQLSchema | undefined {
  const [schema, setSchema] = useState<GraphQLSchema>()
  const canRead = introspection && (token !== '' || !needsToken)
  useEffect(() => {
    let isGone = false
    if (canRead)
      import('./schema.js')
        .then(({ fetchSchema }) => fetchSchema(token))
        .then((read) => isGone || setSchema(read))
        .catch(() => isGone || setSchema(undefined))
    return () => {
      isGone = true
    }
  }, [canRead, token])
  return schema
}
