// What one operation carries: its caller, its loader, and its cost so far.
import { type ExecutionResult, GraphQLError } from 'graphql'
import { FileError } from '../errors.js'
import type { Asker, Call, FileId, Files, ListedFile, Meter } from '../file.js'
import { createLoader, type Loader, type Outcomes } from '../loader.js'
import type { Creations, Order, Task, TaskId, TaskKind, Tasks } from '../task.js'
import type { Upload } from '../upload.js'
import { createReuse, type Reuse } from './reuse.js'
import type { TakeTurn, Turn } from './turn.js'

/** What the HTTP side knows of a request. */
export type Caller = {
  readonly requestId: string
  /** Leaves when the client has disconnected or the server stops. */
  readonly asker: Asker
  /** Whether the caller may write. */
  readonly mayWrite: boolean
  /** The caller's name for the log, if a token gives one. */
  readonly name: string | null
  /** Logs a fault of ours, which the client sees masked. */
  readonly report: (fault: unknown) => void
}

export type Context = Caller & {
  readonly files: Loader
  /** `Files.list` and `Files.delete` on behalf of this operation. */
  readonly list: (purposeName: string | undefined) => Promise<readonly ListedFile[]>
  readonly unlinked: Files['unlinked']
  readonly delete: (id: FileId, purposeName: string | undefined) => Promise<Pick<ListedFile, 'bytes'>>
  /** `Creations.create` on behalf of this operation. */
  readonly create: (order: Order, key: string | null) => Promise<Task>
  /** Each present state of a task, on behalf of this operation. */
  readonly follow: (kind: TaskKind, id: TaskId) => AsyncIterableIterator<Task>
  /** Logs a write, successful or not. */
  readonly audit: (change: Change) => void
  readonly meter: CallMeter
  readonly reuse: Reuse
  /** Creates a `contentUrl`. It also limits how long the response may be cached. */
  readonly toContentUrl: (id: FileId) => string | null
  readonly uploading: Uploading
  readonly trail: Trail
  /** The media type of the response; a stream of events has its own. */
  mediaType: string
  readonly delivery: Delivery
  /** Unix time in milliseconds. */
  readonly nowMs: () => number
  /**
   * Call it before the look-ups of a field, with their number (invalid ids included) and the weight of each, which is about the
   * number of selected fields. It adds them up over the operation. If the sum exceeds the limits, it throws, and the operation
   * makes no look-up at all. Otherwise it returns a function to await once the files are there, before they are written: heavy
   * answers take turns.
   */
  readonly charge: (lookups: number, weight: number) => Turn
  /** The response is complete: no further look-up begins. */
  readonly end: () => void
}

/** A write, successful or not. */
type Change = {
  readonly what: 'delete' | 'create video' | 'create speech'
  /** `null` if nothing was made, or nobody knows what. */
  readonly id: FileId | TaskId | null
  /** Of a file. */
  readonly bytes?: number | null
  /** What it cost. */
  readonly microUsd: number
  /** `OK`, or the code of the failure. */
  readonly code: string
}

/** What the log line of the operation shows. */
export type Trail = {
  /** The operation's name. */
  operation: string | null
  type: 'query' | 'mutation' | 'subscription' | null
  /** The number of distinct files and tasks looked up. */
  lookups: number
  /** The codes of all failures, in `errors` or as data. */
  readonly codes: Set<string>
}

/** The forms of response that the client accepts. */
type Delivery = {
  /** One JSON text. */
  takesJson: boolean
  /** A stream of events. */
  takesEvents: boolean
  /** Takes one of the places for streams, if one is free. */
  readonly takeStream: () => boolean
  /** The results of a subscription, once it has begun. */
  results: AsyncIterator<ExecutionResult> | ExecutionResult | undefined
}

/** What an operation did, for logs and traces: nothing of its text, its variables or its answers. */
export type Summary = Readonly<Omit<Trail, 'codes'>> & {
  readonly calls: number
  readonly usd: number
  readonly codes: readonly string[]
  /**
   * How it was run: by Apollo Server, from its plan, or not at all, since its answer was known. Or that it is a stream of
   * events, or a download.
   */
  readonly way: 'apollo' | 'plan' | 'remembered' | 'events' | 'download' | 'upload'
  /** The id of its trace. */
  readonly traceId?: string
}

/** Creates `contentUrl`s. */
type ContentLinks = {
  /** `null` if the public address of the server is not known. */
  toUrl(id: FileId): string | null
  /** How long a response with one may be reused. */
  readonly reuseMs: number
}

/** Upload tickets. The uploads themselves do not pass through GraphQL. */
type Uploading = {
  /** The largest file that is accepted, whatever its purpose. */
  readonly maxBytes: number
  /** The ticket's URL and when it expires, in Unix ms; `null` if the public address of the server is not known. */
  toTicket(announced: {
    readonly upload: Upload
    readonly sha256: string | undefined
    /** The caller's name, if a token gives one. */
    readonly name: string | null
  }): { readonly url: string; readonly untilMs: number } | null
}

export type ContextOptions = {
  readonly tasks: Pick<Tasks, 'find' | 'follow'>
  readonly creations: Creations
  readonly contentLinks: ContentLinks
  readonly uploading: Uploading
  /** Unix time in milliseconds. */
  readonly nowMs: () => number
  /** How many distinct files and tasks one operation may ask for. */
  readonly maxLookups: number
  /** Logs a write. */
  readonly audit: (change: Change & Pick<Caller, 'requestId' | 'name'>) => void
}

/** The longest operation name in the log. A GraphQL name contains no line break, but may be long. */
export const MAX_NAME_LENGTH = 64

/** How many look-ups an operation may ask for, repeated and invalid ids included, per distinct file that it may ask for. */
export const ASKED_PER_LOOKUP = 10
/** All fields of a file weigh about 20, and a file may be asked for `ASKED_PER_LOOKUP` times. */
export const WEIGHT_PER_LOOKUP = 200

/** The cost and the look-ups of an operation so far, when Apollo Server takes over from a plan. No look-up is made twice. */
export type Begun = { readonly meter: CallMeter; readonly outcomes: Outcomes }

type Options = ContextOptions & { readonly takeTurn: TakeTurn } & Pick<Delivery, 'takeStream'>

export function createContext(
  files: Files,
  caller: Caller,
  { tasks, creations, maxLookups, audit, contentLinks, uploading, nowMs, takeTurn, takeStream }: Options,
  { meter, outcomes }: Begun = { meter: new CallMeter(), outcomes: new Map() },
): Context {
  const call = toCall(caller, meter)
  const reuse = createReuse()
  const trail: Trail = { operation: null, type: null, lookups: outcomes.size, codes: new Set() }
  let isOver = false
  const find: Files['find'] = async (id, call) => {
    // The operation was refused or has been answered: nobody would see what a further look-up pays for.
    if (isOver) throw new FileError('TOO_MANY_LOOKUPS')
    trail.lookups++
    return files.find(id, call)
  }
  const findTask: Tasks['find'] = async (kind, id, call) => {
    if (isOver) throw new FileError('TOO_MANY_LOOKUPS')
    trail.lookups++
    return tasks.find(kind, id, call)
  }
  const refuse = (error: Error): never => {
    isOver = true
    throw error
  }
  const auditOwn = (change: Change) => audit({ ...change, requestId: caller.requestId, name: caller.name })
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
    delivery: { takesJson: true, takesEvents: false, takeStream, results: undefined },
    nowMs,
    files: createLoader({ find, findTask }, call, { maxLookups, known: outcomes }),
    unlinked: files.unlinked,
    list: (purposeName) => files.list(purposeName, call),
    delete: (id, purposeName) => files.delete(id, purposeName, call),
    create: (order, key) =>
      creations.create(order, key, {
        ...call,
        name: caller.name,
        note: ({ kind, ...ending }) => auditOwn({ what: `create ${kind}`, ...ending }),
      }),
    follow: (kind, id) => {
      trail.lookups++
      return tasks.follow(kind, id, call)
    },
    audit: auditOwn,
    charge: (lookups, weight) => {
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
  const message = `The operation asks for too much: the number of files in its lists, times the fields of each, must not exceed ${most}. A link counts as five fields. Ask for fewer files or fields.`
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

/** What each look-up of an operation gets: who asks, and where its cost is counted. */
export function toCall({ asker }: Caller, meter: Meter): Call {
  return { asker, meter }
}

/** What an operation has cost so far. */
export type Spent = { readonly calls: number; readonly microUsd: number }

export class CallMeter implements Meter, Spent {
  calls = 0
  microUsd = 0

  sent(priceMicroUsd: number): void {
    this.calls++
    this.microUsd += priceMicroUsd
  }

  refunded(microUsd: number): void {
    this.microUsd -= microUsd
  }
}
