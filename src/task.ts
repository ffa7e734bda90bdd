// The domain of tasks, which make files upstream: their kinds and states, and how rooms ask for them and create them. Imports nothing
// but other files of the domain.
import type { FileError } from './errors.js'
import { type Call, type FileId, type Lookup, parseFileId } from './file.js'

/** The two kinds. A task id belongs to one of them. */
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

/** The upstream's answer to one query of a task. */
export type TaskReport = {
  readonly status: TaskStatus
  /** The upstream's own word, at most 64 characters. */
  readonly statusName: string
  /** The file that it makes. Speech tasks name it long before it is there. */
  readonly fileId: FileId | null
  /** Why it failed, if it did and the upstream says why. */
  readonly failure: FileError | null
  /** The size in pixels of a video that is done. */
  readonly width: number | null
  readonly height: number | null
}

/** What clients are shown of a task. */
export type Task = TaskReport & {
  readonly kind: TaskKind
  readonly id: TaskId
  /** How many characters of speech were charged; `null` if this server does not know. */
  readonly usageCharacters: number | null
  /** Until when asking again gives the same answer, in Unix ms. `null` once it has ended. */
  readonly nextReportAtMs: number | null
}

export function isEnded({ status }: Pick<Task, 'status'>): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED' || status === 'EXPIRED'
}

/** Where operations ask for tasks. */
export type Tasks = {
  /** Its last known state if that is younger than the polling interval, else what the upstream says. Rejects with a `FileError`. */
  find(kind: TaskKind, id: TaskId, call: Call): Promise<Task>
  /**
   * Its present state, then each change, until it has ended. A failure that is not retryable rejects with a `FileError`. Call
   * `return` to stop following.
   */
  follow(kind: TaskKind, id: TaskId, call: Call): AsyncIterableIterator<Task>
  /** Remembers a task that was just created, so that the upstream need not be asked for it. */
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
  /** How many characters of speech were charged, if the upstream said so. */
  readonly usageCharacters: number | null
}

/** What a task costs, in millionths of a US dollar. */
export type Price = {
  /** The most that it can cost. */
  readonly microUsd: number
  /** What it really costs, by the answer to its creation. */
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

/** The operation that creates a task. */
export type CreationCall = Call & {
  /** The caller's name, to whom the keys belong, if a token gives one. */
  readonly name: string | null
  /** Called once for each creation that was begun, when it has ended, even if nobody waits any more. */
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
