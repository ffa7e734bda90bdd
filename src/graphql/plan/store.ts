// A store whose keys strangers choose: bounded in number and in bytes.

type Entry<Value> = { readonly value: Value; readonly bytes: number }

export type StoreOptions = { readonly maxEntries: number; readonly maxBytes: number }

/**
 * Two generations, each of half the size. An entry that is used moves to the young one. When that is full it becomes the old one,
 * and the previous old one is dropped with all that was not used meanwhile. This is an LRU at the price of a map look-up.
 */
export class Store<Value> {
  readonly #maxEntries: number
  readonly #maxBytes: number
  #young = new Map<string, Entry<Value>>()
  #old = new Map<string, Entry<Value>>()
  #youngBytes = 0

  constructor({ maxEntries, maxBytes }: StoreOptions) {
    this.#maxEntries = maxEntries / 2
    this.#maxBytes = maxBytes / 2
  }

  get(key: string): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young.value
    const old = this.#old.get(key)
    if (old === undefined) return undefined
    this.#add(key, old) // where it stays in the old one as well, it takes no more for that
    return old.value
  }

  /** `bytes` is what key and value really take. An entry larger than half of the store is not kept. */
  set(key: string, value: Value, bytes: number): void {
    this.delete(key)
    if (bytes <= this.#maxBytes) this.#add(key, { value, bytes })
  }

  delete(key: string): void {
    this.#youngBytes -= this.#young.get(key)?.bytes ?? 0
    this.#young.delete(key)
    this.#old.delete(key)
  }

  #add(key: string, entry: Entry<Value>): void {
    if (this.#young.size >= this.#maxEntries || this.#youngBytes + entry.bytes > this.#maxBytes) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(key, entry)
    this.#youngBytes += entry.bytes
  }
}

/** An object with a few fields and its place in a map. */
export const ENTRY_BYTES = 256

/** As V8 stores it: two bytes a character where not all of them are Latin-1. */
export function toTextBytes(text: string): number {
  return /[^\0-\xff]/.test(text) ? 2 * text.length : text.length
}
