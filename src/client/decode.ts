// Reads the `file` object of an answer: unknown in, a File out. Fields are picked one by one and never spread,
// so that nothing else an upstream sends (`__proto__`, ten thousand extras) goes any further.
import { type File, type FileId, type ListedFile, parseFileId } from '../file.js'
import { parseLink, parseLinkExpiry } from './link.js'

/**
 * Takes note of something odd that is worth a log line. `detail` never holds the upstream's text. What has been noted with
 * the same detail lately is not noted again; `origin` says which request met it.
 */
export type Notice = (
  notice: string,
  detail: Readonly<Record<string, string | number>>,
  origin?: { readonly requestId: string | undefined; readonly upstreamTraceId?: string | undefined },
) => void

/** The same for all the answers that a client reads: it is not made anew for each. */
export type DecodeOptions = {
  readonly allowHttp: boolean
  readonly nowMs: () => number
  readonly notice: Notice
}

/** No file system takes a longer name. */
const MAX_FILENAME_LENGTH = 4096
const MAX_PURPOSE_LENGTH = 64
/** The longest number that is read from a string. */
const MAX_NUMERAL_LENGTH = 40
/** The largest number that GraphQL can show as an `Int`. */
export const MAX_INT = 2 ** 31 - 1
/** Files are newer than 2001, and clocks at most a day ahead. This also excludes times in milliseconds. */
const EARLIEST_S = 1_000_000_000
const SKEW_S = 86_400

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The file; `undefined` if it is not a file, or not the one asked for. */
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

/** The fields that every operation returns; `undefined` if it is not a file. An unusable field alone becomes `null`. */
export function parseListedFile(value: unknown, { nowMs, notice }: DecodeOptions): ListedFile | undefined {
  const id = isRecord(value) ? parseFileId(value.file_id) : undefined
  if (id === undefined || !isRecord(value)) {
    notice('unusable identity in an answer', { field: isRecord(value) ? 'file.file_id' : 'file' })
    return undefined
  }
  const file = {
    id,
    filename: parseText(value.filename, MAX_FILENAME_LENGTH),
    bytes: parsePositive(value.bytes),
    createdAtMs: parseCreatedAt(value.created_at, nowMs()),
    purposeName: parseText(value.purpose, MAX_PURPOSE_LENGTH),
  }
  noteUnusable('filename', value.filename, file.filename, notice)
  noteUnusable('bytes', value.bytes, file.bytes, notice)
  noteUnusable('created_at', value.created_at, file.createdAtMs, notice)
  noteUnusable('purpose', value.purpose, file.purposeName, notice)
  return file
}

/** Notes a value that is present but unusable. The upstream has several ways to say "none", which are not noted. */
function noteUnusable(name: string, raw: unknown, parsed: unknown, notice: Notice): void {
  if (parsed === null && !isBlank(raw)) notice('unusable field in an answer', { field: `file.${name}` })
}

/** Whether a value says nothing: absent, empty, or zero in any spelling. */
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

/** Lone surrogates are replaced, since they cannot be sent on as UTF-8. */
function parseText(raw: unknown, maxLength: number): string | null {
  return typeof raw === 'string' && raw !== '' && raw.length <= maxLength ? raw.toWellFormed() : null
}

/** A count or a size. The upstream says 0 where it does not know, as for the bytes of generated videos. */
export function parsePositive(raw: unknown, max = Number.MAX_SAFE_INTEGER): number | null {
  const number = parseNumber(raw)
  return number !== undefined && Number.isInteger(number) && number > 0 && number <= max ? number : null
}

function parseCreatedAt(raw: unknown, nowMs: number): number | null {
  const seconds = parseNumber(raw)
  if (seconds === undefined || seconds < EARLIEST_S || seconds > nowMs / 1000 + SKEW_S) return null
  return Math.floor(seconds * 1000)
}
