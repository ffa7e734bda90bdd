// Patience with Redis. In force it is given 50 ms to answer, which a machine that is busy elsewhere may well need, and
// then each process goes on alone, rightly. Whoever counts what processes do together gives it ten seconds.
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest'

/** For a connection that a test opens by itself. */
export const PATIENT = { deadlineMs: 10_000, connectTimeoutMs: 10_000 } as const

/** What one timer of Redis's deadline takes: the deadline is 50 ms, in four parts. No other timer takes so long. */
const PART_MS = 50 / 4
const FACTOR = 200

/** For Node, before the server's own code: the deadlines of Redis last longer, and no other timers. */
export const patientNode = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    const start = globalThis.setTimeout
    globalThis.setTimeout = (work, ms, ...rest) => start(work, ms === ${PART_MS} ? ms * ${FACTOR} : ms, ...rest)`)}`,
]

/** The same for servers within the tests' own process. Fails where no deadline was set: then its length has changed. */
export function bePatient(): void {
  let deadlines = 0
  beforeEach(() => {
    const start = globalThis.setTimeout as (work: () => void, ms?: number, ...rest: unknown[]) => unknown
    vi.stubGlobal('setTimeout', (work: () => void, ms = 0, ...rest: unknown[]) => {
      if (ms === PART_MS) deadlines++
      return start(work, ms === PART_MS ? ms * FACTOR : ms, ...rest)
    })
  })
  afterEach(() => void vi.unstubAllGlobals())
  afterAll(() => expect(deadlines).toBeGreaterThan(0))
}
