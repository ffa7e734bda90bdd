// Reads the `file` object of an answer: unknown in, a File out. Fields are picked one by one and never spread,
// so that nothing else an upstream sends (`__proto__`, ten thousand extras) goes any further.
import { type File, type FileId, type ListedFile, parseFileId } from '../file.js'
import { parseLink, parseLinkExpiry } from './link.js'

/** Takes note of something odd that is worth a log line. `detail` never holds the upstream's text. */
export type Notice = (notice: string, detail: Readonly<Record<string, string | number>>) => void

/** The same for all the answers that a client reads: it is not made anew for each. */
export type DecodeOptions = {
  readonly allowHttp: boolean
  readonly nowMs: () => number
  readonly notice: Notice
}

/** A file name longer than any file system takes is noise. */
const MAX_FILENAME_LENGTH = 4096
const MAX_PURPOSE_LENGTH = 64
/** How long a number may be that comes as text. */
const MAX_NUMERAL_LENGTH = 40
/** Nothing was made before 2001; and a clock may be a day ahead of ours. Milliseconds fall outside too. */
const EARLIEST_S = 1_000_000_000
const SKEW_S = 86_400

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The file, or `undefined` where it is not one, or not the one asked for: an answer for another is worse than none. */
export function parseFile(value: unknown, id: FileId, options: DecodeOptions): File | undefined {
  const { notice } = options
  const listed = parseListedFile(value, options)
  if (listed === undefined || !isRecord(value)) return undefined
  if (listed.id !== id) {
    notice('unusable identity in an answer', { field: 'file.file_id' })
    return undefined
  }
  const downloadUrl = parseLink(value.download_url, options)
  const backupDownloadUrl = parseLink(value.backup_download_url, options)
  noteUnusable('download_url', value.download_url, downloadUrl, notice)
  noteUnusable('backup_download_url', value.backup_download_url, backupDownloadUrl, notice)
  const { filename, bytes, createdAtMs, purposeName } = listed
  return {
    id,
    filename,
    bytes,
    createdAtMs,
    purposeName,
    downloadUrl,
    downloadUrlExpiresAtMs: downloadUrl === null ? null : parseLinkExpiry(downloadUrl),
    backupDownloadUrl,
    backupDownloadUrlExpiresAtMs: backupDownloadUrl === null ? null : parseLinkExpiry(backupDownloadUrl),
  }
}

/** What every operation tells of a file, or `undefined` where it is none. A field that is off is `null` alone. */
export function parseListedFile(value: unknown, { nowMs, notice }: DecodeOptions): ListedFile | undefined {
  const id = isRecord(value) ? parseFileId(value.file_id) : undefined
  if (id === undefined || !isRecord(value)) {
    notice('unusable identity in an answer', { field: isRecord(value) ? 'file.file_id' : 'file' })
    return undefined
  }
  const file = {
    id,
    filename: parseText(value.filename, MAX_FILENAME_LENGTH),
    bytes: parseBytes(value.bytes),
    createdAtMs: parseCreatedAt(value.created_at, nowMs()),
    purposeName: parseText(value.purpose, MAX_PURPOSE_LENGTH),
  }
  noteUnusable('filename', value.filename, file.filename, notice)
  noteUnusable('bytes', value.bytes, file.bytes, notice)
  noteUnusable('created_at', value.created_at, file.createdAtMs, notice)
  noteUnusable('purpose', value.purpose, file.purposeName, notice)
  return file
}

/** For what was sent and is not what belongs there, however the upstream says "none". */
function noteUnusable(name: string, raw: unknown, parsed: unknown, notice: Notice): void {
  if (parsed === null && !isBlank(raw)) notice('unusable field in an answer', { field: `file.${name}` })
}

/** Says nothing: left out, empty, or zero in whatever spelling. */
export function isBlank(raw: unknown): boolean {
  return (
    raw === undefined ||
    raw === null ||
    parseNumber(raw) === 0 ||
    (typeof raw === 'string' && raw.trim() === '')
  )
}

/**
 * A number, however it is spelled: serializers write integers of 64 bits as text, others make all numbers fractions.
 * `parseExactJson` gives numbers with a fraction or an exponent as text.
 */
export function parseNumber(raw: unknown): number | undefined {
  if (typeof raw === 'number') return raw
  if (typeof raw !== 'string' || raw.length > MAX_NUMERAL_LENGTH) return undefined
  return /^\s*[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?\s*$/i.test(raw) ? Number(raw) : undefined
}

/** Lone surrogates are replaced, since they can not be sent on as UTF-8. */
function parseText(raw: unknown, maxLength: number): string | null {
  return typeof raw === 'string' && raw !== '' && raw.length <= maxLength ? raw.toWellFormed() : null
}

/** 0 is documented for generated videos and seen on the wire: the size is unknown, not nothing. */
function parseBytes(raw: unknown): number | null {
  const bytes = parseNumber(raw)
  return bytes !== undefined && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

function parseCreatedAt(raw: unknown, nowMs: number): number | null {
  const seconds = parseNumber(raw)
  if (seconds === undefined || seconds < EARLIEST_S || seconds > nowMs / 1000 + SKEW_S) return null
  return Math.floor(seconds * 1000)
}
