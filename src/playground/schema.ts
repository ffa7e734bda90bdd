// Fetches the server's schema, for the documentation and for completion and checks in the editor.
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
