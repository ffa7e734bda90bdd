// The scalars that carry more than GraphQL's own.
import { GraphQLError, GraphQLScalarType } from 'graphql'
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars'

/**
 * Passes a link on byte for byte. The well-known URL scalar does not do: it re-serialises, which turns `'` into
 * `%27` and so breaks a signature.
 */
const GraphQLUrl = new GraphQLScalarType<string, string>({
  name: 'URL',
  serialize: toUrl,
  parseValue: toUrl,
})

function toUrl(value: unknown): string {
  if (typeof value === 'string' && (URL.canParse(value) || isParsed(value))) return value
  throw new GraphQLError('URL takes an absolute URL.')
}

/** A second look: in Node 20 `URL.canParse`, once compiled, refuses every host with an umlaut. */
function isParsed(text: string): boolean {
  try {
    new URL(text)
    return true
  } catch {
    return false
  }
}

export const scalars = { DateTime: GraphQLDateTime, SafeInt: GraphQLSafeInt, URL: GraphQLUrl }
