// Generated from schema/ by `npm run codegen`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ListedFile as FileModel } from '../file.js';
import type { Connection as ConnectionModel } from './connection.js';
import type { Context } from './context.js';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** An instant in UTC as an RFC 3339 string, such as `2025-11-18T14:49:41.000Z`. */
  DateTime: { input: Date; output: Date; }
  /** An integer as a JSON number, exact up to 2^53 − 1, where the built-in `Int` ends at 2^31 − 1. */
  SafeInt: { input: number; output: number; }
  /**
   * An absolute URL, byte for byte as the upstream signed it. Do not normalise, decode or re-encode it: one
   * changed byte breaks the signature.
   */
  URL: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

/** What is to be uploaded. The upload must be just that. */
export type CreateUploadInput = {
  /** Its size: at least 1. */
  bytes: Scalars['SafeInt']['input'];
  /** Its name, in any script, with an ending that the purpose takes. Folders and control characters are left out. */
  filename: Scalars['String']['input'];
  /** What the file is for. `OTHER` is refused. */
  purpose: FilePurpose;
  /** The SHA-256 of its bytes, in hexadecimal. Bytes that have another are not uploaded, but answer `DIGEST_MISMATCH`. */
  sha256?: InputMaybe<Scalars['String']['input']>;
};

/** Where to upload, or why not to. */
export type CreateUploadResult = FileError | UploadTicket;

/** A deletion's outcome: which file is gone, or why it is not. */
export type DeleteFileResult = DeletedFile | FileError;

/** A file that is gone. */
export type DeletedFile = {
  __typename?: 'DeletedFile';
  /** The id that it had. No other file ever gets it. */
  id: Scalars['ID']['output'];
};

/**
 * A file of the MiniMax account that this server uses: an upload, or what a video or speech task produced.
 * Every look-up asks whether the file exists, even where only `id` is selected.
 */
export type File = {
  __typename?: 'File';
  /** A second place to download the same file, where the upstream offers one. */
  backupDownloadUrl?: Maybe<Scalars['URL']['output']>;
  /** The size in bytes. `null` where it is unknown: the upstream does not know it for generated videos. */
  bytes?: Maybe<Scalars['SafeInt']['output']>;
  /**
   * Where this server gives the file's bytes, in a form that a page can show. It needs no token: whoever has it can read
   * the file, for an hour unless the server is set otherwise. Asks nothing upstream until it is opened. `null` where
   * the server does not know under which address its clients reach it.
   */
  contentUrl?: Maybe<Scalars['URL']['output']>;
  /** When the file was made or uploaded, to the second. */
  createdAt?: Maybe<Scalars['DateTime']['output']>;
  /**
   * Where to download the file. The link needs no credentials, and whoever has it can download the file until
   * it expires. `null` where the file has none.
   */
  downloadUrl?: Maybe<Scalars['URL']['output']>;
  /**
   * When `downloadUrl` dies, read from its signature. `null` where the link shows no end: then do not rely on it
   * for longer than an hour, the shortest time that the upstream documents.
   */
  downloadUrlExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** The name that the upstream gave or was given, in any script. */
  filename?: Maybe<Scalars['String']['output']>;
  /** The int64, exact, as a decimal string. */
  id: Scalars['ID']['output'];
  /** What the file is for. `OTHER` where the upstream's word is new to this schema: see `purposeName`. */
  purpose?: Maybe<FilePurpose>;
  /** The upstream's own word for the purpose, such as `video_generation` or `fine-tune`. */
  purposeName?: Maybe<Scalars['String']['output']>;
};

/** A page of files. */
export type FileConnection = {
  __typename?: 'FileConnection';
  /** The files of this page, each with its cursor. */
  edges: Array<FileEdge>;
  /** The same files without cursors. */
  nodes: Array<File>;
  /** Where this page stands. */
  pageInfo: PageInfo;
  /** How many files there are on all pages, now. */
  totalCount: Scalars['Int']['output'];
};

/** A file of a page. */
export type FileEdge = {
  __typename?: 'FileEdge';
  /** Given as `after`, it leads to the files after this one. */
  cursor: Scalars['String']['output'];
  /** The file. */
  node: File;
};

/** Why a look-up failed. The same values stand in `errors[].extensions` where the failure is reported there. */
export type FileError = {
  __typename?: 'FileError';
  /** What went wrong, and what to do about it. */
  code: FileErrorCode;
  /** A fixed English sentence for the code. It holds no text of the upstream's. */
  message: Scalars['String']['output'];
  /** This request's `x-request-id`: quote it to whoever runs this server. */
  requestId: Scalars['String']['output'];
  /** Ask again after this many seconds; `null` where nothing is known. */
  retryAfterSeconds?: Maybe<Scalars['Int']['output']>;
  /** Whether the same look-up may succeed when it is asked again. */
  retryable: Scalars['Boolean']['output'];
  /** What the upstream said; `null` where it was not asked or did not answer. */
  upstream?: Maybe<FileErrorUpstream>;
};

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

/** What the upstream said, reduced to what is safe to show. */
export type FileErrorUpstream = {
  __typename?: 'FileErrorUpstream';
  /** The HTTP status of its answer. MiniMax sends 200 for most failures. */
  httpStatus?: Maybe<Scalars['Int']['output']>;
  /** MiniMax's own code, `base_resp.status_code`. */
  statusCode?: Maybe<Scalars['Int']['output']>;
  /** This server's wording for a `statusCode` that it knows; never the upstream's text. */
  statusMessage?: Maybe<Scalars['String']['output']>;
  /** The upstream's id of the exchange: quote it to the upstream's support. */
  traceId?: Maybe<Scalars['String']['output']>;
};

/** What a file is for, as the upstream files it. */
export type FilePurpose =
  /** A document for assistants (`assistants`). */
  | 'ASSISTANTS'
  /** Training data for fine-tuning (`fine-tune`). */
  | 'FINE_TUNE'
  /** What a fine-tuning run produced (`fine-tune-result`). */
  | 'FINE_TUNE_RESULT'
  /** A purpose that is new to this schema; `purposeName` has the upstream's word. `INVALID_INPUT` as an argument. */
  | 'OTHER'
  /** A short recording that steers a cloned voice (`prompt_audio`). */
  | 'PROMPT_AUDIO'
  /** A document for retrieval (`retrieval`). */
  | 'RETRIEVAL'
  /** What an asynchronous speech task produced: a tar of audio, titles and extras (`t2a_async`). */
  | 'T2A_ASYNC'
  /** A text to be spoken by an asynchronous speech task (`t2a_async_input`). */
  | 'T2A_ASYNC_INPUT'
  /** A video that a task produced (`video_generation`). */
  | 'VIDEO_GENERATION'
  /** An image, video or sound to make a video from (`video_generation_input`). */
  | 'VIDEO_GENERATION_INPUT'
  /** A video for a model to watch (`video_understanding`). */
  | 'VIDEO_UNDERSTANDING'
  /** A recording to clone a voice from (`voice_clone`). */
  | 'VOICE_CLONE';

/** A look-up's outcome: the file, or why there is none. */
export type FileResult = File | FileError;

/** Changes. They run in the order in which they stand; each fails as data, wrong input too, since routers hide `errors`. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Says where to upload a file: `PUT` its bytes to the ticket's `url`, which needs no token. What is documented not to be taken
   * is refused here, before anything is sent. Asks nothing upstream; the upload itself is one call. Who may not write gets
   * `FORBIDDEN`, and so does everybody where the server does not know under which address its clients reach it.
   */
  createUpload: CreateUploadResult;
  /**
   * Deletes a file for good. Afterwards no process of this server shows it, whatever it remembers. After a failure that is
   * `retryable` the file may be there or not: to delete it once more does no harm, and `FILE_NOT_FOUND` says that it is gone.
   * Who may not write gets `FORBIDDEN`, without a call.
   */
  deleteFile: DeleteFileResult;
};


/** Changes. They run in the order in which they stand; each fails as data, wrong input too, since routers hide `errors`. */
export type MutationCreateUploadArgs = {
  input: CreateUploadInput;
};


/** Changes. They run in the order in which they stand; each fails as data, wrong input too, since routers hide `errors`. */
export type MutationDeleteFileArgs = {
  id: Scalars['ID']['input'];
  purpose?: InputMaybe<FilePurpose>;
};

/** Where a page stands among the others. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of its last file; `null` for an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there are files after this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there are files before it. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of its first file; `null` for an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

export type Query = {
  __typename?: 'Query';
  /**
   * The file of this id. A failure is `null` plus one entry in `errors`, whose `extensions.code` is a
   * `FileErrorCode`; the other fields of the operation keep their data.
   */
  file?: Maybe<File>;
  /**
   * The same look-up with the failure as data, for clients behind a router that hides `errors`, and for those
   * who want the failure typed.
   */
  fileResult: FileResult;
  /**
   * Many look-ups at once, all under way together: one result per id, in the order of `ids` and of the same
   * length. An id that is named twice is looked up once. A list of more than ten times the distinct ids that one
   * operation may ask for is refused as a whole with `TOO_MANY_LOOKUPS`.
   */
  fileResults: Array<FileResult>;
  /**
   * The account's files, newest first, a page at a time. All pages are cut from one listing, which is asked for once in some
   * seconds (`CACHE_LIST_SECONDS`), whoever asks and for whatever purpose; the fields that it has cost nothing more. It has no
   * links: each file whose `downloadUrl`, `backupDownloadUrl` or `downloadUrlExpiresAt` is selected is looked up, as `file`
   * does it, and counts towards what one operation may look up. An upstream that lists by purpose only answers
   * `UPSTREAM_INVALID_REQUEST` until `purpose` is given.
   */
  files?: Maybe<FileConnection>;
};


export type QueryFileArgs = {
  id: Scalars['ID']['input'];
  purpose?: InputMaybe<FilePurpose>;
};


export type QueryFileResultArgs = {
  id: Scalars['ID']['input'];
  purpose?: InputMaybe<FilePurpose>;
};


export type QueryFileResultsArgs = {
  ids: Array<Scalars['ID']['input']>;
  purpose?: InputMaybe<FilePurpose>;
};


export type QueryFilesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  purpose?: InputMaybe<FilePurpose>;
};

/** A place to upload one file to, once. */
export type UploadTicket = {
  __typename?: 'UploadTicket';
  /** Until when the upload must begin. */
  expiresAt: Scalars['DateTime']['output'];
  /** How many bytes it takes: as many as were announced. */
  maxBytes: Scalars['SafeInt']['output'];
  /** The HTTP method to send them by: `PUT`. */
  method: Scalars['String']['output'];
  /**
   * Where to send the bytes, with their size as `Content-Length`. Whoever has it can upload the file that was announced. It is
   * used up once the file is uploaded or that is unknown; after a failure that says otherwise it is still good.
   */
  url: Scalars['URL']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  File: File;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  File:
    ( { __typename: 'File' }
    & GraphQLRecursivePick<FederationTypes['File'], {"id":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  CreateUploadResult:
    | ( FileError )
    | ( UploadTicket )
  ;
  DeleteFileResult:
    | ( DeletedFile )
    | ( FileError )
  ;
  FileResult:
    | ( FileModel )
    | ( FileError )
  ;
};


/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  CreateUploadInput: CreateUploadInput;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  CreateUploadResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CreateUploadResult']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteFileResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['DeleteFileResult']>;
  DeletedFile: ResolverTypeWrapper<DeletedFile>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  File: ResolverTypeWrapper<FileModel>;
  FileConnection: ResolverTypeWrapper<ConnectionModel>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  FileEdge: ResolverTypeWrapper<Omit<FileEdge, 'node'> & { node: ResolversTypes['File'] }>;
  FileError: ResolverTypeWrapper<FileError>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  FileErrorCode: FileErrorCode;
  FileErrorUpstream: ResolverTypeWrapper<FileErrorUpstream>;
  FilePurpose: FilePurpose;
  FileResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['FileResult']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  URL: ResolverTypeWrapper<Scalars['URL']['output']>;
  UploadTicket: ResolverTypeWrapper<UploadTicket>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  CreateUploadInput: CreateUploadInput;
  String: Scalars['String']['output'];
  CreateUploadResult: ResolversUnionTypes<ResolversParentTypes>['CreateUploadResult'];
  DateTime: Scalars['DateTime']['output'];
  DeleteFileResult: ResolversUnionTypes<ResolversParentTypes>['DeleteFileResult'];
  DeletedFile: DeletedFile;
  ID: Scalars['ID']['output'];
  File: FileModel;
  FileConnection: ConnectionModel;
  Int: Scalars['Int']['output'];
  FileEdge: Omit<FileEdge, 'node'> & { node: ResolversParentTypes['File'] };
  FileError: FileError;
  Boolean: Scalars['Boolean']['output'];
  FileErrorUpstream: FileErrorUpstream;
  FileResult: ResolversUnionTypes<ResolversParentTypes>['FileResult'];
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  SafeInt: Scalars['SafeInt']['output'];
  URL: Scalars['URL']['output'];
  UploadTicket: UploadTicket;
};

export type CreateUploadResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateUploadResult'] = ResolversParentTypes['CreateUploadResult']> = {
  __resolveType: TypeResolveFn<'FileError' | 'UploadTicket', ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteFileResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteFileResult'] = ResolversParentTypes['DeleteFileResult']> = {
  __resolveType: TypeResolveFn<'DeletedFile' | 'FileError', ParentType, ContextType>;
};

export type DeletedFileResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeletedFile'] = ResolversParentTypes['DeletedFile']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FileResolvers<ContextType = Context, ParentType extends ResolversParentTypes['File'] = ResolversParentTypes['File'], FederationReferenceType extends FederationReferenceTypes['File'] = FederationReferenceTypes['File']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['File']> | FederationReferenceType, FederationReferenceType, ContextType>;
  backupDownloadUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  bytes?: Resolver<Maybe<ResolversTypes['SafeInt']>, ParentType, ContextType>;
  contentUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  createdAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  downloadUrl?: Resolver<Maybe<ResolversTypes['URL']>, ParentType, ContextType>;
  downloadUrlExpiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  filename?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  purpose?: Resolver<Maybe<ResolversTypes['FilePurpose']>, ParentType, ContextType>;
  purposeName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FileConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FileConnection'] = ResolversParentTypes['FileConnection']> = {
  edges?: Resolver<Array<ResolversTypes['FileEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['File']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type FileEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FileEdge'] = ResolversParentTypes['FileEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['File'], ParentType, ContextType>;
};

export type FileErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FileError'] = ResolversParentTypes['FileError']> = {
  code?: Resolver<ResolversTypes['FileErrorCode'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requestId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  retryAfterSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  retryable?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  upstream?: Resolver<Maybe<ResolversTypes['FileErrorUpstream']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type FileErrorUpstreamResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FileErrorUpstream'] = ResolversParentTypes['FileErrorUpstream']> = {
  httpStatus?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  statusCode?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  statusMessage?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  traceId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type FileResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['FileResult'] = ResolversParentTypes['FileResult']> = {
  __resolveType: TypeResolveFn<'File' | 'FileError', ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createUpload?: Resolver<ResolversTypes['CreateUploadResult'], ParentType, ContextType, RequireFields<MutationCreateUploadArgs, 'input'>>;
  deleteFile?: Resolver<ResolversTypes['DeleteFileResult'], ParentType, ContextType, RequireFields<MutationDeleteFileArgs, 'id'>>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  file?: Resolver<Maybe<ResolversTypes['File']>, ParentType, ContextType, RequireFields<QueryFileArgs, 'id'>>;
  fileResult?: Resolver<ResolversTypes['FileResult'], ParentType, ContextType, RequireFields<QueryFileResultArgs, 'id'>>;
  fileResults?: Resolver<Array<ResolversTypes['FileResult']>, ParentType, ContextType, RequireFields<QueryFileResultsArgs, 'ids'>>;
  files?: Resolver<Maybe<ResolversTypes['FileConnection']>, ParentType, ContextType, RequireFields<QueryFilesArgs, 'first'>>;
};

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export interface UrlScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['URL'], any> {
  name: 'URL';
}

export type UploadTicketResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UploadTicket'] = ResolversParentTypes['UploadTicket']> = {
  expiresAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  maxBytes?: Resolver<ResolversTypes['SafeInt'], ParentType, ContextType>;
  method?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  url?: Resolver<ResolversTypes['URL'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  CreateUploadResult?: CreateUploadResultResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteFileResult?: DeleteFileResultResolvers<ContextType>;
  DeletedFile?: DeletedFileResolvers<ContextType>;
  File?: FileResolvers<ContextType>;
  FileConnection?: FileConnectionResolvers<ContextType>;
  FileEdge?: FileEdgeResolvers<ContextType>;
  FileError?: FileErrorResolvers<ContextType>;
  FileErrorUpstream?: FileErrorUpstreamResolvers<ContextType>;
  FileResult?: FileResultResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  SafeInt?: GraphQLScalarType;
  URL?: GraphQLScalarType;
  UploadTicket?: UploadTicketResolvers<ContextType>;
};

