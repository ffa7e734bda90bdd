// Failures as clients see them: as data (`FileError`) and as an entry in `errors`, with the same values.
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { FileError } from '../errors.js'
import type { Caller, Context, Trail } from './context.js'
import type { FileError as FailureData } from './generated.js'
import { isNullArgument, isTooManyCoercionErrors, reword } from './wording.js'

type Operation = Pick<Caller, 'requestId' | 'report'> & { readonly trail: Pick<Trail, 'codes'> }

export type Failure = FailureData & { readonly __typename: 'FileError' }

/** The failure for anything that a look-up rejects with. Whatever is not a `FileError` is a bug: it is logged and masked. */
export function toFailure(error: unknown, { requestId, report, trail }: Operation): Failure {
  if (!(error instanceof FileError)) report(error)
  const known = error instanceof FileError ? error : new FileError('INTERNAL_SERVER_ERROR')
  const { code, message, retryable, retryAfterSeconds, upstream } = known
  trail.codes.add(code)
  return { __typename: 'FileError', code, message, retryable, retryAfterSeconds, requestId, upstream }
}

/** The same for `errors`. An error that is the client's fault is a `GraphQLError` already. */
export function toGraphQLError(error: unknown, operation: Operation): GraphQLError {
  if (error instanceof GraphQLError) return error
  const { __typename, message, ...extensions } = toFailure(error, operation)
  return new GraphQLError(message, { extensions })
}

/** The outcome of a field; a failure goes into `errors`. */
export async function orThrow<T>(outcome: Promise<T>, operation: Operation): Promise<T> {
  try {
    return await outcome
  } catch (error) {
    throw toGraphQLError(error, operation)
  }
}

/** The outcome of a field; a failure is data, and keeps the response from being reused. */
export async function orFail<T>(outcome: Promise<T>, context: Context): Promise<T | Failure> {
  try {
    return await outcome
  } catch (error) {
    context.reuse.failed()
    return toFailure(error, context)
  }
}

/**
 * The last step before an error is sent. Errors with a code, ours or Apollo Server's, pass. Everything else is a fault of ours and
 * is masked, since its message may contain anything.
 */
export function maskError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const { code, requestId } = formatted.extensions ?? {}
  if (code !== 'INTERNAL_SERVER_ERROR' || requestId !== undefined) return formatted
  if (isClientFault(error)) return { ...formatted, extensions: { code: 'BAD_REQUEST' } }
  const { message, retryable, retryAfterSeconds, upstream } = new FileError(code)
  return { ...formatted, message, extensions: { code, retryable, retryAfterSeconds, upstream } }
}

/** An error as the client gets it, for responses that do not pass through Apollo Server. */
export function formatError(error: GraphQLError, { report }: Pick<Caller, 'report'>): GraphQLFormattedError {
  if (isFault(error)) report(error)
  const extensions = { code: 'INTERNAL_SERVER_ERROR', ...error.extensions }
  return maskError(reword({ ...error.toJSON(), extensions }, error), error)
}

/** Adds to each error the id to quote and, to the client's own faults, that a retry does not help. Notes their codes. */
export function sign(
  errors: readonly GraphQLFormattedError[],
  { requestId, trail }: Pick<Context, 'requestId' | 'trail'>,
): GraphQLFormattedError[] {
  return errors.map((error) => {
    trail.codes.add(String(error.extensions?.code))
    const { code, retryable = false, ...rest } = error.extensions ?? {}
    return { ...error, extensions: { code, retryable, ...rest, requestId } }
  })
}

/** Whether it is a fault of ours, to be logged: whatever has no code and is not the client's. */
export function isFault(error: GraphQLError): boolean {
  return error.extensions.code === undefined && !isClientFault(error)
}

/** Apollo Server answers a wrong hash of a persisted query with HTTP 400, but gives it no code. */
function isClientFault(error: unknown): boolean {
  if (isTooManyCoercionErrors(error) || isNullArgument(error)) return true
  const { http } = error instanceof GraphQLError ? error.extensions : {}
  const { status } = (http ?? {}) as { status?: unknown }
  return typeof status === 'number' && status >= 400 && status < 500
}
