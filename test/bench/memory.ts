// What a million files leave behind in a memory tier of 100,000 entries. Run with `node --expose-gc`.
import { createMemory } from '../../src/cache/memory.js'
import type { FileId } from '../../src/file.js'

const ENTRIES = 100_000
const LINK = `https://cdn.example/${'x'.repeat(380)}`

const clock = { nowMs: Date.now, monotonicMs: () => performance.now() }
const memory = createMemory(clock, { maxEntries: ENTRIES })
const untilMs = Date.now() + 900_000

function measureMiB(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

function fill(from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const id = String(335_560_000_000_000 + at) as FileId
    const file = {
      id,
      filename: 'output_aigc.mp4',
      bytes: null,
      createdAtMs: 1,
      purposeName: 'video_generation',
    }
    // Strings of its own for each entry, as they come out of a parser.
    const links = {
      downloadUrl: Buffer.from(`${LINK}${at}`).toString(),
      backupDownloadUrl: Buffer.from(`${LINK}b${at}`).toString(),
    }
    const answer = {
      ...file,
      ...links,
      downloadUrlExpiresAtMs: untilMs,
      backupDownloadUrlExpiresAtMs: untilMs,
    }
    memory.set(id, { answer, freshUntilMs: untilMs, staleUntilMs: untilMs, origin: 'upstream' })
  }
}

const emptyMiB = measureMiB()
fill(0, ENTRIES)
const fullMiB = measureMiB()
fill(ENTRIES, 10 * ENTRIES)
const endMiB = measureMiB()
memory.get('1' as FileId)
process.stdout.write(JSON.stringify({ emptyMiB, fullMiB, endMiB }))
