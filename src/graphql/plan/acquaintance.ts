// Whether a text came before, lately and as far as one can tell at no cost: to keep what never comes again takes more
// than to make it, and pushes out what does come again.

/** Slots of four bytes; far fewer texts than that are worth remembering at a time. */
const SLOTS = 2 ** 16

export class Acquaintance {
  readonly #slots = new Int32Array(SLOTS)

  /** Sometimes wrong about a text that is new, and about one after which many others came. */
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
