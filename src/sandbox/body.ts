// A file's bytes, of which any part can be read: in memory, made when they are first read, or in a file on disk.

import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'

/** A part of a file on disk, not read yet. */
export type DiskPart = {
  readonly length: number
  open(): Readable
  /** The whole part at once, for faults that alter it. */
  read(): Buffer
}

export type Body = {
  readonly type: string
  readonly size: number
  /** The MD5 in capitals, as in Alibaba OSS. */
  readonly etag: string
  /** `end` is not included. */
  part(start: number, end: number): Buffer | DiskPart
}

export function toEtag(md5: Buffer): string {
  return `"${md5.toString('hex').toUpperCase()}"`
}

export function createMemoryBody(type: string, make: () => Buffer) {
  let bytes: Buffer | undefined
  let etag: string | undefined
  return {
    type,
    get bytes(): Buffer {
      bytes ??= make()
      return bytes
    },
    get size(): number {
      return this.bytes.length
    },
    get etag(): string {
      etag ??= toEtag(createHash('md5').update(this.bytes).digest())
      return etag
    },
    part(start: number, end: number): Buffer {
      return this.bytes.subarray(start, end)
    },
  } satisfies Body & { readonly bytes: Buffer }
}

function readPart(path: string, start: number, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, start))
  } finally {
    closeSync(file)
  }
}

/** The body in the file at `path`, which must be complete. */
export function createDiskBody(
  path: string,
  { type, size, etag }: { readonly type: string; readonly size: number; readonly etag: string },
): Body {
  return {
    type,
    size,
    etag,
    part: (start, end) =>
      end <= start
        ? Buffer.alloc(0)
        : {
            length: end - start,
            open: () => createReadStream(path, { start, end: end - 1 }),
            read: () => readPart(path, start, end - start),
          },
  }
}
