// Generated from schema/ by `npm run codegen`. Do not edit.
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ListedFile as FileModel } from '../file.js';
import type { Task as TaskModel } from '../task.js';
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
  /** An integer up to 2^53 − 1, as a JSON number. The built-in `Int` ends at 2^31 − 1. */
  SafeInt: { input: number; output: number; }
  /**
   * An absolute URL. Signed links are passed on exactly as the upstream sent them: do not normalise, decode or re-encode them,
   * since one changed byte breaks the signature.
   */
  URL: { input: string; output: string; }
  _FieldSet: { input: string; output: string; }
};

/** What to speak. Set exactly one of `text` and `textFileId`. */
export type CreateSpeechInput = {
  /** The bit rate in bits per second: 32000, 64000, 128000 or 256000. */
  bitrate?: InputMaybe<Scalars['Int']['input']>;
  /** The number of channels: 1 or 2. */
  channels?: InputMaybe<Scalars['Int']['input']>;
  /** The emotion, such as `happy`, if the model supports it. */
  emotion?: InputMaybe<Scalars['String']['input']>;
  /** The format: `mp3`, `pcm`, `flac`, `wav`, `pcmu_raw`, `pcmu_wav` or `opus`. */
  format?: InputMaybe<Scalars['String']['input']>;
  /** A key of your own, 1 to 128 visible ASCII characters. The same key and input within 24 hours return the same task. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The language to improve, such as `English`, or `auto`. */
  languageBoost?: InputMaybe<Scalars['String']['input']>;
  /** The model, such as `speech-2.8-hd`. */
  model: Scalars['String']['input'];
  /** The pitch: -12 to 12. */
  pitch?: InputMaybe<Scalars['Int']['input']>;
  /** The sample rate in Hz: 8000, 16000, 22050, 24000, 32000 or 44100. */
  sampleRate?: InputMaybe<Scalars['Int']['input']>;
  /** The speed: 0.5 to 2. */
  speed?: InputMaybe<Scalars['Float']['input']>;
  /** At most 50,000 characters that fit into the request of 100 KiB. Upload a longer text and set `textFileId`. */
  text?: InputMaybe<Scalars['String']['input']>;
  /** The id of an uploaded file with the purpose `T2A_ASYNC_INPUT`. */
  textFileId?: InputMaybe<Scalars['ID']['input']>;
  /** The id of a voice: one of the upstream's or one of your own. */
  voiceId: Scalars['String']['input'];
  /** The volume: above 0, up to 10. */
  volume?: InputMaybe<Scalars['Float']['input']>;
  /** Whether to add a watermark. */
  watermark?: InputMaybe<Scalars['Boolean']['input']>;
};

/** The result of a creation: the task, or why there is none. */
export type CreateSpeechResult = FileError | SpeechTask;

/** The file to upload. The upload must match it. */
export type CreateUploadInput = {
  /** The size in bytes, at least 1. */
  bytes: Scalars['SafeInt']['input'];
  /**
   * The file name, in any script, with an extension that the purpose accepts. Folders and control characters are removed. At most
   * 255 bytes in UTF-8.
   */
  filename: Scalars['String']['input'];
  /** What the file is for. `OTHER` is refused. */
  purpose: FilePurpose;
  /** The SHA-256 digest of the bytes, in hexadecimal. An upload of other bytes is a `DIGEST_MISMATCH`. */
  sha256?: InputMaybe<Scalars['String']['input']>;
};

/** The result of `createUpload`: where to upload, or why not. */
export type CreateUploadResult = FileError | UploadTicket;

/** What to make a video from. The upstream's documentation says which fields a model takes. Unknown models are accepted. */
export type CreateVideoInput = {
  /** The length in seconds: 6, or 10 if model and resolution allow it. The default is 6. */
  duration?: InputMaybe<Scalars['Int']['input']>;
  /** Whether to improve the prompt faster. */
  fastPretreatment?: InputMaybe<Scalars['Boolean']['input']>;
  /** The first picture of the video: an https URL, or a data URL that fits into the request of 100 KiB. */
  firstFrameImage?: InputMaybe<Scalars['String']['input']>;
  /** A key of your own, 1 to 128 visible ASCII characters. The same key and input within 24 hours return the same task. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The last picture, in the same form. */
  lastFrameImage?: InputMaybe<Scalars['String']['input']>;
  /** The model, such as `MiniMax-Hailuo-2.3`. */
  model: Scalars['String']['input'];
  /** At most 2,000 characters. Some models need no prompt. */
  prompt?: InputMaybe<Scalars['String']['input']>;
  /** Whether the upstream may improve the prompt. By default it does. */
  promptOptimizer?: InputMaybe<Scalars['Boolean']['input']>;
  /** The resolution: `512P`, `720P`, `768P` or `1080P`, if the model supports it. */
  resolution?: InputMaybe<Scalars['String']['input']>;
  /** A picture of the person to show, in the same form. */
  subjectImage?: InputMaybe<Scalars['String']['input']>;
  /** Whether to add a watermark. */
  watermark?: InputMaybe<Scalars['Boolean']['input']>;
};

/** The result of a creation: the task, or why there is none. */
export type CreateVideoResult = FileError | VideoTask;

/** The result of a deletion: the deleted file, or why it was not deleted. */
export type DeleteFileResult = DeletedFile | FileError;

/** A deleted file. */
export type DeletedFile = {
  __typename?: 'DeletedFile';
  /** The id of the file. It is never used again. */
  id: Scalars['ID']['output'];
};

/**
 * A file of the MiniMax account that this server uses: an upload, or the result of a video or speech task.
 * A look-up always checks that the file exists, even if you select only `id`.
 */
export type File = {
  __typename?: 'File';
  /** A second link to the same file, if the upstream offers one. */
  backupDownloadUrl?: Maybe<Scalars['URL']['output']>;
  /** The size in bytes. `null` if unknown: the upstream does not report the size of generated videos. */
  bytes?: Maybe<Scalars['SafeInt']['output']>;
  /**
   * A URL of this server that returns the file's bytes, so that a page can show them. It needs no token: anyone who has it
   * can read the file until it expires (after `TICKET_SECONDS`, one hour by default). Selecting it makes no upstream call;
   * opening it may. `null` if the server does not know its public address (`PUBLIC_URL`).
   */
  contentUrl?: Maybe<Scalars['URL']['output']>;
  /** When the file was created or uploaded, to the second. */
  createdAt?: Maybe<Scalars['DateTime']['output']>;
  /**
   * A signed link to download the file. It needs no credentials: anyone who has it can download the file until it
   * expires. `null` if the file has no link.
   */
  downloadUrl?: Maybe<Scalars['URL']['output']>;
  /**
   * When `downloadUrl` expires, read from its signature. `null` if the link does not show it: then do not rely on the
   * link for more than an hour, the shortest lifetime that the upstream documents.
   */
  downloadUrlExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** The file name. It may contain any Unicode characters. */
  filename?: Maybe<Scalars['String']['output']>;
  /** The exact 64-bit integer, as a decimal string. */
  id: Scalars['ID']['output'];
  /** What the file is for. `OTHER` if this schema does not know the purpose yet: see `purposeName`. */
  purpose?: Maybe<FilePurpose>;
  /** The upstream's name for the purpose, such as `video_generation` or `fine-tune`. */
  purposeName?: Maybe<Scalars['String']['output']>;
};

/** A page of files. */
export type FileConnection = {
  __typename?: 'FileConnection';
  /** The files of this page, each with its cursor. */
  edges: Array<FileEdge>;
  /** The same files without cursors. */
  nodes: Array<File>;
  /** The position of this page. */
  pageInfo: PageInfo;
  /** The number of files on all pages, at this moment. */
  totalCount: Scalars['Int']['output'];
};

/** A file of a page. */
export type FileEdge = {
  __typename?: 'FileEdge';
  /** Pass it as `after` to get the files after this one. */
  cursor: Scalars['String']['output'];
  /** The file. */
  node: File;
};

/** Why a request failed. `errors[].extensions` has the same fields. */
export type FileError = {
  __typename?: 'FileError';
  /** What went wrong. Decide by this. */
  code: FileErrorCode;
  /** A fixed English sentence for the code, or for the rule that an input breaks. It never contains text from the upstream. */
  message: Scalars['String']['output'];
  /** The `x-request-id` of this request. Quote it to the operator of this server. */
  requestId: Scalars['String']['output'];
  /** How many seconds to wait before a retry; `null` if unknown. */
  retryAfterSeconds?: Maybe<Scalars['Int']['output']>;
  /** Whether the same request may succeed later. */
  retryable: Scalars['Boolean']['output'];
  /** What the upstream answered; `null` if it was not asked or did not answer. */
  upstream?: Maybe<FileErrorUpstream>;
};

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

/** What the upstream answered, reduced to what is safe to show. */
export type FileErrorUpstream = {
  __typename?: 'FileErrorUpstream';
  /** The HTTP status of the answer. MiniMax sends 200 for most failures. */
  httpStatus?: Maybe<Scalars['Int']['output']>;
  /** MiniMax's code, `base_resp.status_code`. */
  statusCode?: Maybe<Scalars['Int']['output']>;
  /** This server's wording for a known `statusCode`, never the upstream's text. */
  statusMessage?: Maybe<Scalars['String']['output']>;
  /** The upstream's id for this request. Quote it to the upstream's support. */
  traceId?: Maybe<Scalars['String']['output']>;
};

/** What a file is for. */
export type FilePurpose =
  /** A document for assistants (`assistants`). */
  | 'ASSISTANTS'
  /** Training data for fine-tuning (`fine-tune`). */
  | 'FINE_TUNE'
  /** The result of a fine-tuning run (`fine-tune-result`). */
  | 'FINE_TUNE_RESULT'
  /** A purpose that this schema does not know; see `purposeName`. As an argument it is refused with `INVALID_INPUT`. */
  | 'OTHER'
  /** A short recording that guides a cloned voice (`prompt_audio`). */
  | 'PROMPT_AUDIO'
  /** A document for retrieval (`retrieval`). */
  | 'RETRIEVAL'
  /** The result of an asynchronous speech task: a tar with audio, titles and extra data (`t2a_async`). */
  | 'T2A_ASYNC'
  /** A text for an asynchronous speech task (`t2a_async_input`). */
  | 'T2A_ASYNC_INPUT'
  /** The result of a video task (`video_generation`). */
  | 'VIDEO_GENERATION'
  /** An image, video or sound to generate a video from (`video_generation_input`). */
  | 'VIDEO_GENERATION_INPUT'
  /** A video for a model to analyse (`video_understanding`). */
  | 'VIDEO_UNDERSTANDING'
  /** A recording to clone a voice from (`voice_clone`). */
  | 'VOICE_CLONE';

/** The result of a look-up: the file, or why there is none. */
export type FileResult = File | FileError;

/** Mutations run one after the other. Every failure is data, since routers hide `errors`: an input that breaks a rule too, but not one of the wrong type. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Starts a task that turns a long text into speech. Its result is a tar with audio, subtitles and extra data. The price depends
   * on the number of characters. See `createVideo` for what is sent and paid.
   */
  createSpeech: CreateSpeechResult;
  /**
   * Returns a URL to upload a file to: `PUT` the bytes to it, without a token. A file that the upstream is documented to refuse is
   * refused here, before anything is sent. Makes no upstream call; the upload itself is one call. A caller that may not write
   * gets `FORBIDDEN`. So does every caller if the server does not know the URL at which its clients reach it.
   */
  createUpload: CreateUploadResult;
  /**
   * Starts a task that makes a video. By MiniMax's list prices it costs $0.10 or more. The price is reserved from the day's budget before sending, and is
   * in `extensions.cost`. A creation that the upstream refuses costs nothing. The request is never sent twice: if the answer is
   * lost, the failure is `TASK_OUTCOME_UNKNOWN`. With an `idempotencyKey`, the same input within 24 hours returns the same task
   * and is paid for once.
   */
  createVideo: CreateVideoResult;
  /**
   * Deletes a file permanently. Afterwards no process of this server returns it, even from its cache. After a `retryable`
   * failure the file may or may not exist: deleting again is safe, and `FILE_NOT_FOUND` says that it is gone. A caller that
   * may not write gets `FORBIDDEN`, without an upstream call.
   */
  deleteFile: DeleteFileResult;
};


/** Mutations run one after the other. Every failure is data, since routers hide `errors`: an input that breaks a rule too, but not one of the wrong type. */
export type MutationCreateSpeechArgs = {
  input: CreateSpeechInput;
};


/** Mutations run one after the other. Every failure is data, since routers hide `errors`: an input that breaks a rule too, but not one of the wrong type. */
export type MutationCreateUploadArgs = {
  input: CreateUploadInput;
};


/** Mutations run one after the other. Every failure is data, since routers hide `errors`: an input that breaks a rule too, but not one of the wrong type. */
export type MutationCreateVideoArgs = {
  input: CreateVideoInput;
};


/** Mutations run one after the other. Every failure is data, since routers hide `errors`: an input that breaks a rule too, but not one of the wrong type. */
export type MutationDeleteFileArgs = {
  id: Scalars['ID']['input'];
  purpose?: InputMaybe<FilePurpose>;
};

/** The position of a page in the list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the page's last file; `null` for an empty page. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether more files follow. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether files precede this page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the page's first file; `null` for an empty page. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

export type Query = {
  __typename?: 'Query';
  /**
   * The file with this id. A failure is `null` plus one entry in `errors`, whose `extensions.code` is a `FileErrorCode`.
   * It does not affect the other fields of the operation.
   */
  file?: Maybe<File>;
  /**
   * The same look-up with the failure as data: for clients that want a typed failure, or that are behind a router which
   * hides `errors`.
   */
  fileResult: FileResult;
  /**
   * Looks up many files at the same time. The result has one entry per id, in the order of `ids`. An id that is repeated is
   * looked up once. A list longer than ten times `MAX_LOOKUPS_PER_OPERATION` is refused as a whole with `TOO_MANY_LOOKUPS`.
   */
  fileResults: Array<FileResult>;
  /**
   * The account's files, newest first, page by page. The server fetches the whole list with one upstream call and reuses it
   * for `CACHE_LIST_SECONDS`, for all pages, purposes and clients. The list has no links: if you select `downloadUrl`,
   * `backupDownloadUrl` or `downloadUrlExpiresAt`, each file of the page is looked up as by `file`, and counts towards
   * `MAX_LOOKUPS_PER_OPERATION`. Some upstreams list by purpose only: they answer `UPSTREAM_INVALID_REQUEST` without `purpose`.
   */
  files?: Maybe<FileConnection>;
  /** The speech task with this id; see `videoTask`. */
  speechTask?: Maybe<SpeechTask>;
  /** The same with the failure as data. */
  speechTaskResult: SpeechTaskResult;
  /**
   * The video task with this id: its status, and its file once it has succeeded. Polling is cheap: until `retryAfterSeconds`
   * have passed, the last known state is returned without an upstream call. A failure is `null` plus one entry in `errors`,
   * as for `file`.
   */
  videoTask?: Maybe<VideoTask>;
  /** The same with the failure as data. */
  videoTaskResult: VideoTaskResult;
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


export type QuerySpeechTaskArgs = {
  id: Scalars['ID']['input'];
};


export type QuerySpeechTaskResultArgs = {
  id: Scalars['ID']['input'];
};


export type QueryVideoTaskArgs = {
  id: Scalars['ID']['input'];
};


export type QueryVideoTaskResultArgs = {
  id: Scalars['ID']['input'];
};

/** A task that turns a text into speech. */
export type SpeechTask = Task & {
  __typename?: 'SpeechTask';
  /** Why it failed; `null` if it has not, or if the upstream gives no reason. */
  failure?: Maybe<FileError>;
  /** The file, a tar; `null` as long as `fileId` is. Selecting it makes a look-up, as by `Query.file`. */
  file?: Maybe<File>;
  /** The id of the file; `null` until the task has succeeded, and if the upstream names none. */
  fileId?: Maybe<Scalars['ID']['output']>;
  /** The exact 64-bit integer, as a decimal string. */
  id: Scalars['ID']['output'];
  /** How many seconds to wait before asking again; `null` when the task has ended. */
  retryAfterSeconds?: Maybe<Scalars['Int']['output']>;
  /** The status. `OTHER` if this schema does not know it: see `statusName`. */
  status: TaskStatus;
  /** The upstream's name for the status, such as `Processing`. */
  statusName: Scalars['String']['output'];
  /** How many characters were charged; `null` if this server does not know, since another one created the task or it was long ago. */
  usageCharacters?: Maybe<Scalars['Int']['output']>;
};

/** The result of a look-up: the task, or why there is none. */
export type SpeechTaskResult = FileError | SpeechTask;

/** Served as server-sent events (`POST` with `Accept: text/event-stream`). Sends the present state, then each change, and completes when the task ends. */
export type Subscription = {
  __typename?: 'Subscription';
  /** Follows a speech task until it has ended. */
  speechTask: SpeechTask;
  /** Follows a video task until it has ended. */
  videoTask: VideoTask;
};


/** Served as server-sent events (`POST` with `Accept: text/event-stream`). Sends the present state, then each change, and completes when the task ends. */
export type SubscriptionSpeechTaskArgs = {
  id: Scalars['ID']['input'];
};


/** Served as server-sent events (`POST` with `Accept: text/event-stream`). Sends the present state, then each change, and completes when the task ends. */
export type SubscriptionVideoTaskArgs = {
  id: Scalars['ID']['input'];
};

/** A task that makes a file. */
export type Task = {
  /** Why it failed; `null` if it has not, or if the upstream gives no reason. */
  failure?: Maybe<FileError>;
  /** The file; `null` as long as `fileId` is. Selecting it makes a look-up, as by `Query.file`. */
  file?: Maybe<File>;
  /** The id of the file; `null` until the task has succeeded, and if the upstream names none. */
  fileId?: Maybe<Scalars['ID']['output']>;
  /** The exact 64-bit integer, as a decimal string. */
  id: Scalars['ID']['output'];
  /** How many seconds to wait before asking again; `null` when the task has ended. */
  retryAfterSeconds?: Maybe<Scalars['Int']['output']>;
  /** The status. `OTHER` if this schema does not know it: see `statusName`. */
  status: TaskStatus;
  /** The upstream's name for the status, such as `Queueing`. */
  statusName: Scalars['String']['output'];
};

/** The status of a task. */
export type TaskStatus =
  /** The upstream gave the task up, or no longer keeps its result. */
  | 'EXPIRED'
  /** Failed: see `failure`. */
  | 'FAILED'
  /** A status that this schema does not know; see `statusName`. The task may still be running. */
  | 'OTHER'
  /** Accepted. */
  | 'PREPARING'
  /** Running. */
  | 'PROCESSING'
  /** Waiting in a queue. */
  | 'QUEUED'
  /** Finished. Its file is there, unless the upstream names none or does not find it within a minute. */
  | 'SUCCEEDED';

/** A place to upload one file to, once. */
export type UploadTicket = {
  __typename?: 'UploadTicket';
  /** When the ticket expires. An upload that began before may finish. */
  expiresAt: Scalars['DateTime']['output'];
  /** The number of bytes that the ticket accepts: the announced size. */
  maxBytes: Scalars['SafeInt']['output'];
  /** The HTTP method: `PUT`. */
  method: Scalars['String']['output'];
  /**
   * The URL to send the bytes to, with their number as `Content-Length`. Anyone who has it can upload the announced file. It is
   * used up after a successful upload and after `UPLOAD_OUTCOME_UNKNOWN`. After any other failure it is still valid.
   */
  url: Scalars['URL']['output'];
};

/** A task that makes a video. */
export type VideoTask = Task & {
  __typename?: 'VideoTask';
  /** Why it failed; `null` if it has not, or if the upstream gives no reason. */
  failure?: Maybe<FileError>;
  /** The file; `null` as long as `fileId` is. Selecting it makes a look-up, as by `Query.file`. */
  file?: Maybe<File>;
  /** The id of the file; `null` until the task has succeeded, and if the upstream names none. */
  fileId?: Maybe<Scalars['ID']['output']>;
  /** The video's height in pixels; `null` until it is known. */
  height?: Maybe<Scalars['Int']['output']>;
  /** The exact 64-bit integer, as a decimal string. */
  id: Scalars['ID']['output'];
  /** How many seconds to wait before asking again; `null` when the task has ended. */
  retryAfterSeconds?: Maybe<Scalars['Int']['output']>;
  /** The status. `OTHER` if this schema does not know it: see `statusName`. */
  status: TaskStatus;
  /** The upstream's name for the status, such as `Queueing`. */
  statusName: Scalars['String']['output'];
  /** The video's width in pixels; `null` until it is known. */
  width?: Maybe<Scalars['Int']['output']>;
};

/** The result of a look-up: the task, or why there is none. */
export type VideoTaskResult = FileError | VideoTask;



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
  SpeechTask: SpeechTask;
  VideoTask: VideoTask;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  File:
    ( { __typename: 'File' }
    & GraphQLRecursivePick<FederationTypes['File'], {"id":true}> );
  SpeechTask:
    ( { __typename: 'SpeechTask' }
    & GraphQLRecursivePick<FederationTypes['SpeechTask'], {"id":true}> );
  VideoTask:
    ( { __typename: 'VideoTask' }
    & GraphQLRecursivePick<FederationTypes['VideoTask'], {"id":true}> );
};

/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  CreateSpeechResult:
    | ( FileError )
    | ( TaskModel )
  ;
  CreateUploadResult:
    | ( FileError )
    | ( UploadTicket )
  ;
  CreateVideoResult:
    | ( FileError )
    | ( TaskModel )
  ;
  DeleteFileResult:
    | ( DeletedFile )
    | ( FileError )
  ;
  FileResult:
    | ( FileModel )
    | ( FileError )
  ;
  SpeechTaskResult:
    | ( FileError )
    | ( TaskModel )
  ;
  VideoTaskResult:
    | ( FileError )
    | ( TaskModel )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Task:
    | ( TaskModel )
    | ( TaskModel )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  CreateSpeechInput: CreateSpeechInput;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CreateSpeechResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CreateSpeechResult']>;
  CreateUploadInput: CreateUploadInput;
  CreateUploadResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CreateUploadResult']>;
  CreateVideoInput: CreateVideoInput;
  CreateVideoResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['CreateVideoResult']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteFileResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['DeleteFileResult']>;
  DeletedFile: ResolverTypeWrapper<DeletedFile>;
  File: ResolverTypeWrapper<FileModel>;
  FileConnection: ResolverTypeWrapper<ConnectionModel>;
  FileEdge: ResolverTypeWrapper<Omit<FileEdge, 'node'> & { node: ResolversTypes['File'] }>;
  FileError: ResolverTypeWrapper<FileError>;
  FileErrorCode: FileErrorCode;
  FileErrorUpstream: ResolverTypeWrapper<FileErrorUpstream>;
  FilePurpose: FilePurpose;
  FileResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['FileResult']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  SafeInt: ResolverTypeWrapper<Scalars['SafeInt']['output']>;
  SpeechTask: ResolverTypeWrapper<TaskModel>;
  SpeechTaskResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['SpeechTaskResult']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Task: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Task']>;
  TaskStatus: TaskStatus;
  URL: ResolverTypeWrapper<Scalars['URL']['output']>;
  UploadTicket: ResolverTypeWrapper<UploadTicket>;
  VideoTask: ResolverTypeWrapper<TaskModel>;
  VideoTaskResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['VideoTaskResult']>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  CreateSpeechInput: CreateSpeechInput;
  Int: Scalars['Int']['output'];
  String: Scalars['String']['output'];
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Boolean: Scalars['Boolean']['output'];
  CreateSpeechResult: ResolversUnionTypes<ResolversParentTypes>['CreateSpeechResult'];
  CreateUploadInput: CreateUploadInput;
  CreateUploadResult: ResolversUnionTypes<ResolversParentTypes>['CreateUploadResult'];
  CreateVideoInput: CreateVideoInput;
  CreateVideoResult: ResolversUnionTypes<ResolversParentTypes>['CreateVideoResult'];
  DateTime: Scalars['DateTime']['output'];
  DeleteFileResult: ResolversUnionTypes<ResolversParentTypes>['DeleteFileResult'];
  DeletedFile: DeletedFile;
  File: FileModel;
  FileConnection: ConnectionModel;
  FileEdge: Omit<FileEdge, 'node'> & { node: ResolversParentTypes['File'] };
  FileError: FileError;
  FileErrorUpstream: FileErrorUpstream;
  FileResult: ResolversUnionTypes<ResolversParentTypes>['FileResult'];
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  SafeInt: Scalars['SafeInt']['output'];
  SpeechTask: TaskModel;
  SpeechTaskResult: ResolversUnionTypes<ResolversParentTypes>['SpeechTaskResult'];
  Subscription: Record<PropertyKey, never>;
  Task: ResolversInterfaceTypes<ResolversParentTypes>['Task'];
  URL: Scalars['URL']['output'];
  UploadTicket: UploadTicket;
  VideoTask: TaskModel;
  VideoTaskResult: ResolversUnionTypes<ResolversParentTypes>['VideoTaskResult'];
};

export type CreateSpeechResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateSpeechResult'] = ResolversParentTypes['CreateSpeechResult']> = {
  __resolveType: TypeResolveFn<'FileError' | 'SpeechTask', ParentType, ContextType>;
};

export type CreateUploadResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateUploadResult'] = ResolversParentTypes['CreateUploadResult']> = {
  __resolveType: TypeResolveFn<'FileError' | 'UploadTicket', ParentType, ContextType>;
};

export type CreateVideoResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateVideoResult'] = ResolversParentTypes['CreateVideoResult']> = {
  __resolveType: TypeResolveFn<'FileError' | 'VideoTask', ParentType, ContextType>;
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
  createSpeech?: Resolver<ResolversTypes['CreateSpeechResult'], ParentType, ContextType, RequireFields<MutationCreateSpeechArgs, 'input'>>;
  createUpload?: Resolver<ResolversTypes['CreateUploadResult'], ParentType, ContextType, RequireFields<MutationCreateUploadArgs, 'input'>>;
  createVideo?: Resolver<ResolversTypes['CreateVideoResult'], ParentType, ContextType, RequireFields<MutationCreateVideoArgs, 'input'>>;
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
  speechTask?: Resolver<Maybe<ResolversTypes['SpeechTask']>, ParentType, ContextType, RequireFields<QuerySpeechTaskArgs, 'id'>>;
  speechTaskResult?: Resolver<ResolversTypes['SpeechTaskResult'], ParentType, ContextType, RequireFields<QuerySpeechTaskResultArgs, 'id'>>;
  videoTask?: Resolver<Maybe<ResolversTypes['VideoTask']>, ParentType, ContextType, RequireFields<QueryVideoTaskArgs, 'id'>>;
  videoTaskResult?: Resolver<ResolversTypes['VideoTaskResult'], ParentType, ContextType, RequireFields<QueryVideoTaskResultArgs, 'id'>>;
};

export interface SafeIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['SafeInt'], any> {
  name: 'SafeInt';
}

export type SpeechTaskResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SpeechTask'] = ResolversParentTypes['SpeechTask'], FederationReferenceType extends FederationReferenceTypes['SpeechTask'] = FederationReferenceTypes['SpeechTask']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['SpeechTask']> | FederationReferenceType, FederationReferenceType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['FileError']>, ParentType, ContextType>;
  file?: Resolver<Maybe<ResolversTypes['File']>, ParentType, ContextType>;
  fileId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  retryAfterSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['TaskStatus'], ParentType, ContextType>;
  statusName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  usageCharacters?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SpeechTaskResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['SpeechTaskResult'] = ResolversParentTypes['SpeechTaskResult']> = {
  __resolveType: TypeResolveFn<'FileError' | 'SpeechTask', ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  speechTask?: SubscriptionResolver<ResolversTypes['SpeechTask'], "speechTask", ParentType, ContextType, RequireFields<SubscriptionSpeechTaskArgs, 'id'>>;
  videoTask?: SubscriptionResolver<ResolversTypes['VideoTask'], "videoTask", ParentType, ContextType, RequireFields<SubscriptionVideoTaskArgs, 'id'>>;
};

export type TaskResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Task'] = ResolversParentTypes['Task']> = {
  __resolveType: TypeResolveFn<'SpeechTask' | 'VideoTask', ParentType, ContextType>;
};

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

export type VideoTaskResolvers<ContextType = Context, ParentType extends ResolversParentTypes['VideoTask'] = ResolversParentTypes['VideoTask'], FederationReferenceType extends FederationReferenceTypes['VideoTask'] = FederationReferenceTypes['VideoTask']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['VideoTask']> | FederationReferenceType, FederationReferenceType, ContextType>;
  failure?: Resolver<Maybe<ResolversTypes['FileError']>, ParentType, ContextType>;
  file?: Resolver<Maybe<ResolversTypes['File']>, ParentType, ContextType>;
  fileId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  height?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  retryAfterSeconds?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['TaskStatus'], ParentType, ContextType>;
  statusName?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  width?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type VideoTaskResultResolvers<ContextType = Context, ParentType extends ResolversParentTypes['VideoTaskResult'] = ResolversParentTypes['VideoTaskResult']> = {
  __resolveType: TypeResolveFn<'FileError' | 'VideoTask', ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  CreateSpeechResult?: CreateSpeechResultResolvers<ContextType>;
  CreateUploadResult?: CreateUploadResultResolvers<ContextType>;
  CreateVideoResult?: CreateVideoResultResolvers<ContextType>;
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
  SpeechTask?: SpeechTaskResolvers<ContextType>;
  SpeechTaskResult?: SpeechTaskResultResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Task?: TaskResolvers<ContextType>;
  URL?: GraphQLScalarType;
  UploadTicket?: UploadTicketResolvers<ContextType>;
  VideoTask?: VideoTaskResolvers<ContextType>;
  VideoTaskResult?: VideoTaskResultResolvers<ContextType>;
};

