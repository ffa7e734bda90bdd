// GET /v1/query/…: how far one task is. Videos have their ids as texts, speech as numbers; each upstream and each page of the
// documents spells the statuses in its own way.
import { FileError } from '../errors.js'
import { parseFileId } from '../file.js'
import { parseTaskId, type TaskId, type TaskReport, type TaskSource, type TaskStatus } from '../task.js'
import type { WireResponse } from '../wire/wire.js'
import { parseBody, type Reading, readAnswer } from './answer.js'
import type { Ask } from './ask.js'
import { type DecodeOptions, isBlank, MAX_INT, type Notice, parsePositive } from './decode.js'
import type { Targets } from './request.js'

/** By the letters of the upstream's word, in lower case. Documented, seen, or likely to come. */
const statuses: Readonly<Record<string, TaskStatus>> = {
  preparing: 'PREPARING',
  queueing: 'QUEUED',
  queuing: 'QUEUED',
  queued: 'QUEUED',
  processing: 'PROCESSING',
  running: 'PROCESSING',
  success: 'SUCCEEDED',
  succeeded: 'SUCCEEDED',
  fail: 'FAILED',
  failed: 'FAILED',
  expired: 'EXPIRED',
}

/** How a task ends without a file. */
const FAILED_STATUSES: ReadonlySet<TaskStatus> = new Set(['FAILED', 'EXPIRED'])

const MAX_STATUS_LENGTH = 64

type Answer = Readonly<Record<string, unknown>>

export function createTaskSource(ask: Ask, toTarget: Targets['query'], options: DecodeOptions): TaskSource {
  return (kind, id, lookup) =>
    ask(
      {
        target: toTarget(kind, id),
        priceMicroUsd: 0,
        read: (response) => readReport(response, id, options),
      },
      lookup,
    )
}

function readReport(response: WireResponse, id: TaskId, options: DecodeOptions): Reading<TaskReport> {
  const reading = readAnswer(
    parseBody(response.body),
    response,
    { ...options, mayLack: true },
    (answer) => parseReport(answer, id, null, options.notice),
    // Beside the status of a task that failed it is the reason; elsewhere it is the query that failed.
    (answer, error) =>
      FAILED_STATUSES.has(toStatus(parseStatusName(answer.status)))
        ? parseReport(answer, id, error, options.notice)
        : undefined,
  )
  if ('value' in reading || reading.failure.error.upstream?.statusCode !== 2013) return reading
  const { upstream } = reading.failure.error
  return { failure: { ...reading.failure, error: new FileError('TASK_NOT_FOUND', { upstream }) } }
}

/** `undefined` for an answer that is no report, or is one on another task. */
function parseReport(
  answer: Answer,
  id: TaskId,
  failure: FileError | null,
  notice: Notice,
): TaskReport | undefined {
  const statusName = parseStatusName(answer.status)
  if (statusName === '' || !(isBlank(answer.task_id) || parseTaskId(answer.task_id) === id)) {
    notice('unusable identity in an answer', { field: statusName === '' ? 'status' : 'task_id' })
    return undefined
  }
  const fileId = parseFileId(answer.file_id) ?? null
  if (fileId === null && !isBlank(answer.file_id)) notice('unusable field in an answer', { field: 'file_id' })
  return {
    status: toStatus(statusName),
    statusName,
    fileId,
    failure,
    width: parsePositive(answer.video_width, MAX_INT),
    height: parsePositive(answer.video_height, MAX_INT),
  }
}

/** The upstream's word without what cannot be shown; empty where there is none. Some say it by a number. */
function parseStatusName(raw: unknown): string {
  const text = typeof raw === 'number' ? String(raw) : raw
  if (typeof text !== 'string') return ''
  return text.slice(0, MAX_STATUS_LENGTH).replace(/\p{C}/gu, '').trim()
}

function toStatus(statusName: string): TaskStatus {
  const letters = statusName.toLowerCase().replace(/[^a-z]/g, '')
  return (Object.hasOwn(statuses, letters) ? statuses[letters] : undefined) ?? 'OTHER'
}
