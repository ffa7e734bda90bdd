// The source of truth: each operation of the upstream, asked each time. Knows what answers mean and how often to ask; knows
// nothing of sockets, caches or GraphQL.
import type { DeleteSource, FileSource, ListSource } from '../file.js'
import type { Wire, WireResponse } from '../wire/wire.js'
import { type AskDependencies, createAsk } from './ask.js'
import { createDelete } from './delete.js'
import { allowsHttp } from './link.js'
import { createList } from './list.js'
import { createTargets, type Dialect } from './request.js'
import { createRetrieve } from './retrieve.js'

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
  }
}
