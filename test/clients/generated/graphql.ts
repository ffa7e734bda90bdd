/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** The ways in which a look-up or a mutation can fail. New codes may be added: treat an unknown one by its `retryable`. */
export type FileErrorCode =
  /** The bytes received are not those that were announced. Nothing was kept. Send the file again. */
  | 'DIGEST_MISMATCH'
  /** The account has no file with this id, or the task that makes it has not finished. Check the id or the task. */
  | 'FILE_NOT_FOUND'
  /** The file is larger than is documented for its purpose, or than this server accepts. No upstream call was made. */
  | 'FILE_TOO_LARGE'
  /**
   * The caller may not do this: the token is for reading, or writing is turned off on this server. Or the ticket of a URL was
   * used, has expired or is forged: get a new one. No upstream call was made.
   */
  | 'FORBIDDEN'
  /** An internal error of this server. Retry; if it persists, report the `requestId`. */
  | 'INTERNAL_SERVER_ERROR'
  /** The id is not a positive decimal 64-bit integer without leading zeros. No upstream call was made. Correct the id. */
  | 'INVALID_FILE_ID'
  /**
   * The input breaks a documented rule, such as the purpose `OTHER`, or its `idempotencyKey` came with another input before. `message`
   * says which rule. Nothing was changed upstream; at most the file of a `textFileId` was looked up. Correct the input.
   */
  | 'INVALID_INPUT'
  /** The id is not a positive decimal 64-bit integer without leading zeros. No upstream call was made. Correct the id. */
  | 'INVALID_TASK_ID'
  /** The file has another purpose than the argument says. Correct the argument, or ask for another file. */
  | 'PURPOSE_MISMATCH'
  /** The day's budget for upstream calls is used up. No call was made. Retry after `retryAfterSeconds`. */
  | 'SPEND_LIMIT_EXCEEDED'
  /** The account has no task with this id. Check the id, and whether it is a video or a speech. */
  | 'TASK_NOT_FOUND'
  /**
   * The creation was sent, but no answer says whether there is a task. It may be billed. Look at the account's tasks before you
   * create it again, with another `idempotencyKey`.
   */
  | 'TASK_OUTCOME_UNKNOWN'
  /**
   * The operation asks for too many distinct files and tasks. Of those that it asks for at the same time none is looked up. Split
   * the operation.
   */
  | 'TOO_MANY_LOOKUPS'
  /** The purpose does not accept files with this extension. No upstream call was made. Convert or rename the file. */
  | 'UNSUPPORTED_FILE_FORMAT'
  /**
   * The file was sent completely, but no answer tells whether it was kept, and the list of files does not show it for certain.
   * Look for it in `files` before you send it again: it may exist, and may have been paid for.
   */
  | 'UPLOAD_OUTCOME_UNKNOWN'
  /** The upstream's answer could not be understood. Retry; if it persists, report it. */
  | 'UPSTREAM_BAD_RESPONSE'
  /** The upstream's content check rejected the file or the input that it was made from. A retry will not help. */
  | 'UPSTREAM_CONTENT_REJECTED'
  /** The upstream reported an error that this schema has no code for; see `upstream`. A retry will not help. */
  | 'UPSTREAM_ERROR'
  /** The account or its plan may not do this, or the group id does not match the key. The operator must correct it. */
  | 'UPSTREAM_FORBIDDEN'
  /** The upstream account is out of funds. The operator must top it up. */
  | 'UPSTREAM_INSUFFICIENT_BALANCE'
  /** The upstream refused the request as invalid. A retry will not help. Check the id and where it comes from. */
  | 'UPSTREAM_INVALID_REQUEST'
  /** A quota of the upstream account is used up. Retry after `retryAfterSeconds`. */
  | 'UPSTREAM_QUOTA_EXCEEDED'
  /** The upstream limits the rate of requests. Retry after `retryAfterSeconds`. */
  | 'UPSTREAM_RATE_LIMITED'
  /** The upstream did not answer in time. Retry. */
  | 'UPSTREAM_TIMEOUT'
  /** The upstream refused the API key: it is wrong, revoked, or of another region. The operator must correct it. */
  | 'UPSTREAM_UNAUTHENTICATED'
  /** The upstream could not be reached, or reported an internal error. Retry. */
  | 'UPSTREAM_UNAVAILABLE'
  /** The upstream does not offer this operation. A retry will not help. */
  | 'UPSTREAM_UNSUPPORTED';

export type ScreenQueryVariables = Exact<{
  video: string;
  voice: string;
}>;


export type ScreenQuery = { video: { id: string, filename: string | null, downloadUrl: string | null } | null, voice: { id: string, filename: string | null, downloadUrl: string | null } | null };

export type BatchQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type BatchQuery = { results: Array<
    | { __typename: 'File', id: string, filename: string | null, downloadUrl: string | null }
    | { __typename: 'FileError', code: FileErrorCode, message: string, retryable: boolean, retryAfterSeconds: number | null }
  > };


export const ScreenDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Screen"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"video"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"voice"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"video"},"name":{"kind":"Name","value":"file"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"video"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"filename"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}}]}},{"kind":"Field","alias":{"kind":"Name","value":"voice"},"name":{"kind":"Name","value":"file"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"voice"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"filename"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}}]}}]}}]} as unknown as DocumentNode<ScreenQuery, ScreenQueryVariables>;
export const BatchDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Batch"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"ids"}},"type":{"kind":"NonNullType","type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","alias":{"kind":"Name","value":"results"},"name":{"kind":"Name","value":"fileResults"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"ids"},"value":{"kind":"Variable","name":{"kind":"Name","value":"ids"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"File"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"filename"}},{"kind":"Field","name":{"kind":"Name","value":"downloadUrl"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"FileError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}},{"kind":"Field","name":{"kind":"Name","value":"retryAfterSeconds"}}]}}]}}]}}]} as unknown as DocumentNode<BatchQuery, BatchQueryVariables>;