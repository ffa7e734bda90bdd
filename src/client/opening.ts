// One download on its way to the head of its answer: until then it is a look-up that one client waits for.
import type { BytesCall, BytesSource, ContentSource } from '../bytes.js'
import type { FileId, Lookup } from '../file.js'

export type OpeningDependencies = { readonly monotonicMs: () => number }

export function createOpening(
  source: ContentSource,
  { monotonicMs }: OpeningDependencies,
  { timeoutMs }: { readonly timeoutMs: number },
): BytesSource<FileId> {
  return async (id, call) => {
    const { asker } = call
    const lookup = createLookup(call, monotonicMs() + timeoutMs)
    const stop = () => lookup.stop?.()
    asker.onLeave(stop)
    try {
      return await source(id, call, lookup)
    } finally {
      asker.offLeave(stop)
    }
  }
}

/** `deadlineMs`: after that no other attempt is begun. The one that runs may take its time, unless it idles. */
function createLookup({ asker, meter }: BytesCall, deadlineMs: number): Lookup {
  return {
    requestId: asker.requestId,
    meter,
    deadlineMs,
    get isAbandoned() {
      return asker.hasLeft
    },
    isProbe: false,
    check: undefined,
    stop: undefined,
  }
}
