// The server's schema, read once it is needed: for the documentation, and for what the editor completes and checks.
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from 'graphql'
import { query } from './api.js'

export async function fetchSchema(token: string): Promise<GraphQLSchema> {
  return buildClientSchema(await query<IntrospectionQuery>(token, getIntrospectionQuery()))
}
