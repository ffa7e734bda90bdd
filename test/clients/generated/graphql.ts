/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Every way in which a look-up or a change can fail. */
export type FileErrorCode =
  /** The bytes that came are not those that were announced. Nothing was kept. Send the file again. */
  | 'DIGEST_MISMATCH'
  /** The account has no file of this id, or its task has not finished yet. Check the id, or the task's state. */
  | 'FILE_NOT_FOUND'
  /** The file is larger than is documented for its purpose, or than this server takes. No call was made. */
  | 'FILE_TOO_LARGE'
  /**
   * Whoever asks may not write: the token is for reading, or writing is off on this server. Or the ticket of a `contentUrl` is
   * forged or past its time: ask for a new one. No call was made.
   */
  | 'FORBIDDEN'
  /** A fault of this server's. Ask again; if it stays, report the `requestId`. */
  | 'INTERNAL_SERVER_ERROR'
  /** The id is not a positive decimal int64 without leading zeros. No call was made. Mend the id. */
  | 'INVALID_FILE_ID'
  /** The input breaks a rule that its description states, such as the purpose `OTHER`. No call was made. Mend the input. */
  | 'INVALID_INPUT'
  /** The file is not of the purpose that the argument expects. Mend the argument, or ask for another file. */
  | 'PURPOSE_MISMATCH'
  /** The day's budget for upstream calls is used up. No call was made. Ask again after `retryAfterSeconds`. */
  | 'SPEND_LIMIT_EXCEEDED'
  /** The operation asks for more distinct files than it may; none was looked up. Split it. */
  | 'TOO_MANY_LOOKUPS'
  /** The ending of the file's name is none that its purpose takes. No call was made. Convert or rename the file. */
  | 'UNSUPPORTED_FILE_FORMAT'
  /**
   * The file was sent whole, but no answer tells whether it was kept, and the list of files does not show it for certain. Look
   * for it in `files` before you send it again: it may be there, and may be paid for.
   */
  | 'UPLOAD_OUTCOME_UNKNOWN'
  /** The upstream's answer could not be understood. Ask again; if it stays, report it. */
  | 'UPSTREAM_BAD_RESPONSE'
  /** The upstream's content check rejected what the file was made from or holds. Asking again will not help. */
  | 'UPSTREAM_CONTENT_REJECTED'
  /** The upstream reported an error that this schema has no name for; see `upstream`. Asking again will not help. */
  | 'UPSTREAM_ERROR'
  /** The account or its plan may not do this, or the configured group is not the key's. The operator must mend it. */
  | 'UPSTREAM_FORBIDDEN'
  /** The account is out of funds. The operator must top it up. */
  | 'UPSTREAM_INSUFFICIENT_BALANCE'
  /** The upstream refused the request as invalid. Asking again will not help; check the id and its origin. */
  | 'UPSTREAM_INVALID_REQUEST'
  /** A quota of the account is used up for now. Ask again after `retryAfterSeconds`. */
  | 'UPSTREAM_QUOTA_EXCEEDED'
  /** The upstream limits the rate of requests. Ask again after `retryAfterSeconds`. */
  | 'UPSTREAM_RATE_LIMITED'
  /** The upstream did not answer in time. Ask again. */
  | 'UPSTREAM_TIMEOUT'
  /** The upstream refused the API key: wrong, revoked, or of another region. The operator must mend it. */
  | 'UPSTREAM_UNAUTHENTICATED'
  /** The upstream could not be reached, or reported a fault of its own. Ask again. */
  | 'UPSTREAM_UNAVAILABLE'
  /** The upstream does not have this operation: its path leads to nothing, to a page or elsewhere. Asking again will not help. */
  | 'UPSTREAM_UNSUPPORTED';

export type ScreenQueryVariables = Exact<{
  video: string | number;
  voice: string | number;
}>;


export type ScreenQuery = { video: { id: string, filename: string | null, downloadUrl: string | null } | null, voice: { id: string, filename: string | null, downloadUrl: string | null } | null };

export type BatchQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type BatchQuery = { results: Array<
    | { __typename: 'File', id: string, filename: string | null, downloadUrl: string | null }
    | { __typename: 'FileError', code: FileErrorCode, message: string, retryable: boolean, retryAfterSeconds: number | null }
  > };


export const ScreenDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Screen"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"video"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"voice"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"video"},"name":{"kind":"Name","value":"file"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"video"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"filename"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"voice"},"name":{"kind":"Name","value":"file"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"voice"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"filename"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}}]}}]}}]} as unknown as DocumentNode<ScreenQuery, ScreenQueryVariables>;
export const BatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Batch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"results"},"name":{"kind":"Name","value":"fileResults"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"File"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"filename"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"FileError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}}]}}]}}]} as unknown as DocumentNode<BatchQuery, BatchQueryVariables>;