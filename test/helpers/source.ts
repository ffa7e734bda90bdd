// A source of answers and a clock that a test holds in its hands.
import { FileError } from '../../src/errors.js'
import type { File, FileId, FileSource, Files } from '../../src/file.js'

export const toId = (text: string) => text as FileId

export function createFile(id: string, fields: Partial<File> = {}): File {
  return {
    id: toId(id),
    filename: 'a.mp4',
    bytes: null,
    createdAtMs: null,
    purposeName: null,
    downloadUrl: null,
    downloadUrlExpiresAtMs: null,
    backupDownloadUrl: null,
    backupDownloadUrlExpiresAtMs: null,
    ...fields,
  }
}

/** Starts in September 2026. `pass` lets time go by on both clocks; `set` moves the wall clock alone. */
export function createFakeClock() {
  let wallMs = Date.UTC(2026, 8, 1)
  let monotonicMs = 5000
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    pass: (ms: number) => {
      wallMs += ms
      monotonicMs += ms
    },
    set: (ms: number) => {
      wallMs += ms
    },
  }
}

type Answer = Partial<File> | FileError | Promise<Partial<File>>

/** Answers each look-up with what `next` says, and counts it as one request sent. */
export function createFakeSource(next: (id: string) => Answer = () => ({})) {
  const asked: string[] = []
  const source: FileSource = async (id, { meter }) => {
    asked.push(id)
    meter.sent()
    const answer = await next(id)
    if (answer instanceof FileError) throw answer
    return { file: createFile(id, answer), freshUntilMs: 0 }
  }
  return { asked, source }
}

/** Files that are asked for each time. */
export function toFiles(find: Files['find']): Files {
  return { find, peek: () => undefined }
}

/** What one operation brings along, and what it was made to send. */
export function createCall(signal = new AbortController().signal) {
  let sent = 0
  return {
    signal,
    meter: {
      sent: () => {
        sent++
      },
    },
    get sent() {
      return sent
    },
  }
}
