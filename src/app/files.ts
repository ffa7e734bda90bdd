// What is known of files and tasks: asked for once, kept as long as it is good, forgotten when it is deleted.
import { createCache } from '../cache/cache.js'
import { createDeletion } from '../cache/deletion.js'
import { createListing, type Listing } from '../cache/listing.js'
import { createUploaded, type Uploaded } from '../cache/uploaded.js'
import { createOpening } from '../client/opening.js'
import { after, clock } from '../clock.js'
import type { Config } from '../config/config.js'
import { type Content, createContent } from '../content.js'
import type { FileId, Files } from '../file.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Tracing } from '../spans.js'
import type { Creations } from '../task.js'
import { type CreationDependencies, createCreations } from '../tasks/creation.js'
import { createKeys } from '../tasks/keys.js'
import { createPrices } from '../tasks/prices.js'
import { createTasks, type FollowedTasks } from '../tasks/tasks.js'
import { createUploads, type UploadSource } from '../upload.js'
import type { Sharing } from './sharing.js'
import type { Upstream } from './upstream.js'

export type Knowledge = {
  readonly files: Files
  readonly content: Content
  readonly uploads: UploadSource
  readonly tasks: FollowedTasks
  readonly creations: Creations
}

type Sources = {
  readonly upstream: Upstream
  readonly sharing: Sharing
  readonly tracing: Tracing
  readonly count: Metrics['countLookup']
}

export function createKnowledge(config: Config, { upstream, sharing, tracing, count }: Sources): Knowledge {
  const { guard, links } = upstream
  const { tombstones, once, share } = sharing
  const { monotonicMs, nowMs } = clock
  const timeoutMs = config.upstreamTimeoutMs
  const cache = createCache(
    guard.retrieve,
    { clock, count, share, tombstones },
    { ...config.cache, timeoutMs },
  )
  const listing = createListing(
    guard.list,
    { monotonicMs, tombstones },
    { keepMs: config.keepListMs, timeoutMs },
  )
  const uploaded = createUploaded({ monotonicMs, tombstones }, { keepMs: config.cache.ttlMs })
  const recall = (id: FileId) => cache.recall(id) ?? uploaded.get(id) ?? listing.recall(id)
  const files = tracing.files({
    ...cache,
    unlinked: (id) => (cache.recall(id) ? undefined : uploaded.get(id)),
    list: listing.list,
    delete: createDeletion(
      guard.delete,
      { monotonicMs, tombstones, recall, find: cache.find },
      { timeoutMs },
    ),
  })
  const opening = createOpening(guard.content, clock, { timeoutMs })
  return {
    files,
    content: createContent({ files, links, upstream: opening, nowMs }),
    uploads: createUploads({
      source: upstream.upload,
      ...toShelf(listing, uploaded),
      claim: once.take,
      nowMs,
    }),
    ...createPipelines(config, files, {
      upstream,
      sharing,
      findFile: async (id, call) => recall(id) ?? (await files.find(id, call)).file,
    }),
  }
}

/** Where uploads are looked for, and noted. */
function toShelf(
  listing: Listing,
  uploaded: Uploaded,
): Pick<Parameters<typeof createUploads>[0], 'list' | 'learn'> {
  return {
    list: (purposeName, call) => {
      listing.forget(purposeName)
      return listing.list(purposeName, call)
    },
    learn: (file) => {
      uploaded.add(file)
      listing.add(file)
    },
  }
}

type PipelineSources = Pick<Sources, 'upstream' | 'sharing'> & Pick<CreationDependencies, 'findFile'>

function createPipelines(
  config: Config,
  files: Files,
  { upstream: { guard }, sharing: { turns, queue, keys }, findFile }: PipelineSources,
): Pick<Knowledge, 'tasks' | 'creations'> {
  const timeoutMs = config.upstreamTimeoutMs
  const { monotonicMs } = clock
  const tasks = createTasks(
    guard.query,
    { awaitFile: files.await, clock, after, turns, queue },
    { pollMs: config.taskPollMs, timeoutMs },
  )
  const creations = createCreations(
    guard.create,
    {
      monotonicMs,
      prices: createPrices(config.prices),
      keys: createKeys(monotonicMs, keys),
      tasks,
      findFile,
    },
    { timeoutMs },
  )
  return { tasks, creations }
}
