// Formats an operation, comments included.
import graphql from 'prettier/plugins/graphql'
import { format as prettify } from 'prettier/standalone'
import type { Operation } from './operation.js'

/** Numbers that JavaScript would round: variables that have one are left as they are. */
const LONG_NUMBER = /\d{16}/

/** Rejects what is not valid. */
export async function format({ query, variables }: Operation): Promise<Operation> {
  const isLeft = variables.trim() === '' || LONG_NUMBER.test(variables)
  return {
    query: (await prettify(query, { parser: 'graphql', plugins: [graphql] })).trimEnd(),
    variables: isLeft ? variables : JSON.stringify(JSON.parse(variables), null, 2),
  }
}
