// Several processes of the shared tier, played by several connections, in front of one source that counts its calls.
import { setTimeout as delay } from 'node:timers/promises'
import { toPrefix } from '../../src/cache/entry.js'
import type { Anew, Outcome, OutcomeSource } from '../../src/cache/outcome.js'
import type { Redis, RedisOptions } from '../../src/cache/redis.js'
import { createShared, type SharedOptions } from '../../src/cache/shared.js'
import { toTombstonesKey } from '../../src/cache/tombstones.js'
import { FileError } from '../../src/errors.js'
import type { Lookup } from '../../src/file.js'
import { PATIENT } from './patience.js'
import { openRedis } from './redis.js'
import { CALL_MICRO_USD, createFile, createLookup, toId } from './source.js'

export const ID = '437030092800001'
export const PREFIX = toPrefix('https://api.example/', 'a key')
const LINK = 'https://cdn.example/a.mp4'

type Answer = Partial<Outcome> | FileError

/** A source that answers in 50 ms, and not before its gate is open; what is fresh in it is so for a minute. */
export function createSource(answer: (id: string, lookup: Lookup) => Answer | Promise<Answer> = () => ({})) {
  const asked: string[] = []
  const gate: { open: Promise<unknown> } = { open: Promise.resolve() }
  const source: OutcomeSource = async (id, lookup) => {
    asked.push(id)
    lookup.meter.sent(CALL_MICRO_USD)
    await delay(50)
    await gate.open
    const outcome = await answer(id, lookup)
    if (outcome instanceof FileError) throw outcome
    return toOutcome(id, outcome)
  }
  return { asked, gate, source }
}

export function toOutcome(id: string, fields: Partial<Outcome> = {}): Outcome {
  return {
    answer: createFile(id, { filename: 'a.mp4', downloadUrl: LINK }),
    freshUntilMs: Date.now() + 60_000,
    staleUntilMs: Date.now() + 120_000,
    origin: 'upstream',
    ...fields,
  }
}

let instances = 0

/** One process, with a connection of its own. It is patient where time is not the point. */
export async function openInstance(
  url: string,
  source: OutcomeSource,
  options: Partial<SharedOptions> & RedisOptions = {},
) {
  const redis = openRedis(url, { restMs: 200, ...PATIENT, ...options })
  await redis.tried
  const lookers = new Set<() => void>()
  const run: Redis['run'] = async (...command) => {
    const answer = await redis.run(...command)
    for (const tell of lookers) tell()
    lookers.clear()
    return answer
  }
  /** Resolves when it has looked into the store next. */
  const looked = () => new Promise<void>((resolve) => lookers.add(resolve))
  return { ...createInstance({ ...redis, run }, source, options), redis, looked }
}

/** One process with whatever is taken for Redis. */
export function createInstance(redis: Redis, source: OutcomeSource, options: Partial<SharedOptions> = {}) {
  const clock = { nowMs: () => Date.now() + clock.aheadMs, monotonicMs: () => performance.now(), aheadMs: 0 }
  const dependencies = {
    redis,
    clock,
    owner: `owner-${++instances}`,
    isLink: (link: string) => link.startsWith('https:'),
  }
  const shared = createShared(source, dependencies, {
    prefix: PREFIX,
    leaseMs: 3000,
    tombstonesKey: toTombstonesKey(PREFIX),
    ...options,
  })

  /** How a look-up ended, how many requests it sent, and how long it took. */
  async function lookUp(id = ID, own: Lookup & { readonly sent: number } = createLookup(), anew?: Anew) {
    const startMs = performance.now()
    const ending = await shared(toId(id), own, anew).then(
      (outcome) => ({ outcome, error: undefined }),
      (error: FileError) => ({ outcome: undefined, error }),
    )
    const { answer, origin } = ending.outcome ?? {}
    const said = ending.error?.code ?? (answer instanceof FileError ? answer.code : answer?.filename)
    return { ...ending, said, origin, sent: own.sent, tookMs: performance.now() - startMs }
  }
  return { lookUp, clock }
}
