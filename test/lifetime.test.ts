import { describe, expect, it } from 'vitest'
import { withLifetime } from '../src/cache/lifetime.js'
import { FileError } from '../src/errors.js'
import type { File } from '../src/file.js'
import { createFakeClock, createFakeSource, createLookup, toId } from './helpers/source.js'

const clock = createFakeClock()
const now = clock.nowMs()
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const defaults = { ttlMs: 15 * MINUTE, notFoundMs: 10_000, linkMinValidityMs: 10 * MINUTE }

const link = 'https://cdn.example/a.mp4'
const signed = (leftMs: number): Partial<File> => ({
  downloadUrl: link,
  downloadUrlExpiresAtMs: now + leftMs,
})
const backup = (leftMs: number | null): Partial<File> => ({
  backupDownloadUrl: link,
  backupDownloadUrlExpiresAtMs: leftMs === null ? null : now + leftMs,
})

/** For how long the answer is fresh and stale, from now. */
async function measure(answer: Partial<File> | FileError, lifetimes = defaults) {
  const { source } = createFakeSource(() => answer)
  const outcome = await withLifetime(source, clock, lifetimes)(toId('1'), createLookup())
  return [outcome.freshUntilMs - now, outcome.staleUntilMs - now]
}

describe('the lifetime of an answer', () => {
  it.each<[string, Partial<File>, fresh: number, stale: number]>([
    ['of a file without a link is the longest there is', {}, 15 * MINUTE, DAY + 15 * MINUTE],
    [
      'of a link for nine hours is the longest for a file',
      signed(9 * HOUR),
      15 * MINUTE,
      9 * HOUR - 10 * MINUTE,
    ],
    ['of a link for 20 minutes ends ten minutes before it', signed(20 * MINUTE), 10 * MINUTE, 10 * MINUTE],
    ['of a link for 20 seconds has ended', signed(20_000), 20_000 - 10 * MINUTE, 20_000 - 10 * MINUTE],
    ['of a link that shows no end counts on an hour', { downloadUrl: link }, 15 * MINUTE, 50 * MINUTE],
    [
      'ends with the backup link where that dies first',
      { ...signed(9 * HOUR), ...backup(12 * MINUTE) },
      2 * MINUTE,
      2 * MINUTE,
    ],
    [
      'counts on an hour for a backup link without an end',
      { ...signed(9 * HOUR), ...backup(null) },
      15 * MINUTE,
      50 * MINUTE,
    ],
  ])('%s', async (_, answer, fresh, stale) => {
    expect(await measure(answer)).toEqual([fresh, stale])
  })

  it('keeps "no such file" for its own time, and never beyond', async () => {
    expect(await measure(new FileError('FILE_NOT_FOUND'))).toEqual([10_000, 10_000])
  })

  it('is nothing where reuse is off', async () => {
    const off = { ...defaults, ttlMs: 0 }
    for (const answer of [{}, signed(9 * HOUR), new FileError('FILE_NOT_FOUND')]) {
      expect(await measure(answer, off)).toEqual([0, 0])
    }
  })

  it('is for answers only: other failures pass', async () => {
    await expect(measure(new FileError('UPSTREAM_TIMEOUT'))).rejects.toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
    })
  })
})
