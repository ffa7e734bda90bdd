// The domain of tasks: what makes a file upstream, how far it is, how one is asked for. Imports nothing but its sibling
// files of the domain.
import type { FileError } from './errors.js'
import { type Call, type FileId, type Lookup, parseFileId } from './file.js'

/** The two pipelines that end in a file. An id belongs to one of them. */
export type TaskKind = 'video' | 'speech'

declare const taskIdBrand: unique symbol

/** An exact int64 in its one canonical decimal form, as a file's id is. Upstream it is a text for videos, a number for speech. */
export type TaskId = string & { readonly [taskIdBrand]: true }

/** The id, or `undefined` for anything that is not one. */
export function parseTaskId(value: unknown): TaskId | undefined {
  return parseFileId(value) as string | undefined as TaskId | undefined
}

/** `OTHER`: a word of the upstream that this server does not know. The task may still go on. */
export const TASK_STATUSES = [
  'PREPARING',
  'QUEUED',
  'PROCESSING',
  'SUCCEEDED',
  'FAILED',
  'EXPIRED',
  'OTHER',
] as const
export type TaskStatus = (typeof TASK_STATUSES)[number]

/** What the upstream says of a task when it is asked once. */
export type TaskReport = {
  readonly status: TaskStatus
  /** The upstream's own word, at most 64 characters. */
  readonly statusName: string
  /** Of the file that it makes. Speech names it long before the file is there. */
  readonly fileId: FileId | null
  /** Why it failed, if it did and the upstream says why. */
  readonly failure: FileError | null
  /** Of a video that is done, in pixels. */
  readonly width: number | null
  readonly height: number | null
}

/** What clients are told of a task. */
export type Task = TaskReport & {
  readonly kind: TaskKind
  readonly id: TaskId
  /** What a speech was charged for, as far as this server created it. */
  readonly usageCharacters: number | null
  /** Unix time in milliseconds before which asking again tells nothing new. `null` once it has ended. */
  readonly nextReportAtMs: number | null
}

export function isEnded({ status }: Pick<Task, 'status'>): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'EXPIRED'
}

/** Where operations ask for tasks. */
export type Tasks = {
  /** What is known of it, if that is younger than the interval of polling, or else what the upstream says. Rejects with a `FileError`. */
  find(kind: TaskKind, id: TaskId, call: Call): Promise<Task>
  /**
   * Its present state, then each change, until it has ended. A failure that is final rejects with a `FileError`. Whoever
   * stops reading stops following.
   */
  follow(kind: TaskKind, id: TaskId, call: Call): AsyncIterableIterator<Task>
  /** Takes note of a task that was just created, so that nobody needs to ask for it. */
  begin(kind: TaskKind, id: TaskId, usageCharacters: number | null): Task
}

/** What a video is to be made from, in the upstream's terms and within its rules. */
export type VideoInput = {
  readonly model: string
  readonly prompt: string | null
  readonly duration: number | null
  readonly resolution: string | null
  readonly firstFrameImage: string | null
  readonly lastFrameImage: string | null
  readonly subjectImage: string | null
  readonly promptOptimizer: boolean | null
  readonly fastPretreatment: boolean | null
  readonly watermark: boolean | null
}

/** What is to be spoken, and how: one of `text` and `textFileId`. */
export type SpeechInput = {
  readonly model: string
  readonly text: string | null
  readonly textFileId: FileId | null
  readonly voiceId: string
  readonly speed: number | null
  readonly volume: number | null
  readonly pitch: number | null
  readonly emotion: string | null
  readonly languageBoost: string | null
  readonly sampleRate: number | null
  readonly bitrate: number | null
  readonly format: string | null
  readonly channels: number | null
  readonly watermark: boolean | null
}

/** What a task is to be made of. */
export type Order =
  | { readonly kind: 'video'; readonly input: VideoInput }
  | { readonly kind: 'speech'; readonly input: SpeechInput }

/** A task that was just created. */
export type Created = {
  readonly id: TaskId
  /** What a speech was charged for, as far as the upstream said. */
  readonly usageCharacters: number | null
}

/** What a task costs, in millionths of a US dollar. */
export type Price = {
  /** The most that it can cost. */
  readonly microUsd: number
  /** What it did cost, as far as the answer to its creation tells. */
  settle(created: Created): number
}

/**
 * The client's side of creating: sends it once. Rejects with `FileError` only: `TASK_OUTCOME_UNKNOWN` if it was sent, and
 * no answer tells how that ended.
 */
export type CreateSource = (order: Order, price: Price, lookup: Lookup) => Promise<Created>

/** How a creation ended, for the one line on it in the log. */
export type CreationEnding = {
  readonly kind: TaskKind
  readonly id: TaskId | null
  readonly microUsd: number
  /** `OK`, or the code of the failure. */
  readonly code: string
}

/** For whom a task is created. */
export type CreationCall = Call & {
  /** Whose keys these are, as far as a token tells. */
  readonly name: string | null
  /** Told once for each creation that was begun, when it has ended, though nobody waits any more. */
  readonly note: (ending: CreationEnding) => void
}

/** Where operations create tasks. */
export type Creations = {
  /**
   * Creates a task; with a key, once in 24 hours for the same input of the same caller. Rejects with a `FileError`:
   * `INVALID_INPUT` before anything is paid, `TASK_OUTCOME_UNKNOWN` if one may have been created all the same.
   */
  create(order: Order, key: string | null, call: CreationCall): Promise<Task>
}

/** The client's side: asks once. Rejects with `FileError` only: `TASK_NOT_FOUND` among others. */
export type TaskSource = (kind: TaskKind, id: TaskId, lookup: Lookup) => Promise<TaskReport>
