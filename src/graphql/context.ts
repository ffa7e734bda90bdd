// What one operation carries: who asks, its loader, and what it has cost so far.
import { GraphQLError } from 'graphql'
import { FileError } from '../errors.js'
import type { Asker, Call, FileId, Files, ListedFile, Meter } from '../file.js'
import { createLoader, type Loader, type Outcomes } from '../loader.js'
import type { Upload } from '../upload.js'
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
  readonly unlinked: Files['unlinked']
  readonly delete: (id: FileId, purposeName: string | undefined) => Promise<Pick<ListedFile, 'bytes'>>
  /** Takes note of a change, well or not. */
  readonly audit: (change: Change) => void
  readonly meter: CallMeter
  readonly reuse: Reuse
  /** A link to a file's bytes, by which the response may not be reused for longer than the link. */
  readonly toContentUrl: (id: FileId) => string | null
  readonly uploading: Uploading
  readonly trail: Trail
  /** In which the response goes. */
  mediaType: string
  /**
   * Counts look-ups asked for, valid or not, and what each takes to answer; throws for more than any honest operation
   * needs, and then none of the operation's look-ups is made. Gives back what waits, once all of it is looked up, until it may be answered.
   */
  readonly admit: (lookups: number, weight: number) => Turn
  /** The response is made: no look-up begins any more. */
  readonly end: () => void
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

/** Links to this server's own bytes of files. */
type ContentLinks = {
  /** A new one; `null` where it is not known under which address clients reach it. */
  toUrl(id: FileId): string | null
  /** For how long one may be handed out again. */
  readonly reuseMs: number
}

/** Uploads, which go past GraphQL. */
type Uploading = {
  /** The most that is taken, whatever for. */
  readonly maxBytes: number
  /** Where to send one to, and until when; `null` where it is not known under which address clients reach this server. */
  toTicket(announced: {
    readonly upload: Upload
    readonly sha256: string | undefined
    /** Who asked for it. */
    readonly name: string | null
  }): { readonly url: string; readonly untilMs: number } | null
}

export type ContextOptions = {
  readonly contentLinks: ContentLinks
  readonly uploading: Uploading
  /** Unix time in milliseconds. */
  readonly nowMs: () => number
  /** How many distinct files one operation may ask for. */
  readonly maxLookups: number
  /** Writes a line on each change, whoever asked for it. */
  readonly audit: (change: Change & Pick<Caller, 'requestId' | 'name'>) => void
}

/** Of an operation's name in the log. It is a GraphQL name, so it can not break a line, but it may be long. */
export const MAX_NAME_LENGTH = 64

/** Look-ups asked for, repeated and malformed ones included, may be so many times the distinct ones. */
export const ASKED_PER_LOOKUP = 10
/** A whole file weighs about 20, as often as it may be asked for. */
export const WEIGHT_PER_LOOKUP = 200

/** What was done for an operation before it went the whole way: nothing of it is done twice. */
export type Begun = { readonly meter: CallMeter; readonly outcomes: Outcomes }

type Options = ContextOptions & { readonly takeTurn: TakeTurn }

export function createContext(
  files: Files,
  caller: Caller,
  { maxLookups, audit, contentLinks, uploading, nowMs, takeTurn }: Options,
  { meter, outcomes }: Begun = { meter: new CallMeter(), outcomes: new Map() },
): Context {
  const call = toCall(caller, meter)
  const reuse = createReuse()
  const trail: Trail = { operation: null, type: null, lookups: outcomes.size, codes: new Set() }
  let isOver = false
  const find: Files['find'] = async (id, call) => {
    // What its fields have asked for already, or ask for late, will not be in the response.
    if (isOver) throw new FileError('TOO_MANY_LOOKUPS')
    trail.lookups++
    return files.find(id, call)
  }
  const refuse = (error: Error): never => {
    isOver = true
    throw error
  }
  let asked = 0
  let weighed = 0
  return {
    requestId: caller.requestId,
    asker: caller.asker,
    report: (fault) => caller.report(fault),
    mayWrite: caller.mayWrite,
    name: caller.name,
    meter,
    reuse,
    toContentUrl: (id) => {
      reuse.served(nowMs() + contentLinks.reuseMs)
      return contentLinks.toUrl(id)
    },
    uploading,
    trail,
    mediaType: 'application/json',
    files: createLoader(find, call, { maxLookups, known: outcomes }),
    unlinked: files.unlinked,
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
    end: () => {
      isOver = true
    },
  }
}

function toTooMuch(most: number): GraphQLError {
  const message = `Ask for fewer files or fields at a time: the files of an operation's lists, times the fields of each, may be ${most}. A link counts as five.`
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

/** What all look-ups of an operation bring along. */
export function toCall({ asker }: Caller, meter: Meter): Call {
  return { asker, meter }
}

export class CallMeter implements Meter {
  calls = 0

  sent(): void {
    this.calls++
  }
}
