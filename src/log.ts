// The log: JSON lines on standard output. What must never stand in it is kept out here once more: headers, URLs.
import { hostname } from 'node:os'
import { type DestinationStream, type Logger, pino, type SerializedError } from 'pino'

export type Log = Logger & {
  /**
   * Writes a line past pino, for lines so frequent that they are made by hand: `members` is JSON as it stands between
   * braces. Level, time, process and host are added. It does not ask whether the level is on.
   */
  print(level: 'debug' | 'info', members: string): void
}

/** Headers hold tokens. Nothing logs them; if somebody ever does, this keeps them out. */
const REDACTED = ['headers', '*.headers', 'authorization', '*.authorization']

/** Of each line, by which those of several processes are told apart. */
const PROCESS = { pid: process.pid, hostname: hostname() }

export function createLog(level: string, destination: DestinationStream = createOutput(process)): Log {
  const toTime = createIsoTime(Date.now)
  const options = {
    level,
    base: PROCESS,
    timestamp: () => `,"time":"${toTime()}"`,
    formatters: { level: (word: string) => ({ level: word }) },
    redact: REDACTED,
    serializers: { err: toSafeError },
  }
  const ends = JSON.stringify(PROCESS).slice(1, -1)
  return Object.assign(pino(options, destination), {
    print: (of: 'debug' | 'info', members: string) =>
      destination.write(`{"level":"${of}","time":"${toTime()}",${ends},${members}}\n`),
  })
}

/** The time in ISO 8601. Lines of the same millisecond share its text: to write a date costs as much as the rest. */
export function createIsoTime(nowMs: () => number): () => string {
  let writtenMs = Number.NaN
  let text = ''
  return () => {
    const ms = nowMs()
    if (ms !== writtenMs) text = new Date(ms).toISOString()
    writtenMs = ms
    return text
  }
}

/** What may wait for a reader that is slow to take it. */
const MAX_WAITING_BYTES = 2 ** 20
/** A line waits no longer for others to be written with, and no more are written at once. */
const BATCH_MS = 100
const BATCH_LENGTH = 2 ** 15

/** What is written to, and what says that the process ends. */
type Process = Pick<NodeJS.Process, 'on'> & {
  readonly stdout: Pick<NodeJS.WriteStream, 'write' | 'writableLength'>
}

/**
 * Standard output, written in batches and without ever waiting for it: a write costs more than the lines in it. What a
 * stalled reader leaves no room for is dropped; a closed pipe or a full disk makes the stream emit an error, which is
 * main.ts's to ignore. The last batch goes out when the process ends; only one that crashes loses it.
 */
export function createOutput(process: Process): DestinationStream & { readonly flushSync: () => void } {
  const { stdout } = process
  let batch = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (batch !== '' && stdout.writableLength < MAX_WAITING_BYTES) stdout.write(batch)
    batch = ''
  }
  process.on('beforeExit', flush) // the process still waits for what is written now
  process.on('exit', flush)
  return {
    write: (line) => {
      batch += line
      if (batch.length >= BATCH_LENGTH) flush()
      else timer ??= setTimeout(flush, BATCH_MS).unref()
    },
    flushSync: flush, // pino calls it after a fatal line
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

/** What tells one occurrence from another. It does not make a warning a new one. */
type Origin = Readonly<Record<string, unknown>>

const NOTICE_WINDOW_MS = 60_000
const MAX_NOTICES_PER_WINDOW = 100

export type Notice = (notice: string, detail: Detail, origin?: Origin) => void

/**
 * Warnings that would flood the log while an upstream is down: each, with its details, at most once a minute, and
 * not more than a hundred in all. `toTrace` says where the present work is traced.
 */
export function createNotice(
  log: Pick<Log, 'warn'>,
  monotonicMs: () => number,
  toTrace: () => Origin = () => ({}),
): Notice {
  const noticed = new Set<string>()
  let windowEndsMs = 0
  return (notice, detail, origin = {}) => {
    if (monotonicMs() >= windowEndsMs) {
      noticed.clear()
      windowEndsMs = monotonicMs() + NOTICE_WINDOW_MS
    }
    const key = `${notice} ${JSON.stringify(detail)}`
    if (noticed.has(key) || noticed.size >= MAX_NOTICES_PER_WINDOW) return
    noticed.add(key)
    log.warn({ ...origin, ...toTrace(), ...detail }, notice)
  }
}
