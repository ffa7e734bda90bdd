// Replaces messages of the libraries that say too much, too little, or something wrong.
import { type ASTNode, GraphQLError, type GraphQLFormattedError, Kind, print } from 'graphql'
import { DOCUMENT_LIMITS } from './limits.js'

/** By the `validationErrorCode` of Apollo Server. */
const byValidationCode: Readonly<Record<string, string>> = {
  INTROSPECTION_DISABLED: 'Introspection is off on this server.',
  MAX_RECURSIVE_SELECTIONS_EXCEEDED: `An operation may select at most ${DOCUMENT_LIMITS.selections} fields and fragments. The fields of a fragment count at each use.`,
}

/** By GraphQL's message, where there is no code. */
const byMessage: Readonly<Record<string, string>> = {
  'Validation aborted.': 'The operation selects the same fields too often to be validated.',
}

/** GraphQL's message when it stops checking variables. The error has neither a code nor a location. */
const TOO_MANY = 'Too many errors processing variables'

/** A message may quote a literal, which may be as long as the document. */
const MAX_MESSAGE_LENGTH = 500

/** Invalid variables are the client's fault, but Apollo Server treats this error as one of the server. */
export function isTooManyCoercionErrors(error: unknown): boolean {
  return error instanceof GraphQLError && error.message.startsWith(TOO_MANY)
}

/** A null variable where a value is required is the client's fault too. No resolver has run. */
export function isNullArgument(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || !/^Argument "\w+" (of non-null|has invalid)/.test(error.message))
    return false
  return error.originalError === undefined || error.originalError instanceof GraphQLError
}

/** The error with a useful message that quotes no variable's value. */
export function reword(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { extensions = {}, message } = formatted
  if (isTooManyCoercionErrors(error) || isNullArgument(error))
    return { ...formatted, message: shorten(message), extensions: { ...extensions, code: 'BAD_USER_INPUT' } }
  const known = byValidationCode[String(extensions.validationErrorCode)] ?? byMessage[message]
  if (known !== undefined) return { ...formatted, message: known }
  const variable = extensions.code === 'BAD_USER_INPUT' ? toVariableMessage(message, error) : undefined
  return { ...formatted, message: shorten(variable ?? message) }
}

/** Names the variable, its type and the position. GraphQL's own message would quote the value. */
function toVariableMessage(message: string, error: unknown): string | undefined {
  const [node]: readonly ASTNode[] = (error instanceof GraphQLError && error.nodes) || []
  if (node?.kind !== Kind.VARIABLE_DEFINITION || !/^Variable "\$\w+" got invalid value /.test(message))
    return undefined
  const [, place] = / at "(\w+(?:\[\d+\])+)"; /.exec(message) ?? []
  const where = place === undefined ? '' : ` at "${place}"`
  return `Variable "$${node.variable.name.value}" got an invalid value${where}: it takes ${print(node.type)}.`
}

function shorten(message: string): string {
  return message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message
}
