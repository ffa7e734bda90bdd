// In which media type a response goes, by what clients say over and over.
import { chooseMediaType } from '../media.js'

const MAX_LENGTH = 200
const MAX_ENTRIES = 100

/** `undefined` for a client that takes none of them, or says so at length. */
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
