// What one operation carries: who asks, its loader, and what it has cost so far.
import { FileError } from '../errors.js'
import type { FileSource, Meter } from '../file.js'
import { createLoader, type Loader } from '../loader.js'
import { createReuse, type Reuse } from './reuse.js'

/** What the HTTP side knows of a request. */
export type Caller = {
  readonly requestId: string
  /** Aborts when the client is gone or the server must stop. */
  readonly signal: AbortSignal
  /** Takes note of a fault of ours that the client sees masked. */
  readonly report: (fault: unknown) => void
}

export type Context = Caller & {
  readonly files: Loader
  readonly meter: Meter & { readonly calls: number }
  readonly reuse: Reuse
  readonly trail: Trail
  /** In which the response goes. */
  mediaType: string
  /** Counts look-ups asked for, valid or not, and throws for more than any honest operation needs. */
  readonly admit: (lookups: number) => void
}

/** What the operation has done so far, for its log line. */
export type Trail = {
  /** The client's name for it. */
  operation: string | null
  type: 'query' | 'mutation' | 'subscription' | null
  /** Files looked up, each counted once. */
  lookups: number
  /** Of every failure, under `errors` or as data. */
  readonly codes: Set<string>
}

export type ContextOptions = {
  /** How many distinct files one operation may ask for. */
  readonly maxLookups: number
}

/** Look-ups asked for, repeated and malformed ones included, may be so many times the distinct ones. */
const ASKED_PER_LOOKUP = 10

export function createContext(files: FileSource, caller: Caller, { maxLookups }: ContextOptions): Context {
  const meter = createMeter()
  const trail: Trail = { operation: null, type: null, lookups: 0, codes: new Set() }
  const counted: FileSource = (id, call) => {
    trail.lookups++
    return files(id, call)
  }
  let asked = 0
  return {
    ...caller,
    meter,
    reuse: createReuse(),
    trail,
    mediaType: 'application/json',
    files: createLoader(counted, { signal: caller.signal, meter }, { maxLookups }),
    admit: (lookups) => {
      asked += lookups
      if (asked > maxLookups * ASKED_PER_LOOKUP) throw new FileError('TOO_MANY_LOOKUPS')
    },
  }
}

function createMeter(): Context['meter'] {
  let calls = 0
  return {
    sent: () => {
      calls++
    },
    get calls() {
      return calls
    },
  }
}
