// One member of a tar archive, such as the audio of a speech, cut out as the archive comes in. It is read no faster than
// the client takes the member, and no further than its end.
import { pipeline, Readable, Writable } from 'node:stream'
import type { Extract, ExtractEvents } from 'tar-stream'
import type { Bytes } from '../../bytes.js'
import { FileError } from '../../errors.js'
import { START_BYTES } from './type.js'

/** By the endings of their names: what the upstream was seen to give, and the formats that it can be told to make. */
const ENDINGS = {
  audio: /\.(?:mp3|wav|flac|opus|ogg|pcm|pcmu|pcmu_raw|pcmu_wav|raw|aac|m4a)$/i,
  subtitles: /\.(?:titles?|subtitles?|srt|vtt)$/i,
  extra: /\.extra$/i,
} as const

export type Member = keyof typeof ENDINGS

export function isMember(word: unknown): word is Member {
  return typeof word === 'string' && Object.hasOwn(ENDINGS, word)
}

/** The file is not a tar archive, or has no such member. */
export class NoMember extends Error {
  override readonly name = 'NoMember'
}

/** Enough for the longest names. The library would read 4 MiB of what is no head before it says so. */
const MAX_HEAD_BYTES = 2 ** 17
/** What may stand before the member. A speech has a few kilobytes there. */
export const MAX_BYTES_BEFORE = 2 ** 26

export type CutMember = { readonly name: string; readonly bytes: Bytes }

/** Rejects with `NoMember`, or with the `FileError` in which the archive ends. Its body is closed then. */
export async function cutMember(bytes: Bytes, member: Member): Promise<CutMember> {
  try {
    if (!isTar(await bytes.peek(START_BYTES))) throw new NoMember()
    const archive = (await import('tar-stream')).extract()
    const { name, size, entry } = await findEntry(archive, bytes.body, ENDINGS[member])
    const chunks = entry[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const start = await readStart(chunks)
    const body = Readable.from(join(start, chunks), { objectMode: false })
    body.once('close', () => archive.destroy())
    const headers = { 'content-length': String(size), 'accept-ranges': 'none' }
    return { name, bytes: { status: 200, headers, body, peek: async (count) => start.subarray(0, count) } }
  } catch (error) {
    const failure = await toMemberError(error, bytes)
    bytes.body.destroy()
    throw failure
  }
}

function isTar(start: Buffer): boolean {
  return start.length === START_BYTES && start.toString('latin1', 257, 262) === 'ustar'
}

type Found = { readonly name: string; readonly size: number; readonly entry: ExtractEvents['entry'][1] }

/** Feeds the archive with the body, until the member has come, and on until its reader closes the archive. */
function findEntry(archive: Extract, body: Readable, ending: RegExp): Promise<Found> {
  const bounds = createBounds()
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      if (!bounds.take(chunk.length)) done(new NoMember())
      else if (archive.write(chunk)) done()
      else archive.once('drain', done)
    },
    final: (done) => {
      archive.end(null)
      done()
    },
    destroy: (error, done) => {
      if (error) archive.destroy(error)
      done(null)
    },
  })
  return new Promise((resolve, reject) => {
    archive.on('entry', ({ name, size, type }, entry, next) => {
      bounds.enter()
      entry.on('error', () => {}) // its reader gets it from the iterator
      if (type === 'file' && ending.test(name) && !isShadow(name)) {
        bounds.end()
        return resolve({ name, size, entry })
      }
      entry.once('end', () => {
        bounds.leave()
        next()
      })
      entry.resume()
    })
    archive.once('finish', () => reject(new NoMember()))
    archive.on('error', reject)
    archive.once('close', () => {
      sink.destroy()
      reject(new NoMember())
    })
    pipeline(body, sink, () => {})
  })
}

/** How much may come before the member, and of what. */
function createBounds() {
  let before = 0
  let head = 0
  let isWithin = false
  let isOver = false
  return {
    /** Whether so much more is still within them. */
    take: (bytes: number): boolean => {
      before += bytes
      if (!isWithin) head += bytes
      return isOver || (before <= MAX_BYTES_BEFORE && head <= MAX_HEAD_BYTES)
    },
    enter: () => {
      isWithin = true
    },
    leave: () => {
      isWithin = false
      head = 0
    },
    end: () => {
      isOver = true
    },
  }
}

/** What macOS adds to an archive beside each file, under the same ending. */
function isShadow(name: string): boolean {
  return /(?:^|\/)\._[^/]*$/.test(name)
}

async function readStart(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  const start: Buffer[] = []
  for (let bytes = 0; bytes < START_BYTES; bytes += start.at(-1)?.length ?? 0) {
    const { value, done } = await chunks.next()
    if (done) break
    start.push(value)
  }
  return Buffer.concat(start)
}

async function* join(start: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start
  yield* { [Symbol.asyncIterator]: () => chunks }
}

/** What an archive failed in: its body's own failure, or that it is none. */
function toMemberError(error: unknown, { body, peek }: Bytes): Promise<Error> | Error {
  if (error instanceof FileError) return error
  if (error instanceof NoMember || !body.errored) return new NoMember()
  return peek(1).then(
    () => new NoMember(),
    (known: unknown) => (known instanceof FileError ? known : new NoMember()),
  )
}
