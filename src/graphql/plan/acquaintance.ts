// Guesses whether a text was seen recently, at almost no cost. Storing a text that never comes again would cost more than it saves,
// and would push out texts that do.

/** Slots of four bytes each: many more than there are texts worth remembering. */
const SLOTS = 2 ** 16

export class Acquaintance {
  readonly #slots = new Int32Array(SLOTS)

  /** May be wrong about a new text, and about one that was followed by many others. */
  hasMet(text: string): boolean {
    const hash = toHash(text)
    const slot = hash & (SLOTS - 1)
    const isKnown = this.#slots[slot] === hash
    this.#slots[slot] = hash
    return isKnown
  }
}

/** FNV-1a over code units; never 0, which stands in empty slots. */
function toHash(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 16)) | 0 || 1
}
