// Patience with Redis. In force it is given 50 ms to answer, which a machine that is busy elsewhere may well need, and
// then each process goes on alone, rightly. Whoever counts what processes do together gives it ten seconds.
import { afterEach, beforeEach, vi } from 'vitest'

/** For a connection that a test opens by itself. */
export const PATIENT = { deadlineMs: 10_000, connectTimeoutMs: 10_000 } as const

const SHORT_MS = 50
const FACTOR = 200

/** For Node, before the server's own code: the process's short timers last longer, and no others. */
export const patientNode = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`
    const start = globalThis.setTimeout
    globalThis.setTimeout = (work, ms, ...rest) => start(work, ms <= ${SHORT_MS} ? ms * ${FACTOR} : ms, ...rest)`)}`,
]

/** The same for servers within the tests' own process. */
export function bePatient(): void {
  beforeEach(() => {
    const start = globalThis.setTimeout as (work: () => void, ms?: number, ...rest: unknown[]) => unknown
    vi.stubGlobal('setTimeout', (work: () => void, ms = 0, ...rest: unknown[]) =>
      start(work, ms <= SHORT_MS ? ms * FACTOR : ms, ...rest),
    )
  })
  afterEach(() => void vi.unstubAllGlobals())
}
