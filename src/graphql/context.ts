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
  /** Counts look-ups asked for, valid or not, and throws for more than any honest operation needs. */
  readonly admit: (lookups: number) => void
}

export type ContextOptions = {
  /** How many distinct files one operation may ask for. */
  readonly maxLookups: number
}

/** Look-ups asked for, repeated and malformed ones included, may be so many times the distinct ones. */
const ASKED_PER_LOOKUP = 10

export function createContext(files: FileSource, caller: Caller, { maxLookups }: ContextOptions): Context {
  const meter = createMeter()
  let asked = 0
  return {
    ...caller,
    meter,
    reuse: createReuse(),
    files: createLoader(files, { signal: caller.signal, meter }, { maxLookups }),
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
