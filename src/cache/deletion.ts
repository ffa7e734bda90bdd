// Deletes files: one deletion at a time per file, with its purpose if known. Afterwards no process serves the file.
import { FileError, type FileErrorCode } from '../errors.js'
import type { Call, DeleteSource, FileAnswer, FileId, Files, ListedFile, Lookup, Meter } from '../file.js'
import { createFlights, toLeft } from './flight.js'
import type { Tombstones } from './tombstones.js'

export type DeletionDependencies = {
  readonly monotonicMs: () => number
  readonly tombstones: Pick<Tombstones, 'has' | 'bury' | 'doubt'>
  /** What is known of a file without a call. */
  readonly recall: (id: FileId) => ListedFile | undefined
  /** Looks a file up, for its purpose. */
  readonly find: (id: FileId, call: Call) => Promise<FileAnswer>
}

/** Failures after which the file may or may not exist: the answer was lost, or there was nothing to delete. */
const DOUBTFUL: ReadonlySet<FileErrorCode> = new Set([
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_BAD_RESPONSE',
  'FILE_NOT_FOUND',
])

export function createDeletion(
  source: DeleteSource,
  { monotonicMs, tombstones, recall, find }: DeletionDependencies,
  { timeoutMs }: { readonly timeoutMs: number },
): Files['delete'] {
  /** The meters of deletions that were sent. */
  const sent = new WeakSet<Meter>()

  /** Continues after its asker has left, since a deletion must become known. */
  async function run(id: FileId, purposeName: string | undefined, lookup: Lookup): Promise<void> {
    try {
      await source(id, purposeName, lookup)
    } catch (error) {
      const isDoubtful = error instanceof FileError && DOUBTFUL.has(error.code) && sent.has(lookup.meter)
      if (isDoubtful) await tombstones.doubt(id)
      throw error
    }
    await tombstones.bury(id)
  }

  const flights = createFlights<void>((key, lookup) => {
    const [id, purposeName] = JSON.parse(key) as [FileId, string | null]
    return run(id, purposeName ?? undefined, lookup)
  })

  function send(id: FileId, purposeName: string | null, { asker, meter: counted }: Call): Promise<void> {
    const meter: Meter = {
      sent: (priceMicroUsd) => {
        sent.add(meter)
        counted.sent(priceMicroUsd)
      },
      refunded: (microUsd) => counted.refunded(microUsd),
    }
    const key = JSON.stringify([id, purposeName])
    return flights.join(key, asker, meter, monotonicMs() + timeoutMs).catch(toLeft)
  }

  return async (id, expected, call) => {
    if (tombstones.has(id)) throw new FileError('FILE_NOT_FOUND')
    const known = recall(id)
    const purposeName = known?.purposeName ?? null
    if (expected !== undefined && purposeName !== null) checkPurpose(purposeName, expected)
    const told = purposeName ?? expected ?? null
    try {
      await send(id, told, call)
      return { bytes: known?.bytes ?? null }
    } catch (error) {
      if (!isInvalid(error) || purposeName !== null) throw error
      // The upstream may require the purpose, or the expected one is wrong. Now a look-up is worth its price.
      const { file } = await find(id, call)
      if (expected !== undefined) checkPurpose(file.purposeName, expected)
      if (file.purposeName === null || file.purposeName === told) throw error
      await send(id, file.purposeName, call)
      return { bytes: file.bytes }
    }
  }
}

function checkPurpose(purposeName: string | null, expected: string): void {
  if (purposeName !== expected) throw new FileError('PURPOSE_MISMATCH')
}

function isInvalid(error: unknown): boolean {
  return error instanceof FileError && error.code === 'UPSTREAM_INVALID_REQUEST'
}
