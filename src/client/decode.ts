// Reads the `file` object of an answer: unknown in, a File out. Fields are picked one by one and never spread,
// so that nothing else an upstream sends (`__proto__`, ten thousand extras) goes any further.
import { type File, type FileId, parseFileId } from '../file.js'
import { parseLink, parseLinkExpiry } from './link.js'

/** Takes note of something odd that is worth a log line. `detail` never holds the upstream's text. */
export type Notice = (notice: string, detail: Readonly<Record<string, string | number>>) => void

type DecodeOptions = {
  /** The id that was asked for; an answer for another file is worse than none. */
  readonly id: FileId
  readonly allowHttp: boolean
  readonly nowMs: number
  readonly notice: Notice
}

/** A file name longer than any file system takes is noise. */
const MAX_FILENAME_LENGTH = 4096
const MAX_PURPOSE_LENGTH = 64
/** Nothing was made before 2001; and a clock may be a day ahead of ours. Milliseconds fall outside too. */
const EARLIEST_S = 1_000_000_000
const SKEW_S = 86_400

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The file, or `undefined` where it is not one or not the one asked for. A field that is off is `null` alone. */
export function parseFile(value: unknown, { id, allowHttp, nowMs, notice }: DecodeOptions): File | undefined {
  if (!isRecord(value) || parseFileId(value.file_id) !== id) {
    notice('unusable identity in an answer', { field: isRecord(value) ? 'file.file_id' : 'file' })
    return undefined
  }
  const field = <T>(name: string, parse: (raw: unknown) => T | null): T | null => {
    const raw = value[name]
    const parsed = parse(raw)
    if (parsed === null && !isBlank(raw)) notice('unusable field in an answer', { field: `file.${name}` })
    return parsed
  }
  const downloadUrl = field('download_url', (raw) => parseLink(raw, { allowHttp }))
  const backupDownloadUrl = field('backup_download_url', (raw) => parseLink(raw, { allowHttp }))
  return {
    id,
    filename: field('filename', (raw) => parseText(raw, MAX_FILENAME_LENGTH)),
    bytes: field('bytes', parseBytes),
    createdAtMs: field('created_at', (raw) => parseCreatedAt(raw, nowMs)),
    purposeName: field('purpose', (raw) => parseText(raw, MAX_PURPOSE_LENGTH)),
    downloadUrl,
    downloadUrlExpiresAtMs: downloadUrl === null ? null : parseLinkExpiry(downloadUrl),
    backupDownloadUrl,
    backupDownloadUrlExpiresAtMs: backupDownloadUrl === null ? null : parseLinkExpiry(backupDownloadUrl),
  }
}

/** The ways in which the upstream says "none"; they are not worth a notice. */
function isBlank(raw: unknown): boolean {
  return raw === undefined || raw === null || raw === '' || raw === 0
}

/** Lone surrogates are replaced, since they can not be sent on as UTF-8. */
function parseText(raw: unknown, maxLength: number): string | null {
  return typeof raw === 'string' && raw !== '' && raw.length <= maxLength ? raw.toWellFormed() : null
}

/** 0 is documented for generated videos and seen on the wire: the size is unknown, not nothing. */
function parseBytes(raw: unknown): number | null {
  // Integers of 16 digits come as their text, since not all of them are doubles.
  const bytes = typeof raw === 'string' && /^\d{16}$/.test(raw) ? Number(raw) : raw
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null
}

function parseCreatedAt(raw: unknown, nowMs: number): number | null {
  if (typeof raw !== 'number' || !Number.isSafeInteger(raw)) return null
  return raw >= EARLIEST_S && raw <= nowMs / 1000 + SKEW_S ? raw * 1000 : null
}
