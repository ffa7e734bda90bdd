// The log: JSON lines on standard output. What must never stand in it is kept out here once more: headers, URLs.
import { type DestinationStream, type Logger, pino, type SerializedError } from 'pino'

export type Log = Logger

/** Headers hold tokens. Nothing logs them; if somebody ever does, this keeps them out. */
const REDACTED = ['headers', '*.headers', 'authorization', '*.authorization']

/** What may wait for a reader that is slow to take it. */
const MAX_WAITING_BYTES = 2 ** 20

export function createLog(level: string, destination: DestinationStream = createOutput()): Log {
  return pino({ level, redact: REDACTED, serializers: { err: toSafeError } }, destination)
}

/**
 * Standard output, written without ever waiting for it. What a stalled reader leaves no room for is dropped; a
 * closed pipe or a full disk makes the stream emit an error, which is main.ts's to ignore.
 */
function createOutput({ stdout } = process): DestinationStream {
  return {
    write: (line) => {
      if (stdout.writableLength < MAX_WAITING_BYTES) stdout.write(line)
    },
  }
}

/** An unexpected error's words may quote anything, a signed link too, so every URL in it is cut out. */
function toSafeError(error: unknown): Partial<SerializedError> {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error' }
  return { type: error.name, message: withoutUrls(error.message), stack: withoutUrls(error.stack ?? '') }
}

function withoutUrls(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'<>)]+/gi, '[url]')
}

type Detail = Readonly<Record<string, string | number>>

const NOTICE_WINDOW_MS = 60_000
const MAX_NOTICES_PER_WINDOW = 100

/**
 * Warnings that would flood the log while an upstream is down: each, with its details, at most once a minute, and
 * not more than a hundred in all.
 */
export function createNotice(log: Pick<Log, 'warn'>, monotonicMs: () => number) {
  const noticed = new Set<string>()
  let windowEndsMs = 0
  return (notice: string, detail: Detail): void => {
    if (monotonicMs() >= windowEndsMs) {
      noticed.clear()
      windowEndsMs = monotonicMs() + NOTICE_WINDOW_MS
    }
    const key = `${notice} ${JSON.stringify(detail)}`
    if (noticed.has(key) || noticed.size >= MAX_NOTICES_PER_WINDOW) return
    noticed.add(key)
    log.warn(detail, notice)
  }
}
