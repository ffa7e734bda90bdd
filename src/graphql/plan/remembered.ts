// Remembers whole answers by the request's text. An answer is valid as long as memory has exactly the files that it shows.
import type { FileAnswer, FileId } from '../../file.js'
import { Acquaintance } from './acquaintance.js'
import { toMark } from './json.js'
import type { Lookups } from './lookups.js'
import { ENTRY_BYTES, Store, toTextBytes } from './store.js'

const ANSWERS = { maxEntries: 100_000, maxBytes: 32 * 2 ** 20 }
/** An id, its mark, and their places in lists. */
const BYTES_PER_FILE = 80

export type Remembered = {
  readonly body: string
  /** The client's name for the operation. */
  readonly name: string | null
  /** Of its files, each once. */
  readonly ids: readonly FileId[]
  /** Of the same files. The files themselves would stay in memory with it, though the cache has dropped them. */
  readonly marks: readonly number[]
}

export class Memories {
  readonly #acquaintance = new Acquaintance()
  readonly #store = new Store<Remembered>(ANSWERS)

  get(text: string): Remembered | undefined {
    return this.#store.get(text)
  }

  /** Remembers the answer to a request that came before. */
  set(text: string, name: string | null, body: string, lookups: Lookups): void {
    if (!this.#acquaintance.hasMet(text)) return
    const { ids } = lookups
    const marks = ids.flatMap((_id, place) => {
      const file = lookups.answer(place)?.file
      return file ? [toMark(file)] : []
    })
    const bytes = ENTRY_BYTES + toTextBytes(text) + toTextBytes(body) + ids.length * BYTES_PER_FILE
    this.#store.set(text, { body, name, ids, marks }, bytes)
  }
}

/** Whether this is the very file that the answer shows at this place. */
export function shows({ marks }: Remembered, place: number, answer: FileAnswer | undefined): boolean {
  return answer !== undefined && toMark(answer.file) === marks[place]
}
