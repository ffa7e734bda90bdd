// What one operation carries: who asks, its loader, and what it has cost so far.
import { GraphQLError } from 'graphql'
import { FileError } from '../errors.js'
import type { Asker, FileId, Files, ListedFile, Meter } from '../file.js'
import { createLoader, type Loader } from '../loader.js'
import { createReuse, type Reuse } from './reuse.js'
import type { TakeTurn, Turn } from './turn.js'

/** What the HTTP side knows of a request. */
export type Caller = {
  readonly requestId: string
  /** Leaves when the client is gone or the server must stop. */
  readonly asker: Asker
  /** Whether it may change anything. */
  readonly mayWrite: boolean
  /** Who asks, for the log, as far as a token tells. */
  readonly name: string | null
  /** Takes note of a fault of ours that the client sees masked. */
  readonly report: (fault: unknown) => void
}

export type Context = Caller & {
  readonly files: Loader
  /** The same as of `Files`, on behalf of this operation. */
  readonly list: (purposeName: string | undefined) => Promise<readonly ListedFile[]>
  readonly delete: (id: FileId, purposeName: string | undefined) => Promise<Pick<ListedFile, 'bytes'>>
  /** Takes note of a change, well or not. */
  readonly audit: (change: Change) => void
  readonly meter: Meter & { readonly calls: number }
  readonly reuse: Reuse
  readonly trail: Trail
  /** In which the response goes. */
  mediaType: string
  /**
   * Counts look-ups asked for, valid or not, and what each takes to answer; throws for more than any honest operation
   * needs, and then none of the operation's look-ups is made. Gives back what waits, once all of it is looked up, until it may be answered.
   */
  readonly admit: (lookups: number, weight: number) => Turn
}

/** Something that was changed upstream, or was to be. */
type Change = {
  readonly what: 'delete'
  readonly id: FileId
  readonly bytes: number | null
  /** Requests that were sent for it. */
  readonly calls: number
  /** `OK`, or the code of the failure. */
  readonly code: string
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
  /** Writes a line on each change, whoever asked for it. */
  readonly audit: (change: Change & Pick<Caller, 'requestId' | 'name'>) => void
}

/** Look-ups asked for, repeated and malformed ones included, may be so many times the distinct ones. */
const ASKED_PER_LOOKUP = 10
/** A whole file weighs about 20, as often as it may be asked for. */
export const WEIGHT_PER_LOOKUP = 200

export function createContext(
  files: Files,
  caller: Caller,
  { maxLookups, audit, takeTurn }: ContextOptions & { readonly takeTurn: TakeTurn },
): Context {
  const meter = createMeter()
  const call = { asker: caller.asker, meter }
  const trail: Trail = { operation: null, type: null, lookups: 0, codes: new Set() }
  let isRefused = false
  const find: Files['find'] = async (id, call) => {
    // Its other fields have asked already, though their answers will not be in the response.
    if (isRefused) throw new FileError('TOO_MANY_LOOKUPS')
    trail.lookups++
    return files.find(id, call)
  }
  const refuse = (error: Error): never => {
    isRefused = true
    throw error
  }
  let asked = 0
  let weighed = 0
  return {
    ...caller,
    meter,
    reuse: createReuse(),
    trail,
    mediaType: 'application/json',
    files: createLoader(find, call, { maxLookups }),
    list: (purposeName) => files.list(purposeName, call),
    delete: (id, purposeName) => files.delete(id, purposeName, call),
    audit: (change) => audit({ ...change, requestId: caller.requestId, name: caller.name }),
    admit: (lookups, weight) => {
      asked += lookups
      weighed += lookups * weight
      if (asked > maxLookups * ASKED_PER_LOOKUP) refuse(new FileError('TOO_MANY_LOOKUPS'))
      if (weighed > maxLookups * WEIGHT_PER_LOOKUP) refuse(toTooMuch(maxLookups * WEIGHT_PER_LOOKUP))
      return () => takeTurn(lookups * weight)
    },
  }
}

function toTooMuch(most: number): GraphQLError {
  const message = `Ask for fewer files or fields at a time: the files of an operation's lists, times the fields of each, may be ${most}. A link counts as five.`
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
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
