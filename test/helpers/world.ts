// Files as a random operation finds them: in memory or not, missing, failing, odd; twice, so that two ways of running an
// operation can be told apart by nothing but what they do.
import { FileError } from '../../src/errors.js'
import type { File, FileAnswer, FileId, Files } from '../../src/file.js'
import type { Chance } from './random.js'
import { CALL_MICRO_USD, createFile } from './source.js'

const TEXTS = [
  'a.mp4',
  '视频.mp4',
  'say "hi"\\\n',
  '\ud83d\ude00',
  '\ud800 alone',
  '',
  'é\u0001',
  '</script>\u2028',
] as const
const LINKS = [
  "https://cdn.example/a%2Fb/it's.mp4?x=%7e&s=aB%2b==",
  'https://cdn.example/"quoted"',
  'no link',
  null,
]
const TIMES = [1_763_477_381_000, 0, 1_763_510_682_123, null, 253_402_300_800_000, Number.NaN]
const SIZES = [5_896_337, 2 ** 53 - 1, null, 2 ** 53]

export type World = Pick<Files, 'find' | 'peek'> & {
  /** What was answered from where, id by id. */
  readonly log: string[]
}

export type WorldClock = { nowMs: number }

/** What happens to a file when it is asked for. */
type Fate = {
  readonly file: Partial<File>
  readonly failure?: string
  readonly freshMs: number
  readonly slow: boolean
}

export function createFate(chance: Chance): Fate {
  const odd = chance.is(0.03)
  const first = <T>(values: readonly T[]) => (odd ? chance.pick(values) : (values[0] as T))
  return {
    file: {
      filename: chance.is(0.5) ? chance.pick(TEXTS) : 'a.mp4',
      bytes: first(SIZES),
      createdAtMs: chance.is(0.98) ? 1_700_000_000_000 + chance.below(1e11) : first(TIMES),
      purposeName: chance.pick([...Array(8).fill('video_generation'), 'new', null]),
      downloadUrl: first(LINKS),
      downloadUrlExpiresAtMs: first(TIMES),
      backupDownloadUrl: chance.is(0.5) ? null : first(LINKS),
    },
    ...(chance.is(0.03) ? { failure: chance.pick(['FILE_NOT_FOUND', 'UPSTREAM_TIMEOUT', 'a bug']) } : {}),
    freshMs: chance.pick([
      600_000,
      600_000,
      600_000,
      600_000,
      600_000,
      600_000,
      900_000,
      5000,
      1500,
      900,
      0,
      -1,
      Number.NaN,
    ]),
    slow: chance.is(0.1),
  }
}

export function createWorld(fates: ReadonlyMap<string, Fate>, clock: WorldClock) {
  const memory = new Map<FileId, FileAnswer>()
  const log: string[] = []
  const fresh = (id: FileId) => {
    const answer = memory.get(id)
    return answer && answer.freshUntilMs > clock.nowMs ? answer : undefined
  }
  const world: World & { readonly forget: (id: string) => void } = {
    log,
    peek: (id) => {
      const answer = fresh(id)
      if (answer) log.push(`${id} from memory`)
      return answer && { ...answer }
    },
    find: async (id, { meter }) => {
      const kept = fresh(id)
      if (kept) {
        log.push(`${id} from memory`)
        return { ...kept }
      }
      log.push(`${id} from upstream`)
      meter.sent(CALL_MICRO_USD)
      const { file, failure, freshMs, slow } = fates.get(id) ?? { file: {}, freshMs: 0, slow: false }
      await (slow ? new Promise((resolve) => setImmediate(resolve)) : undefined)
      if (failure === 'a bug') throw new TypeError('a bug')
      if (failure !== undefined) throw new FileError(failure as 'FILE_NOT_FOUND', { retryAfterSeconds: 7 })
      const answer = { file: createFile(id, file), freshUntilMs: clock.nowMs + freshMs }
      if (freshMs > 0) memory.set(id, answer)
      return answer
    },
    forget: (id) => void memory.delete(id as FileId),
  }
  return world
}
