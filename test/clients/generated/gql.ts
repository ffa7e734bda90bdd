/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Screen($video: ID!, $voice: ID!) {\n    video: file(id: $video) { id filename downloadUrl }\n    voice: file(id: $voice) { id filename downloadUrl }\n  }\n": typeof types.ScreenDocument,
    "\n  query Batch($ids: [ID!]!) {\n    results: fileResults(ids: $ids) {\n      __typename\n      ... on File { id filename downloadUrl }\n      ... on FileError { code message retryable retryAfterSeconds }\n    }\n  }\n": typeof types.BatchDocument,
};
const documents: Documents = {
    "\n  query Screen($video: ID!, $voice: ID!) {\n    video: file(id: $video) { id filename downloadUrl }\n    voice: file(id: $voice) { id filename downloadUrl }\n  }\n": types.ScreenDocument,
    "\n  query Batch($ids: [ID!]!) {\n    results: fileResults(ids: $ids) {\n      __typename\n      ... on File { id filename downloadUrl }\n      ... on FileError { code message retryable retryAfterSeconds }\n    }\n  }\n": types.BatchDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Screen($video: ID!, $voice: ID!) {\n    video: file(id: $video) { id filename downloadUrl }\n    voice: file(id: $voice) { id filename downloadUrl }\n  }\n"): (typeof documents)["\n  query Screen($video: ID!, $voice: ID!) {\n    video: file(id: $video) { id filename downloadUrl }\n    voice: file(id: $voice) { id filename downloadUrl }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Batch($ids: [ID!]!) {\n    results: fileResults(ids: $ids) {\n      __typename\n      ... on File { id filename downloadUrl }\n      ... on FileError { code message retryable retryAfterSeconds }\n    }\n  }\n"): (typeof documents)["\n  query Batch($ids: [ID!]!) {\n    results: fileResults(ids: $ids) {\n      __typename\n      ... on File { id filename downloadUrl }\n      ... on FileError { code message retryable retryAfterSeconds }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;