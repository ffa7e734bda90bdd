// Where uploads are kept: files in a temporary folder of their own, so many bytes in all. It is made for the first
// upload, and goes with the sandbox.

import { createHash } from 'node:crypto'
import { mkdtemp, open, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Body, createDiskBody, toEtag } from '../body.js'

/** What the smallest file takes, so that their number is bounded too. */
const BLOCK_BYTES = 4_096

export type Stored = { readonly body: Body; release(): void }

/** `too-large` would not fit if it were alone. */
export type NoRoom = 'too-large' | 'full'

/** One file that comes in. */
export type Intake = {
  readonly size: number
  /** Says where there is no room for it; then nothing more should be written. */
  write(bytes: Buffer): Promise<NoRoom | undefined>
  /** From here on it can be read. */
  finish(type: string): Promise<Stored>
  discard(): Promise<void>
}

export type Folder = ReturnType<typeof createFolder>

function toRoom(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
}

type Options = {
  /** What all files may take together. */
  readonly maxBytes: number
  /** Where the folder is made. */
  readonly root?: string | undefined
}

export function createFolder({ maxBytes, root = tmpdir() }: Options) {
  let made: Promise<string> | undefined
  let usedBytes = 0
  let count = 0

  async function receive(): Promise<Intake> {
    made ??= mkdtemp(join(root, 'minimax-files-sandbox-'))
    const path = join(await made, String(++count))
    const file = await open(path, 'wx')
    const hash = createHash('md5')
    let size = 0

    return {
      get size() {
        return size
      },
      async write(bytes) {
        const more = toRoom(size + bytes.length) - toRoom(size)
        if (size + bytes.length > maxBytes) return 'too-large'
        if (usedBytes + more > maxBytes) return 'full'
        usedBytes += more
        size += bytes.length
        hash.update(bytes)
        await file.appendFile(bytes) // all of it, unlike write()
        return undefined
      },
      async finish(type) {
        await file.close()
        const body = createDiskBody(path, { type, size, etag: toEtag(hash.digest()) })
        return {
          body,
          release: () => {
            usedBytes -= toRoom(size)
            unlink(path).catch(() => {}) // the whole folder goes in the end
          },
        }
      },
      async discard() {
        usedBytes -= toRoom(size)
        await file.close()
        await unlink(path)
      },
    }
  }

  return {
    maxBytes,
    receive,
    /** Whoever still writes must have ended. */
    async close(): Promise<void> {
      if (made) await rm(await made, { recursive: true, force: true })
    },
  }
}
