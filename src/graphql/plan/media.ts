// The media type of a response, with a cache for the `Accept` headers that clients send all the time.
import { chooseMediaType } from '../media.js'

const MAX_LENGTH = 200
const MAX_ENTRIES = 100

/** `undefined` if no type is acceptable, or the header is too long to be cached: Apollo Server answers then. */
export function createMediaTypes(): (accept: string | undefined) => string | undefined {
  const known = new Map<string | undefined, string | undefined>()
  return (accept) => {
    if (known.has(accept)) return known.get(accept)
    if (accept !== undefined && accept.length > MAX_LENGTH) return undefined
    const chosen = choose(accept)
    if (known.size >= MAX_ENTRIES) known.clear()
    known.set(accept, chosen)
    return chosen
  }
}

function choose(accept: string | undefined): string | undefined {
  try {
    return chooseMediaType(accept)
  } catch {
    return undefined
  }
}
