// The source of truth: calls the upstream each time. Knows what answers mean and what to retry. Knows nothing of sockets, caches
// or GraphQL.
import type { DeleteSource, FileSource, ListSource } from '../file.js'
import type { CreateSource, TaskSource } from '../task.js'
import type { Wire, WireResponse } from '../wire/wire.js'
import { type AskDependencies, createAsk } from './ask.js'
import { createCreate } from './create.js'
import { createDelete } from './delete.js'
import { allowsHttp } from './link.js'
import { createList } from './list.js'
import { createTargets, type Dialect } from './request.js'
import { createRetrieve } from './retrieve.js'
import { createTaskSource } from './tasks.js'

export type ClientDependencies = AskDependencies & { readonly wire: Wire }

export type ClientOptions = {
  readonly dialect: Dialect
  readonly baseUrl: URL
}

/** Each rejects with `FileError` only. */
export type Client = {
  readonly retrieve: FileSource
  readonly list: ListSource
  readonly delete: DeleteSource
  readonly create: CreateSource
  readonly query: TaskSource
}

export function createClient(
  { wire, ...dependencies }: ClientDependencies,
  { dialect, baseUrl }: ClientOptions,
): Client {
  const { clock, notice } = dependencies
  const ask = createAsk<WireResponse, unknown>(dependencies, ({ target, body, maxBytes }, call) =>
    body === undefined ? wire.get(target, call, maxBytes) : wire.post(target, body, call),
  )
  const targets = createTargets(dialect, baseUrl)
  const reading = { allowHttp: allowsHttp(baseUrl), nowMs: clock.nowMs, notice }
  return {
    retrieve: createRetrieve(ask, targets.retrieve, reading),
    list: createList(ask, targets.list, reading),
    delete: createDelete(ask, targets.delete, reading),
    create: createCreate(ask, targets.create, reading),
    query: createTaskSource(ask, targets.query, reading),
  }
}
