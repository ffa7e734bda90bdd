// Formats an operation, comments included.
import graphql from 'prettier/plugins/graphql'
import { format as prettify } from 'prettier/standalone'
import type { Operation } from './operation.js'

/** JavaScript may round such numbers, so variables that contain one are not formatted. */
const LONG_NUMBER = /\d{16}/

/** Rejects if the operation is not valid. */
export async function format({ query, variables }: Operation): Promise<Operation> {
  const isLeft = variables.trim() === '' || LONG_NUMBER.test(variables)
  return {
    query: (await prettify(query, { parser: 'graphql', plugins: [graphql] })).trimEnd(),
    variables: isLeft ? variables : JSON.stringify(JSON.parse(variables), null, 2),
  }
}
