// A source of answers and a clock that a test holds in its hands.
import type { BytesCall } from '../../src/bytes.js'
import type { Content } from '../../src/content.js'
import { FileError } from '../../src/errors.js'
import type { Asker, File, FileId, FileSource, Files, Lookup, Meter } from '../../src/file.js'
import type { Creations, Tasks } from '../../src/task.js'

/** What a call costs in most tests. */
export const CALL_MICRO_USD = 4000

export const toId = (text: string) => text as FileId

export function createFile(id: string, fields: Partial<File> = {}): File {
  return {
    id: toId(id),
    filename: 'a.mp4',
    bytes: null,
    createdAtMs: null,
    purposeName: null,
    downloadUrl: null,
    downloadUrlExpiresAtMs: null,
    backupDownloadUrl: null,
    backupDownloadUrlExpiresAtMs: null,
    ...fields,
  }
}

/** Starts in September 2026. `pass` lets time go by on both clocks; `set` moves the wall clock alone. */
export function createFakeClock() {
  let wallMs = Date.UTC(2026, 8, 1)
  let monotonicMs = 5000
  return {
    nowMs: () => wallMs,
    monotonicMs: () => monotonicMs,
    pass: (ms: number) => {
      wallMs += ms
      monotonicMs += ms
    },
    set: (ms: number) => {
      wallMs += ms
    },
  }
}

type Answer = Partial<File> | FileError | Promise<Partial<File>>

/** Answers each look-up with what `next` says, and counts it as one request sent. */
export function createFakeSource(next: (id: string) => Answer = () => ({})) {
  const asked: string[] = []
  const source = async (id: FileId, { meter }: { readonly meter: Meter }) => {
    asked.push(id)
    meter.sent(CALL_MICRO_USD)
    const answer = await next(id)
    if (answer instanceof FileError) throw answer
    return createFile(id, answer)
  }
  return { asked, source: source satisfies FileSource }
}

/** Files that are asked for each time, with whatever else a test needs of them. */
export function toFiles(find: Files['find'], more: Partial<Files> = {}): Files {
  const fail = () => Promise.reject(new TypeError('It was not to be asked for.'))
  return {
    find,
    refresh: find,
    await: find,
    peek: () => undefined,
    recall: () => undefined,
    unlinked: () => undefined,
    list: fail,
    delete: fail,
    ...more,
  }
}

/** Where there are no tasks. */
export const noTasks: Pick<Tasks, 'find' | 'follow'> = {
  find: () => Promise.reject(new FileError('TASK_NOT_FOUND')),
  follow: () => {
    throw new TypeError('It was not to be followed.')
  },
}

/** Where none are created. */
export const noCreations: Creations = {
  create: () => Promise.reject(new TypeError('It was not to be created.')),
}

/** Where nobody knows how clients reach the server. */
export const noContentLinks = { toUrl: () => null, reuseMs: Number.POSITIVE_INFINITY }

/** Nor can anything be uploaded through GraphQL. */
export const noTicketsToUpload = { maxBytes: 1000, toTicket: () => null }

/** Nobody uploads anything. */
export const noUploading = {
  uploads: () => Promise.reject(new FileError('UPSTREAM_UNSUPPORTED')),
  uploadTickets: { read: () => undefined },
  useTicket: () => Promise.resolve(undefined),
  audit: () => {},
}

/** No ticket is good. */
export const noTickets = { read: () => undefined }

/** Nobody's bytes. */
export const noContent: Content = { open: () => Promise.reject(new FileError('FILE_NOT_FOUND')) }

/** Somebody who waits until the test has it leave. */
export function createAsker(hasLeft = false) {
  const callbacks = new Set<() => void>()
  const asker = {
    hasLeft,
    callbacks,
    onLeave: (callback: () => void) => void callbacks.add(callback),
    offLeave: (callback: () => void) => void callbacks.delete(callback),
    leave: () => {
      asker.hasLeft = true
      for (const callback of callbacks) callback()
    },
  }
  return asker
}

function createMeter() {
  const meter = {
    count: 0,
    microUsd: 0,
    sent: (priceMicroUsd: number) => {
      meter.count++
      meter.microUsd += priceMicroUsd
    },
    refunded: (microUsd: number) => {
      meter.microUsd -= microUsd
    },
  }
  return meter
}

/** What one operation brings along, and what it was made to send. */
export function createCall(asker: Asker = createAsker()) {
  const meter = createMeter()
  return {
    asker,
    meter,
    get sent() {
      return meter.count
    },
    /** What it cost. */
    get microUsd() {
      return meter.microUsd
    },
  }
}

/** What one download brings along. */
export function createBytesCall(fields: Partial<BytesCall> = {}) {
  const call = createCall()
  const signal = new AbortController().signal
  const { asker, meter } = call
  return Object.assign(call, { asker, meter, headers: {}, isHead: false, signal, ...fields })
}

/** A look-up on its way that somebody waits for, and what it was made to send. */
export function createLookup(fields: Partial<Lookup> = {}) {
  const meter = createMeter()
  return {
    requestId: undefined,
    meter,
    deadlineMs: Number.POSITIVE_INFINITY,
    isAbandoned: false,
    isProbe: false,
    check: undefined,
    stop: undefined,
    ...fields,
    get sent() {
      return meter.count
    },
    /** What it cost. */
    get microUsd() {
      return meter.microUsd
    },
  } satisfies Lookup
}
