/**
 * @generated SignedSource<<b35ce3e5e2dc76fa14107ed2bd0ff520>>
 * @lightSyntaxTransform
 */

/* tslint:disable */
/* eslint-disable */
// @ts-nocheck

import { ConcreteRequest } from 'relay-runtime';
export type FileErrorCode = "DIGEST_MISMATCH" | "FILE_NOT_FOUND" | "FILE_TOO_LARGE" | "FORBIDDEN" | "INTERNAL_SERVER_ERROR" | "INVALID_FILE_ID" | "INVALID_INPUT" | "INVALID_TASK_ID" | "PURPOSE_MISMATCH" | "SPEND_LIMIT_EXCEEDED" | "TASK_NOT_FOUND" | "TASK_OUTCOME_UNKNOWN" | "TOO_MANY_LOOKUPS" | "UNSUPPORTED_FILE_FORMAT" | "UPLOAD_OUTCOME_UNKNOWN" | "UPSTREAM_BAD_RESPONSE" | "UPSTREAM_CONTENT_REJECTED" | "UPSTREAM_ERROR" | "UPSTREAM_FORBIDDEN" | "UPSTREAM_INSUFFICIENT_BALANCE" | "UPSTREAM_INVALID_REQUEST" | "UPSTREAM_QUOTA_EXCEEDED" | "UPSTREAM_RATE_LIMITED" | "UPSTREAM_TIMEOUT" | "UPSTREAM_UNAUTHENTICATED" | "UPSTREAM_UNAVAILABLE" | "UPSTREAM_UNSUPPORTED" | "%future added value";
export type relayShelfQuery$variables = {
  ids: ReadonlyArray<string>;
};
export type relayShelfQuery$data = {
  readonly results: ReadonlyArray<{
    readonly __typename: "File";
    readonly downloadUrl: string | null | undefined;
    readonly filename: string | null | undefined;
    readonly id: string;
  } | {
    readonly __typename: "FileError";
    readonly code: FileErrorCode;
    readonly message: string;
    readonly retryable: boolean;
  } | {
    // This will never be '%other', but we need some
    // value in case none of the concrete values match.
    readonly __typename: "%other";
  }>;
};
export type relayShelfQuery = {
  response: relayShelfQuery$data;
  variables: relayShelfQuery$variables;
};

const node: ConcreteRequest = (function(){
var v0 = [
  {
    "defaultValue": null,
    "kind": "LocalArgument",
    "name": "ids"
  }
],
v1 = [
  {
    "alias": "results",
    "args": [
      {
        "kind": "Variable",
        "name": "ids",
        "variableName": "ids"
      }
    ],
    "concreteType": null,
    "kind": "LinkedField",
    "name": "fileResults",
    "plural": true,
    "selections": [
      {
        "alias": null,
        "args": null,
        "kind": "ScalarField",
        "name": "__typename",
        "storageKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "id",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "filename",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "downloadUrl",
            "storageKey": null
          }
        ],
        "type": "File",
        "abstractKey": null
      },
      {
        "kind": "InlineFragment",
        "selections": [
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "code",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "message",
            "storageKey": null
          },
          {
            "alias": null,
            "args": null,
            "kind": "ScalarField",
            "name": "retryable",
            "storageKey": null
          }
        ],
        "type": "FileError",
        "abstractKey": null
      }
    ],
    "storageKey": null
  }
];
return {
  "fragment": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Fragment",
    "metadata": null,
    "name": "relayShelfQuery",
    "selections": (v1/*:: as any*/),
    "type": "Query",
    "abstractKey": null
  },
  "kind": "Request",
  "operation": {
    "argumentDefinitions": (v0/*:: as any*/),
    "kind": "Operation",
    "name": "relayShelfQuery",
    "selections": (v1/*:: as any*/)
  },
  "params": {
    "cacheID": "77f410a0dd40a8a12cc99e34a9f3cbd2",
    "id": null,
    "metadata": {},
    "name": "relayShelfQuery",
    "operationKind": "query",
    "text": "query relayShelfQuery(\n  $ids: [ID!]!\n) {\n  results: fileResults(ids: $ids) {\n    __typename\n    ... on File {\n      id\n      filename\n      downloadUrl\n    }\n    ... on FileError {\n      code\n      message\n      retryable\n    }\n  }\n}\n"
  }
};
})();

(node as any).hash = "36d781cdb98d6dccfa9fa4f1f40cea43";

export default node;
