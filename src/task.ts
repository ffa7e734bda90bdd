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

/** `OTHER`: a word that is new to us, which ends nothing. */
export type TaskStatus = 'PREPARING' | 'QUEUED' | 'PROCESSING' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED' | 'OTHER'

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

/** The client's side: asks once. Rejects with `FileError` only: `TASK_NOT_FOUND` among others. */
export type TaskSource = (kind: TaskKind, id: TaskId, lookup: Lookup) => Promise<TaskReport>
