// The fields of a file as JSON text, to the byte what GraphQL's scalars and `JSON.stringify` make of them.
import type { File } from '../../file.js'
import { toPurpose } from '../purpose.js'
import { toIsoText } from './time.js'

/** `undefined` for a value that GraphQL would refuse to write. Apollo Server then reports why. */
export type WriteField = (file: File, mark: number) => string | undefined

const FILENAME = 1
const PURPOSE_NAME = 2
const DOWNLOAD_URL = 4
const BACKUP_DOWNLOAD_URL = 8
const MARKS = 16

/** The mark of a file whose texts were not inspected, since it may never be written again. */
export const UNMARKED = 0

const marks = new WeakMap<File, number>()
let marked = 0

/**
 * A number per file object, different even for two objects of the same file. Its last bits say which of the texts can be written as
 * JSON without escaping. Finding that out takes longer than all the rest, and a file is written many times.
 */
export function toMark(file: File): number {
  const known = marks.get(file)
  if (known !== undefined) return known
  const { filename, purposeName, downloadUrl, backupDownloadUrl } = file
  const mark =
    ++marked * MARKS +
    (isPlain(filename) ? FILENAME : 0) +
    (isPlain(purposeName) ? PURPOSE_NAME : 0) +
    (isPlain(downloadUrl) && isUrl(downloadUrl) ? DOWNLOAD_URL : 0) +
    (isPlain(backupDownloadUrl) && isUrl(backupDownloadUrl) ? BACKUP_DOWNLOAD_URL : 0)
  marks.set(file, mark)
  return mark
}

/** All of them depend on the file alone, so a written file can be reused. */
export const writers: Readonly<Record<string, WriteField>> = {
  __typename: () => '"File"',
  id: ({ id }) => `"${id}"`,
  filename: ({ filename }, mark) => (has(mark, FILENAME) ? `"${filename}"` : writeText(filename)),
  bytes: ({ bytes }) => writeCount(bytes),
  createdAt: ({ createdAtMs }) => writeTime(createdAtMs),
  purpose: ({ purposeName }) => {
    const purpose = toPurpose(purposeName)
    return purpose === null ? 'null' : `"${purpose}"`
  },
  purposeName: ({ purposeName }, mark) =>
    has(mark, PURPOSE_NAME) ? `"${purposeName}"` : writeText(purposeName),
  downloadUrl: ({ downloadUrl }, mark) =>
    has(mark, DOWNLOAD_URL) ? `"${downloadUrl}"` : writeUrl(downloadUrl),
  backupDownloadUrl: ({ backupDownloadUrl }, mark) =>
    has(mark, BACKUP_DOWNLOAD_URL) ? `"${backupDownloadUrl}"` : writeUrl(backupDownloadUrl),
  downloadUrlExpiresAt: ({ downloadUrlExpiresAtMs }) => writeTime(downloadUrlExpiresAtMs),
}

function has(mark: number, bit: number): boolean {
  return ((mark % MARKS) & bit) !== 0
}

/** Whether a text has no quotes, backslashes, control characters or lone surrogates. */
function isPlain(text: unknown): text is string {
  return typeof text === 'string' && /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/.test(text)
}

function isUrl(text: string): boolean {
  return URL.canParse(text)
}

function writeText(text: string | null): string | undefined {
  if (text === null) return 'null'
  return typeof text === 'string' ? JSON.stringify(text) : undefined
}

function writeUrl(link: string | null): string | undefined {
  return link === null || isUrl(link) ? writeText(link) : undefined
}

function writeCount(count: number | null): string | undefined {
  if (count === null) return 'null'
  return Number.isSafeInteger(count) ? `${count}` : undefined
}

function writeTime(timeMs: number | null): string | undefined {
  if (timeMs === null) return 'null'
  const text = toIsoText(timeMs)
  return text && `"${text}"`
}
