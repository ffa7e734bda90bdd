// Files on their way in: what is announced of one, its bytes, and what is made of them.
import type { Readable } from 'node:stream'
import { FileError } from './errors.js'
import type { Call, ListedFile } from './file.js'

/** A file as it was announced. */
export type Upload = {
  /** The upstream's own word. */
  readonly purposeName: string
  readonly filename: string
  /** At least 1. */
  readonly bytes: number
}

/** The bytes of one. */
export type Incoming = {
  /** Begins to read them: they are taken now. Called at most once. `fail` is called if not all of them will come. */
  open(fail: (error: unknown) => void): Readable
  /** All have come. Rejects if they are not what was announced. */
  verify(): Promise<void>
}

export type UploadCall = Call & {
  /** The client has left. What was sent whole is waited for all the same. */
  readonly signal: AbortSignal
}

/**
 * Sends a file upstream, once. Rejects with a `FileError`, or with whatever is wrong with its bytes, and then nothing was
 * kept; but with `UPLOAD_OUTCOME_UNKNOWN` it may have been.
 */
export type UploadSource = (upload: Upload, incoming: Incoming, call: UploadCall) => Promise<ListedFile>

/** Something that only one may have; `undefined` if somebody has it. */
export type Take = (key: string, untilMs: number) => Promise<{ giveBack(): Promise<void> } | undefined>

export type UploadDependencies = {
  readonly source: UploadSource
  /** All files of a purpose, as they are now. */
  readonly list: (purposeName: string, call: Call) => Promise<readonly ListedFile[]>
  /** Takes note of a file that has come to be. */
  readonly learn: (file: ListedFile) => void
  /** Each file is the answer to one upload only. */
  readonly claim: Take
  readonly nowMs: () => number
}

/** For how long an upload's file could still be mistaken for that of another. */
const CLAIM_MS = 3_600_000
/** How far the upstream's clock may be from ours. It tells whole seconds. */
const SKEW_MS = 5000

/** Looks for what was sent and had no answer: once, since that is paid for as well. */
export function createUploads({ source, list, learn, claim, nowMs }: UploadDependencies): UploadSource {
  const running = new Map<string, number>()

  /** The file, if there is just one that it can be, and no other upload that could have made it. */
  async function search(upload: Upload, startMs: number, call: Call): Promise<ListedFile | undefined> {
    const files = await list(upload.purposeName, call)
    const alike = files.filter((file) => isAlike(file, upload, startMs - SKEW_MS, nowMs() + SKEW_MS))
    const claims = await Promise.all(alike.map(({ id }) => claim(id, nowMs() + CLAIM_MS)))
    const [found, another] = alike.filter((_, at) => claims[at])
    if (found && !another && running.get(toKey(upload)) === 1) return found
    await Promise.all(claims.map((each) => each?.giveBack()))
    return undefined
  }

  async function send(...[upload, incoming, call]: Parameters<UploadSource>): Promise<ListedFile> {
    const startMs = nowMs()
    try {
      const file = await source(upload, incoming, call)
      void claim(file.id, nowMs() + CLAIM_MS)
      return file
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'UPLOAD_OUTCOME_UNKNOWN') throw error
      const found = await search(upload, startMs, call).catch(() => undefined)
      if (found === undefined) throw error
      return found
    }
  }

  return async (upload, incoming, call) => {
    const key = toKey(upload)
    running.set(key, (running.get(key) ?? 0) + 1)
    try {
      const file = await send(upload, incoming, call)
      learn(file)
      return file
    } finally {
      const others = (running.get(key) ?? 1) - 1
      if (others === 0) running.delete(key)
      else running.set(key, others)
    }
  }
}

/** By which one upload is like another. */
function toKey({ purposeName, filename, bytes }: Upload): string {
  return JSON.stringify([purposeName, filename, bytes])
}

function isAlike(file: ListedFile, upload: Upload, fromMs: number, toMs: number): boolean {
  const { purposeName, filename, bytes, createdAtMs } = file
  if (purposeName === null || filename === null || bytes === null || createdAtMs === null) return false
  if (toKey({ purposeName, filename, bytes }) !== toKey(upload)) return false
  return createdAtMs >= fromMs && createdAtMs <= toMs
}
