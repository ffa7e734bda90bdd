// Stores uploads as files in a temporary folder, up to a number of bytes in all. The folder is created with the first upload
// and removed when the sandbox closes.

import { createHash } from 'node:crypto'
import { mkdtemp, open, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Body, createDiskBody, toEtag } from '../body.js'

/** Each file counts as whole blocks, which bounds the number of files too. */
const BLOCK_BYTES = 4_096

export type Stored = { readonly body: Body; release(): void }

/** `too-large`: it would not fit even if it were the only file. */
export type NoRoom = 'too-large' | 'full'

/** One file that is being received. */
export type Intake = {
  readonly size: number
  /** Resolves to the reason if there is no room; then nothing more should be written. */
  write(bytes: Buffer): Promise<NoRoom | undefined>
  /** Completes the file, which can be read from then on. */
  finish(type: string): Promise<Stored>
  discard(): Promise<void>
}

export type Folder = ReturnType<typeof createFolder>

function toRoom(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
}

type Options = {
  /** The limit for all files together. */
  readonly maxBytes: number
  /** The directory in which the folder is created. */
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
        await file.appendFile(bytes) // writes all of it, which write() may not
        return undefined
      },
      async finish(type) {
        await file.close()
        const body = createDiskBody(path, { type, size, etag: toEtag(hash.digest()) })
        return {
          body,
          release: () => {
            usedBytes -= toRoom(size)
            unlink(path).catch(() => {}) // closing removes the whole folder anyway
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
    /** No file may be in the middle of being received any more. */
    async close(): Promise<void> {
      if (made) await rm(await made, { recursive: true, force: true })
    },
  }
}
