// Where the content of a file comes from: first its cached link, which is free; if that fails, a new link; if that fails too,
// the upstream's `retrieve_content`, which is paid for.
import { Readable } from 'node:stream'
import type { Bytes, BytesCall, BytesSource } from './bytes.js'
import { FileError, type FileErrorCode } from './errors.js'
import type { Call, File, FileId, Files } from './file.js'

export type Content = {
  /** Rejects with a `FileError`, and with nothing else. */
  open(id: FileId, call: BytesCall): Promise<{ readonly file: File; readonly bytes: Bytes }>
}

export type ContentDependencies = {
  readonly files: Files
  readonly links: BytesSource<string>
  readonly upstream: BytesSource<FileId>
  readonly nowMs: () => number
}

/** Statuses that mean that the link has expired or was never valid. */
const DEAD: ReadonlySet<FileErrorCode> = new Set([
  'FILE_NOT_FOUND',
  'UPSTREAM_FORBIDDEN',
  'UPSTREAM_UNAUTHENTICATED',
  'UPSTREAM_INVALID_REQUEST',
])

export function createContent({ files, links, upstream, nowMs }: ContentDependencies): Content {
  /** Tries the links in turn until one answers. */
  async function follow(
    file: File,
    call: BytesCall,
    tried: Map<string, FileError>,
  ): Promise<Bytes | undefined> {
    for (const link of toLiveLinks(file, nowMs())) {
      if (tried.has(link)) continue
      try {
        return await links(link, call)
      } catch (error) {
        if (!(error instanceof FileError) || call.signal.aborted) throw error
        tried.set(link, error)
      }
    }
    return undefined
  }

  async function ask(id: FileId, call: BytesCall, linkError: FileError | undefined): Promise<Bytes> {
    try {
      const bytes = await upstream(id, call)
      return { ...bytes, headers: { etag: toTag(id), ...bytes.headers } }
    } catch (error) {
      // Without `retrieve_content`, the failure of the link is the answer.
      const isMissing = error instanceof FileError && error.code === 'UPSTREAM_UNSUPPORTED'
      throw isMissing && linkError ? linkError : error
    }
  }

  return {
    open: async (id, call) => {
      const look = createCountingCall(call)
      const file = files.recall(id) ?? (await files.find(id, look)).file
      if (hasOwnTag(call, id)) return { file, bytes: toNothing(304, { etag: toTag(id) }) }
      const tried = new Map<string, FileError>()
      const bytes = await follow(file, call, tried)
      if (bytes) return { file, bytes }
      const isDead = [...tried.values()].some(({ code }) => DEAD.has(code))
      if (isDead && look.calls === 0) {
        const { file: renewed } = await files.refresh(id, call)
        const found = await follow(renewed, call, tried)
        if (found) return { file: renewed, bytes: found }
      }
      if (call.isHead && file.bytes !== null && tried.size === 0)
        return { file, bytes: toNothing(200, { 'content-length': String(file.bytes), etag: toTag(id) }) }
      const [linkError] = tried.values()
      return { file, bytes: await ask(id, call, linkError) }
    },
  }
}

/** Counts the calls of a look-up: a link that was looked up just now is new already. */
function createCountingCall({ asker, meter }: Call) {
  const call = {
    asker,
    calls: 0,
    meter: {
      sent: (priceMicroUsd: number) => {
        call.calls++
        meter.sent(priceMicroUsd)
      },
      refunded: (microUsd: number) => meter.refunded(microUsd),
    },
  }
  return call
}

function toLiveLinks(file: File, nowMs: number): string[] {
  const links = [
    [file.downloadUrl, file.downloadUrlExpiresAtMs],
    [file.backupDownloadUrl, file.backupDownloadUrlExpiresAtMs],
  ] as const
  return links.flatMap(([link, endMs]) => (link !== null && (endMs ?? nowMs + 1) > nowMs ? [link] : []))
}

/** A file never changes, so its id can stand in for a missing ETag. */
function toTag(id: FileId): string {
  return `"${id}"`
}

function hasOwnTag({ headers }: BytesCall, id: FileId): boolean {
  const tags = headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags?.includes(toTag(id)) === true
}

/** The head of the answer, made without the upstream. */
function toNothing(status: 200 | 304, headers: Bytes['headers']): Bytes {
  return { status, headers, body: Readable.from([]), peek: async () => Buffer.alloc(0) }
}
